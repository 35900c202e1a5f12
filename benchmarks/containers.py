"""How files of every container fare, release by release: right, wrong or refused by name.

    python benchmarks/containers.py ZOO/tf24 ZOO/keras39 --results judged.jsonl --seconds 240
    python benchmarks/containers.py ZOO/tf24 ZOO/keras39 --results judged.jsonl --loader tf_keras
    python benchmarks/containers.py --table judged.jsonl

A folder holds one folder a model, as tests/migrate/zoo/make_everywhere.py makes them. Each container is migrated without the recorded
predictions, and the written file is loaded by plain Keras and judged by them. What `--results` holds already is not judged again.
With `--loader` the file itself goes to that library's own `load_model` (`model_from_json` and `load_weights` for weights alone), and an
exception is a refusal.
"""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

JS = ("js", "js-layers", "js-uint16", "js-float16", "js-uint8")
"""Folders with model.json, as tests/migrate/zoo/make_js.py makes them."""
CONTAINERS = ("m.h5", "m.keras", "sm", "cp.ckpt", "w.weights.h5", *JS)
CLOSE, HALF = 1e-5, 3e-3
"""Largest difference, relative to the output's scale, that counts as right; and where layers compute in half precision."""
QUANTISED = {"js-uint16": 1e-3, "js-float16": 1e-2, "js-uint8": 0.3}
"""The same where the weights themselves were rounded."""


