"""The file-level part of a repair on a large checkpoint against `cp`, with peak memory.

    python benchmarks/repair_io.py [--gigabytes 1] [--rounds 5] [--folder .]

Four figures, each the best of interleaved rounds: `cp`; `cp` and fsync; the surgery (read, copy, add the lost weights, extend the
optimizer state); and all of it with verification, fsync and rename, as `layerfix repair` publishes it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from big_files import drop, measured, timed, write_big

COMMON = """
import numpy as np
from pathlib import Path
from layerfix.blueprint import Blueprint, WeightSpec
from layerfix.containers.reader import read
from layerfix.disk.publish import publish
from layerfix.write.verify import verify_file
from layerfix.write.h5 import write_h5

def surgery(source, temp):
    checkpoint = read(source)
    specs = [WeightSpec(w.owner, w.name, w.owner, "kernel", w.shape, w.dtype, None, True, False) for w in checkpoint.weights]
    name = "denoising_layer_1"
    specs.append(WeightSpec(name, f"{name}/conv1d_2/kernel:0", name, "conv1d/kernel", (1, 64, 64), "float32", None, True, True))
    values = {specs[-1].key: np.ones((1, 64, 64), np.float32)}
    blueprint = Blueprint(tuple(specs), (), {})
    outcome = write_h5(checkpoint, temp, blueprint=blueprint, values=values, arguments={name: {"filter_type": "mean"}})
    assert outcome.status == "extended", outcome
    return checkpoint, values
"""
SURGERY = COMMON + "def run(source, output):\n    surgery(Path(source), Path(output))\n"
WHOLE = (
    COMMON
    + """
def run(source, output):
    with publish(output, inputs=[source]) as temp:
        checkpoint, values = surgery(Path(source), temp)
        assert verify_file(checkpoint, temp, values).ok
"""
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None, help="where to write (default: the temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        source, output = Path(name) / "old.h5", Path(name) / "new.h5"
        write_big(source, int(arguments.gigabytes * 1e9))
        figures: dict[str, list[float]] = {"cp": [], "cp + fsync": [], "surgery": [], "surgery + verify + fsync + rename": []}
        memory: dict[str, float] = {}
        for _ in range(arguments.rounds):
            drop(output)
            figures["cp"].append(timed(["cp", str(source), str(output)]))
            drop(output)
            figures["cp + fsync"].append(timed(["sh", "-c", 'cp "$1" "$2" && sync "$2"', "sh", str(source), str(output)]))
            for label, code in (("surgery", SURGERY), ("surgery + verify + fsync + rename", WHOLE)):
                drop(output)
                seconds, peak = measured(code, str(source), str(output))
                figures[label].append(seconds)
                memory[label] = max(peak, memory.get(label, 0))
        print(f"{source.stat().st_size / 1e9:.2f} GB, best of {arguments.rounds} rounds")
        base = {label: min(seconds) for label, seconds in figures.items()}
        for label, seconds in base.items():
            peak = f", peak {memory[label]:.0f} MB" if label in memory else ""
            print(f"{label:36} {seconds:6.2f} s = {seconds / base['cp']:.2f} x cp, {seconds / base['cp + fsync']:.2f} x cp + fsync{peak}")


if __name__ == "__main__":
    main()
