"""What `layerfix.isolation.start` is while coverage is measured: it saves what a child ran before each of its answers.

A child is killed as soon as it has served, so that nothing is saved at its exit; and one that may not write is not measured.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).parents[1]


def measure() -> None:
    import coverage

    measured = coverage.Coverage(str(ROOT / ".coverage"), data_suffix=True, config_file=str(ROOT / "pyproject.toml"))
    measured.start()
    from layerfix.isolation import worker

    genuine, measurable = worker.send, os.getpid()

    def send(stream: BinaryIO, answer: Any) -> None:
        if os.getpid() == measurable:  # its fork may not write
            measured.save()
        genuine(stream, answer)

    worker.send = send


if __name__ == "__main__":
    sys.path += [place for place in json.loads(sys.argv.pop(1)) if place not in sys.path]
    if json.loads(sys.argv[1])["may_write"]:
        measure()
    from layerfix.isolation.worker import main

    main()
