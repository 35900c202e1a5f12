"""How legacy files fare: through layerfix, and in today's Keras as they are.

    python benchmarks/migration.py ZOO/k224 ZOO/k209 --sample 40

A folder holds NAME.h5 with NAME.npz (inputs x0, x1, ..., predictions p0, p1, ... of before the save), as tests/migrate/zoo/ makes them.
layerfix is judged by the written file alone, loaded by plain Keras; the recorded predictions are not shown to it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from layerfix.errors import LayerfixError
from layerfix.migrate import migrate
from layerfix.migrate.proof import difference, predict

RIGHT = 2e-5
WAYS = ("layerfix", "load_model", "compile=False")


def main() -> None:
    arguments = _arguments()
    print("| folder | way | files | right | refused or fails to load | wrong |\n|---|---|---|---|---|---|")
    for folder in arguments.folders:
        files = sorted(path for path in folder.glob("*.h5") if path.with_suffix(".npz").exists())
        if arguments.sample:
            files = sorted(random.Random(2018).sample(files, min(arguments.sample, len(files))))
        _compare(folder.name, files, WAYS[:1] if arguments.only_layerfix else WAYS)


def _compare(title: str, files: Sequence[Path], ways: Sequence[str]) -> None:
    counts: dict[str, Counter[str]] = {way: Counter() for way in ways}
    remarks = []
    for file in files:
        for way in ways:
            keras.backend.clear_session()
            verdict, remark = _judged(file, way)
            counts[way][verdict] += 1
            if way == "layerfix" and verdict != "right":
                remarks.append(f"{file.name}: {verdict}: {remark}")
    for way, count in counts.items():
        print(f"| {title} | {way} | {len(files)} | {count['right']} | {count['refused']} | {count['wrong']} |", flush=True)
    print("\n".join(remarks))


def _judged(file: Path, way: str) -> tuple[str, str]:
    """("right", "refused" or "wrong", why)."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            model = _opened(file, way, Path(folder))
        except LayerfixError as error:
            return "refused", str(error)
        except Exception as error:  # Keras raises anything here
            return "refused", f"{type(error).__name__}: {error}"[:200]
        return _predicts(model, np.load(file.with_suffix(".npz")))


def _opened(file: Path, way: str, folder: Path) -> Any:
    openers: dict[str, Callable[[], Any]] = {
        "layerfix": lambda: keras.models.load_model(_migrated(file, folder)),
        "load_model": lambda: keras.models.load_model(file),
        "compile=False": lambda: keras.models.load_model(file, compile=False),
    }
    return openers[way]()


def _migrated(file: Path, folder: Path) -> Path:
    architecture = file.with_suffix(".json")
    return migrate(file, folder / "new.keras", architecture=architecture if architecture.exists() else None).output


def _predicts(model: Any, recorded: Any) -> tuple[str, str]:
    inputs, expected = ([recorded[name] for name in sorted(recorded.files) if name[0] == kind and name[1:].isdigit()] for kind in "xp")
    try:
        gap = difference(predict(model, inputs), expected)
    except Exception as error:  # a model that loads but does not run
        return "wrong", f"{type(error).__name__}: {error}"[:200]
    return ("right" if gap < RIGHT else "wrong"), f"differs by {gap:.1e}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--sample", type=int, help="take this many files of each folder, always the same")
    parser.add_argument("--only-layerfix", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
