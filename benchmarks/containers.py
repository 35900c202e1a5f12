"""How files of every container fare, release by release: right, wrong or refused by name.

    python benchmarks/containers.py ZOO/tf24 ZOO/keras39 --results judged.jsonl --seconds 240
    python benchmarks/containers.py --table judged.jsonl

A folder holds one folder a model, as tests/migrate/zoo/make_everywhere.py makes them. Each container is migrated without the recorded
predictions, and the written file is loaded by plain Keras and judged by them. What `--results` holds already is not judged again.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CONTAINERS = ("m.h5", "m.keras", "sm", "cp.ckpt", "w.weights.h5")
CLOSE, HALF = 1e-5, 3e-3
"""Largest difference, relative to the output's scale, that counts as right; and where layers compute in half precision."""


def main() -> None:
    arguments = _arguments()
    if arguments.table:
        _table(arguments.table)
        return
    end = time.monotonic() + arguments.seconds
    results = arguments.results
    known = {(one["release"], one["model"], one["container"]) for one in _read(results)} if results.exists() else set()
    judge = _Judge()
    with results.open("a") as stream:
        for folder, container in _files(arguments.folders, arguments.models):
            key = (folder.parent.name, folder.name, container)
            if key in known:
                continue
            if time.monotonic() > end:
                break
            verdict, remark, seconds = judge.judged(folder, container)
            row = {
                "release": key[0],
                "model": key[1],
                "container": container,
                "verdict": verdict,
                "remark": remark,
                "cpu": round(seconds, 2),
            }
            stream.write(json.dumps(row) + "\n")
            stream.flush()
            if verdict != "right":
                print(*key, verdict, remark, flush=True)


def _files(folders: Sequence[Path], models: Sequence[str]) -> Iterator[tuple[Path, str]]:
    for release in folders:
        for folder in sorted(path for path in release.iterdir() if (path / "expected.npz").exists()):
            for container in CONTAINERS:
                there = folder / (f"{container}.index" if container == "cp.ckpt" else container)
                if there.exists() and (not models or folder.name in models):
                    yield folder, container


class _Judge:
    """Imports everything once."""

    def __init__(self) -> None:
        import keras
        import tensorflow

        from layerfix.commands.migrate import migrate
        from layerfix.commands.proof import difference, predict
        from layerfix.isolation.child import Child
        from layerfix.isolation.limits import READING
        from layerfix.isolation.vet import stand_by

        stand_by(Child(READING))
        gc.freeze()  # clear_session collects garbage: it need not go through all that was imported, once a file
        self.keras, self.tensorflow, self.migrate, self.difference, self.predict = keras, tensorflow, migrate, difference, predict

    def judged(self, folder: Path, container: str) -> tuple[str, str, float]:
        """("right", "wrong" or "refused", why, CPU seconds of the migration in this process)."""
        from layerfix.errors import LayerfixError

        self.keras.backend.clear_session()
        start = time.process_time()
        with tempfile.TemporaryDirectory() as temporary:
            target = Path(temporary) / "new.keras"
            architecture = folder / "model.json" if container in {"cp.ckpt", "w.weights.h5"} else None
            own = [source] if (source := folder.parent / "own.py").exists() else []
            try:
                done = self.migrate(folder / container, target, architecture=architecture, layers=own)
            except LayerfixError as error:
                return "refused", " ".join(str(error).replace(str(folder), folder.name).split())[:400], time.process_time() - start
            except Exception as error:  # a fault of ours: told as a crash
                return "crashed", f"{type(error).__name__}: {error}"[:300], time.process_time() - start
            seconds = time.process_time() - start
            verdict, remark = self._compared(target, folder)
            if verdict == "wrong" and done.doubts:
                verdict = "doubted"  # written with exit code 1, and the report says what is not proven
        return verdict, f"{remark} ({done.proof.kind})", seconds

    def _compared(self, target: Path, folder: Path) -> tuple[str, str]:
        import numpy as np

        recorded = np_load(folder / "expected.npz")
        inputs, expected = (
            [recorded[name] for name in sorted(recorded, key=lambda name: int(name[1:])) if name[0] == kind] for kind in "xp"
        )
        expected = [np.char.encode(one).astype(object) if one.dtype.kind == "U" else one for one in expected]
        try:
            model = self.keras.models.load_model(target)
            gap = self.difference(self.predict(model, inputs), expected)
        except Exception as error:  # a file that loads not, or a model that does not run
            return "wrong", f"{type(error).__name__}: {error}"[:300]
        half = any("float16" in str(layer.compute_dtype) for layer in model.layers)
        return ("right" if gap < (HALF if half else CLOSE) else "wrong"), f"differs by {gap:.1e}"


def np_load(path: Path) -> dict[str, Any]:
    """The arrays of an .npz file."""
    import numpy as np

    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _table(path: Path) -> None:
    counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for one in _read(path):
        counts[one["release"]][one["container"]][one["verdict"]] += 1
    print("| files from |", " | ".join(CONTAINERS), "| models |")
    print("|---" * (len(CONTAINERS) + 2) + "|")
    for release, found in sorted(counts.items()):
        cells = [f"{c['right']} / {c['refused']} / {c['wrong'] + c['crashed']}" if (c := found.get(name)) else "" for name in CONTAINERS]
        print(f"| {release} |", " | ".join(cells), f"| {max(c.total() for c in found.values())} |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--results", type=Path, default=Path("judged.jsonl"))
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no file after these")
    parser.add_argument("--models", nargs="*", default=[])
    parser.add_argument("--table", type=Path, metavar="RESULTS", help="print the table of results: right / refused / wrong")
    return parser.parse_args()


if __name__ == "__main__":
    main()