def main() -> None:
    arguments = _arguments()
    if arguments.table:
        _table(arguments.table)
        return
    end = time.monotonic() + arguments.seconds
    results = arguments.results
    known = {_key(one) for one in _read(results)} if results.exists() else set()
    judge = {"layerfix": _Judge, "keras": _Keras, "tf_keras": _LegacyKeras}[arguments.loader]()
    with results.open("a") as stream:
        for folder, container in _files(arguments.folders, arguments.models):
            key = (folder.parent.name, folder.name, container, arguments.loader)
            if key in known:
                continue
            if time.monotonic() > end:
                break
            verdict, remark, seconds = judge.judged(folder, container)
            row = {
                "release": key[0],
                "model": key[1],
                "container": container,
                "loader": arguments.loader,
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
                done = self.migrate(_source(folder, container), target, architecture=architecture, layers=own)
            except LayerfixError as error:
                return "refused", " ".join(str(error).replace(str(folder), folder.name).split())[:400], time.process_time() - start
            except Exception as error:  # a fault of ours: told as a crash
                return "crashed", f"{type(error).__name__}: {error}"[:300], time.process_time() - start
            seconds = time.process_time() - start
            verdict, remark = self._compared(target, folder, QUANTISED.get(container, CLOSE))
            if verdict == "wrong" and done.doubts:
                verdict = "doubted"  # written with exit code 1, and the report says what is not proven
        return verdict, f"{remark} ({done.proof.kind})", seconds

    def _compared(self, target: Path, folder: Path, close: float) -> tuple[str, str]:
        inputs, expected = _recorded(folder)
        try:
            model = self.keras.models.load_model(target)
            gap = self.difference(self.predict(model, inputs), expected)
        except Exception as error:  # a file that loads not, or a model that does not run
            return "wrong", f"{type(error).__name__}: {error}"[:300]
        return _verdict(model, folder, gap, close)


class _Keras:
    """The loader of today's Keras, as it is."""

    def __init__(self) -> None:
        import keras

        from layerfix.commands.proof import predict

        self.library: Any = keras
        self.predict: Callable[[Any, Sequence[Any]], list[Any]] = predict

    def judged(self, folder: Path, container: str) -> tuple[str, str, float]:
        """("right", "wrong" or "refused", why, CPU seconds)."""
        from layerfix.predictions import difference

        self.library.backend.clear_session()
        start = time.process_time()
        inputs, expected = _recorded(folder)
        try:
            if container in {"cp.ckpt", "w.weights.h5"}:
                model = self.library.models.model_from_json((folder / "model.json").read_text())
                with _by_its_layout(folder / container) as weights:
                    model.load_weights(str(weights))
            else:
                model = self.library.models.load_model(str(folder / container), compile=False)
            seconds = time.process_time() - start
            verdict = _verdict(model, folder, difference(self.predict(model, inputs), expected))
        except Exception as error:  # loaders raise anything
            return "refused", f"{type(error).__name__}: {' '.join(str(error).split())}"[:300], time.process_time() - start
        return *verdict, seconds


class _LegacyKeras(_Keras):
    """The loader of tf_keras, which is tf.keras for today's TensorFlow."""

    def __init__(self) -> None:
        import tf_keras

        self.library, self.predict = tf_keras, self._outputs

    @staticmethod
    def _outputs(model: Any, inputs: Sequence[Any]) -> list[Any]:
        import numpy as np
        import tensorflow

        outputs = model([tensorflow.constant(one) for one in inputs] if len(inputs) > 1 else tensorflow.constant(inputs[0]), training=False)
        return [np.asarray(one) for one in tensorflow.nest.flatten(outputs)]


@contextmanager
def _by_its_layout(path: Path) -> Iterator[Path]:
    """Weights under a name that tells loaders their layout: before TF 2.13 a `.weights.h5` was an `.h5`."""
    import h5py

    with tempfile.TemporaryDirectory() as temporary:
        if path.suffix == ".h5":
            with h5py.File(path) as file:
                legacy = "layer_names" in file.attrs
            path = Path(shutil.copy(path, Path(temporary) / "w.h5")) if legacy else path
        yield path


def _recorded(folder: Path) -> tuple[list[Any], list[Any]]:
    """Inputs and predictions from before the save."""
    import numpy as np

    with np.load(folder / "expected.npz") as recorded:
        names = sorted(recorded.files, key=lambda name: int(name[1:]))
        inputs, expected = ([recorded[name] for name in names if name[0] == kind] for kind in "xp")
    return inputs, [np.char.encode(one).astype(object) if one.dtype.kind == "U" else one for one in expected]


def _verdict(model: Any, folder: Path, gap: float, close: float = CLOSE) -> tuple[str, str]:
    stated = folder / "model.json"
    half = any("float16" in str(layer.compute_dtype) for layer in model.layers) or (stated.exists() and "float16" in stated.read_text())
    return ("right" if gap < (max(HALF, close) if half else close) else "wrong"), f"differs by {gap:.1e}"


def _source(folder: Path, container: str) -> Path:
    return folder / container / "model.json" if container in JS else folder / container


def _key(one: dict[str, Any]) -> tuple[str, str, str, str]:
    return one["release"], one["model"], one["container"], one.get("loader", "layerfix")


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _table(path: Path) -> None:
    counts: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for one in _read(path):
        release, _, container, loader = _key(one)
        counts[release, loader][container][one["verdict"]] += 1
    containers = [name for name in CONTAINERS if any(name in found for found in counts.values())]
    print("| files from | loaded by |", " | ".join(containers), "|")
    print("|---" * (len(containers) + 2) + "|")
    for (release, loader), found in sorted(counts.items()):
        print(f"| {release} | {loader} |", " | ".join(_cell(found.get(name)) for name in containers), "|")


def _cell(count: Counter[str] | None) -> str:
    if not count:
        return ""
    doubted = f", {count['doubted']} *not proven*" if count["doubted"] else ""
    return f"{count['right']} / {count['refused']} / {count['wrong'] + count['crashed']}{doubted}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--results", type=Path, default=Path("judged.jsonl"))
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no file after these")
    parser.add_argument("--models", nargs="*", default=[])
    parser.add_argument("--loader", choices=["layerfix", "keras", "tf_keras"], default="layerfix")
    parser.add_argument("--table", type=Path, metavar="RESULTS", help="print the table of results: right / refused / wrong")
    return parser.parse_args()


if __name__ == "__main__":
    main()
