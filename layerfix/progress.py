"""How long work tells that it moves: the library calls, the command line draws, and so does a notebook."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

Progress = Callable[[str, int, int], None]
"""(label, done, total): total 0 where it is unknown. Called often; must be cheap.

A label that ends in a full stop is news: a sentence that is told once, as a line of its own.
"""


def silent(label: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def is_news(label: str) -> bool:
    """Whether a label is a sentence to be told once."""
    return label.endswith(".")


def watched(progress: Progress) -> Progress:
    """What a command calls: `progress` itself, or in a Jupyter kernel, where none was given, a line below the cell.

    There, TensorFlow's start-up messages are asked to stay out of the cell as well, unless the user has set their level; what it
    prints before it reads that level (2.20 and later) still comes.
    """
    kernel = sys.modules.get("ipykernel.zmqshell")
    shell = kernel.ZMQInteractiveShell._instance if kernel is not None else None
    if shell is None:
        return progress
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return _Line() if progress is silent else progress


class _Line:
    """A display that is updated in place, at most once for each percent."""

    def __init__(self) -> None:
        self.handle: Any = None
        self.shown = ""

    def __call__(self, label: str, done: int, total: int) -> None:
        text = f"{label} {100 * done // total} %" if total else label
        if text == self.shown:
            return
        self.shown = text
        from IPython.display import display

        data = {"text/plain": text}
        if is_news(label):
            display(data, raw=True)
            return
        if self.handle is None:
            self.handle = display(data, raw=True, display_id=True)
        else:
            self.handle.update(data, raw=True)
