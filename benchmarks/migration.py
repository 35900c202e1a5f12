"""How legacy files fare: through layerfix, and in today's Keras as they are.

    python benchmarks/migration.py ZOO/k224 ZOO/k209 --sample 40
    python benchmarks/migration.py ZOO/k224 --ways tf_keras          # where tf_keras is installed

A folder holds NAME.h5 with NAME.npz (inputs x0, x1, ..., predictions p0, p1, ... of before the save), as tests/migrate/zoo/ makes them, and
NAME.json, the architecture, where NAME.h5 holds weights alone: those are shown to layerfix only, the others cannot take both.
layerfix is judged by the written file alone, loaded by plain Keras; the recorded predictions are not shown to it.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from layerfix.commands.migrate import migrate
from layerfix.commands.proof import difference, predict
from layerfix.errors import LayerfixError

RIGHT, CLOSE = 2e-5, 1e-5
"""Largest difference, relative to the output's scale, that counts as right; and that of "exactly right", counted beside it."""
WAYS = ("layerfix", "load_model", "compile=False")


def main() -> None:
    arguments = _arguments()
    gc.freeze()  # clear_session collects garbage: it need not go through all that was imported, once a file
    print(f"| folder | way | files | right | of them above {CLOSE:.0e} | refused, fails to load or run | predicts otherwise |")
    print("|---|---|---|---|---|---|---|")
    for folder in arguments.folders:
        files = sorted(path for path in folder.glob("*.h5") if path.with_suffix(".npz").exists())
        if arguments.sample:
            files = sorted(random.Random(2018).sample(files, min(arguments.sample, len(files))))
        _compare(folder.name, files, arguments.ways)


def _compare(title: str, files: Sequence[Path], ways: Sequence[str]) -> None:
    counts: dict[str, Counter[str]] = {way: Counter() for way in ways}
    remarks = []
    for file in files:
        for way in ways:
            if way != "layerfix" and file.with_suffix(".json").exists():
                continue
            keras.backend.clear_session()
            verdict, remark = _judged(file, way)
            counts[way][verdict] += 1
            if verdict == "wrong" or (way == "layerfix" and verdict != "right"):
                remarks.append(f"{title}/{file.name}: {way}: {verdict}: {remark}")
    for way, count in counts.items():
        right, close = count["right"] + count["close"], count["close"]
        print(f"| {title} | {way} | {count.total()} | {right} | {close} | {count['refused']} | {count['wrong']} |", flush=True)
    print("\n".join(remarks), flush=True)


def _judged(file: Path, way: str) -> tuple[str, str]:
    """("right", "close", "refused" or "wrong", why)."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            model = _opened(file, way, Path(folder))
        except LayerfixError as error:
            return "refused", str(error)
        except Exception as error:  # Keras raises anything here
            return "refused", f"{type(error).__name__}: {error}"[:200]
        return _predicts(model, np.load(file.with_suffix(".npz")), "wrong" if way == "layerfix" else "refused")


def _opened(file: Path, way: str, folder: Path) -> Any:
    openers: dict[str, Callable[[], Any]] = {
        "layerfix": lambda: keras.models.load_model(_migrated(file, folder)),
        "load_model": lambda: keras.models.load_model(file),
        "compile=False": lambda: keras.models.load_model(file, compile=False),
        "tf_keras": lambda: importlib.import_module("tf_keras").models.load_model(file, compile=False),
    }
    return openers[way]()


def _migrated(file: Path, folder: Path) -> Path:
    architecture = file.with_suffix(".json")
    return migrate(file, folder / "new.keras", architecture=architecture if architecture.exists() else None).output


def _predicts(model: Any, recorded: Any, broken: str) -> tuple[str, str]:
    inputs, expected = ([recorded[name] for name in sorted(recorded.files) if name[0] == kind and name[1:].isdigit()] for kind in "xp")
    try:
        gap = difference(predict(model, inputs), expected)
    except Exception as error:  # a model that loads but does not run
        return broken, f"{type(error).__name__}: {error}"[:200]
    return ("right" if gap < CLOSE else "close" if gap < RIGHT else "wrong"), f"differs by {gap:.1e}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--sample", type=int, help="take this many files of each folder, always the same")
    parser.add_argument("--ways", nargs="+", choices=(*WAYS, "tf_keras"), default=WAYS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
