"""How much of damaged files comes back, whether any tensor comes back wrong, and what other tools bring back.

    python benchmarks/salvage.py judge FILE... [--rows ROWS.jsonl] [--overwrites 40] [--seed 7] [--only DAMAGE]
    python benchmarks/salvage.py kills HEALTHY KILLED... [--rows ROWS.jsonl]      what salvage_kills.py left
    python benchmarks/salvage.py table ROWS.jsonl...

FILE is healthy: `.h5`, `.keras` or `.weights.h5`, of salvage_models.py; `older/FILE` beside it is an epoch before, `MODEL.h5.json` the
architecture, which `.weights.h5` and kills get. Each damaged file goes through `rescue`, as the command has it, and what h5py
reads of its output is compared with the healthy file. Without `h5clear` on the path its column is 0.
The physical limit is the number of tensors all of whose bytes, by the healthy
file's extents, are the same in the damaged one. A wrong tensor is `marked` where its line of the report says that its name is a deduction.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from layerfix.containers.archive import WEIGHTS
from layerfix.errors import ReadError
from layerfix.scavenge import newlines
from layerfix.scavenge.hdf5 import scavenge
from layerfix.scavenge.healthy import UNNAMED
from layerfix.scavenge.image import Image
from layerfix.scavenge.rescue import Wishes, rescue

TEXT = b"Lorem ipsum dolor sit amet, consectetur adipiscing elit.\n"
COUNTS = ("limit", "alone", "nameless", "with_older", "wrong", "wrong_marked", "ended_with_0", "h5py", "h5clear", "zip_ff")
WEIGHTS_ALONE = ("limit_weights", "alone_weights", "older_weights")
OPTIMIZERS = ("optimizer_weights/", "optimizer/", "_optimizer/", "metrics/")
"""Groups of a checkpoint that hold what training needs and no prediction."""


@dataclass(frozen=True)
class Healthy:
    """A file as it was: bytes, values by path, where its HDF5 part begins, extents by path; an older epoch and the architecture."""

    path: Path
    data: bytes
    start: int
    values: Mapping[str, Any]
    extents: Mapping[str, tuple[tuple[int, int], ...]]
    older: Path | None
    architecture: Path | None


def healthy(path: Path, architecture: bool) -> Healthy:
    data = path.read_bytes()
    inner, start = data, 0
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as whole:
            inner = whole.read(WEIGHTS)
            start = max(0, data.find(inner))
    extents = {t.path: t.dataset.extents for t in scavenge(Image(inner)).tensors if t.dataset is not None}
    older, text = path.parent / "older" / path.name, path.with_name(f"{path.name.partition('.')[0]}.h5.json")
    held = text if architecture and text.is_file() else None
    return Healthy(path, data, start, values(io.BytesIO(inner)), extents, older if older.is_file() else None, held)


def values(source: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with h5py.File(source, "r") as file:
        file.visititems(lambda name, node: found.__setitem__(name, node[()]) if isinstance(node, h5py.Dataset) else None)
    return found


def damages(data: bytes, rng: np.random.Generator, overwrites: int) -> Iterator[tuple[str, bytes]]:
    size = len(data)
    for percent in range(5, 100, 5):
        yield "cut", data[: size * percent // 100]
    for number in range(overwrites):
        length = min(size, int(2 ** rng.uniform(10, 16)))
        at = int(rng.integers(0, size - length + 1))
        kind = ("random", "zeros", "0xff", "text")[number % 4]
        made = {"random": rng.bytes(length), "zeros": bytes(length), "0xff": b"\xff" * length, "text": TEXT * (length // len(TEXT) + 1)}
        yield f"overwritten ({kind})", data[:at] + made[kind][:length] + data[at + length :]
    for block in (512, 4096, 65536):
        at = (size - 1) // block * block
        yield "last block zeroed", data[:at] + bytes(size - at)
    yield "LF to CR LF", data.replace(b"\n", b"\r\n")
    yield "CR LF to LF", data.replace(b"\r\n", b"\n")


def there(known: Healthy, bad: bytes, kind: str) -> set[str]:
    """Tensors bit for bit in the damaged file. A translation of line endings moves them all: taken back, all are there, or none is."""
    if kind.endswith(("to CR LF", "to LF")):
        return set(known.values) if kind == "LF to CR LF" or bad == known.data or newlines.restored(bad) else set()
    return {path for path, held in known.extents.items() if all(_untouched(known, bad, a + known.start, b + known.start) for a, b in held)}


def _untouched(known: Healthy, bad: bytes, start: int, end: int) -> bool:
    return end <= len(bad) and bad[start:end] == known.data[start:end]


def weights(paths: Iterable[str]) -> int:
    """How many tensors are the model's own."""
    return sum(not path.startswith(OPTIMIZERS) for path in paths)


@dataclass(frozen=True)
class Brought:
    """What salvage brought back: right, right without its name, and wrong with its line of the report; and the command's exit code."""

    right: frozenset[str] = frozenset()
    nameless: int = 0
    wrong: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    exit_code: int = 3


def brought(bad: Path, known: Healthy, like: Path | None) -> Brought:
    suffix = ".keras" if known.path.suffix == ".keras" else ".h5"
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        target = Path(folder) / f"out{suffix}"
        try:
            said = rescue(bad, target, Wishes(suffix, (like,) if like else (), known.architecture))
        except ReadError:
            return Brought()
        got = values(io.BytesIO(zipfile.ZipFile(target).read(WEIGHTS)) if suffix == ".keras" else target)
    lines = {tensor.path: tensor.why for tensor in said.tensors if tensor.state == "whole"}
    there = {np.asarray(value).tobytes() for value in known.values.values()}
    named = {path: value for path, value in got.items() if not path.startswith(UNNAMED)}
    wrong = [path for path, value in named.items() if not equal(value, lookup(known.values, path))]
    told = {path: f"{path}: {lines.get(path, 'not in the report')}" for path in wrong}
    marked = [path for path in wrong if "named" in lines.get(path, "")]
    nameless = [np.asarray(value).tobytes() in there for path, value in got.items() if path.startswith(UNNAMED)]
    unmarked = [path for path in wrong if path not in marked]
    ended = 0 if said.complete and all(tensor.state == "whole" and tensor.path for tensor in said.tensors) else 1
    right = frozenset(named) - frozenset(wrong)
    return Brought(right, sum(nameless), tuple(told[path] for path in unmarked), tuple(told[path] for path in marked), ended)


def lookup(known: Mapping[str, Any], path: str) -> Any:
    """A layer's weights are the same below `model_weights`, where a full model has them, and at the root."""
    return known.get(path, known.get(path.removeprefix("model_weights/"), known.get(f"model_weights/{path}")))


def equal(one: Any, two: Any) -> bool:
    return two is not None and one.shape == two.shape and one.dtype == two.dtype and one.tobytes() == np.asarray(two).tobytes()


def by_library(bad: bytes, known: Healthy, clear: bool) -> int:
    """Tensors that h5py reads right, after `h5clear` mended length and flags where `clear`."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder) / "bad.h5"
        path.write_bytes(bad)
        for option in ("-s", "--increment=0") if clear else ():
            subprocess.run(["h5clear", option, str(path)], capture_output=True, check=False, timeout=60)
        return read_by_h5py(path, known)


def read_by_h5py(source: Any, known: Healthy) -> int:
    try:
        with h5py.File(source, "r") as file:
            return sum(reads(file, name, known.values[name]) for name in known.values)
    except (OSError, RuntimeError, KeyError, ValueError):
        return 0


def reads(file: h5py.File, name: str, wanted: Any) -> bool:
    try:
        return equal(np.asarray(file[name][()]), np.asarray(wanted))
    except (OSError, RuntimeError, KeyError, ValueError, TypeError):
        return False


def by_zip(bad: bytes, known: Healthy) -> int:
    """Tensors that `zip -FF` and h5py bring back."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        cut, mended = Path(folder) / "cut.zip", Path(folder) / "mended.zip"
        cut.write_bytes(bad)
        subprocess.run(["zip", "-FF", str(cut), "--out", str(mended)], input=b"y\n", capture_output=True, check=False, timeout=60)
        try:
            with zipfile.ZipFile(mended) as whole:
                return read_by_h5py(io.BytesIO(whole.read(WEIGHTS)), known)
        except (OSError, KeyError, zipfile.BadZipFile, EOFError):
            return 0


def row(kind: str, bad: bytes, known: Healthy) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(dir="/dev/shm", suffix=known.path.suffix) as file:
        file.write(bad)
        file.flush()
        alone = brought(Path(file.name), known, None)
        helped = brought(Path(file.name), known, known.older) if known.older else Brought()
    packed, limit = known.path.suffix == ".keras", there(known, bad, kind)
    found = {
        "limit": len(limit),
        "alone": len(alone.right),
        "nameless": alone.nameless,
        "with_older": len(helped.right),
        "limit_weights": weights(limit),
        "alone_weights": weights(alone.right),
        "older_weights": weights(helped.right),
        "wrong": len(alone.wrong) + len(helped.wrong),
        "wrong_marked": len(alone.marked) + len(helped.marked),
        "ended_with_0": sum(one.exit_code == 0 for one in (alone, helped)),
        "h5py": 0 if packed else by_library(bad, known, False),
        "h5clear": 0 if packed or not shutil.which("h5clear") else by_library(bad, known, True),
        "zip_ff": by_zip(bad, known) if packed else 0,
    }
    told = [*alone.wrong, *helped.wrong, *alone.marked, *helped.marked]
    return {"file": str(known.path), "kind": kind, "size": len(bad), **found, **({"told": told[:20]} if told else {})}


def judge(paths: list[Path], rows: Path, overwrites: int, seed: int, only: str) -> None:
    for path in paths:
        known = healthy(path, path.name.endswith(".weights.h5"))
        for kind, bad in damages(known.data, np.random.default_rng(seed), overwrites):
            if kind.startswith(only):
                keep(rows, row(kind, bad, known))


def kills(path: Path, killed: list[Path], rows: Path) -> None:
    """Saves that were killed: the healthy file tells what was to be written, and where."""
    known = healthy(path, True)
    for file in killed:
        bad = file.read_bytes()
        if bad and bad != known.data:
            keep(rows, row("killed", bad, known))


def keep(rows: Path, found: Mapping[str, Any]) -> None:
    with rows.open("a") as stream:
        stream.write(json.dumps(found) + "\n")


def table(paths: list[Path]) -> None:
    """A line for each release (the folder), ending and damage."""
    sums: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(("cases", *COUNTS, *WEIGHTS_ALONE), 0))
    files = defaultdict(set)
    for line in (json.loads(line) for path in paths for line in path.read_text().splitlines()):
        file = Path(line["file"])
        key = (file.parent.name, file.name[file.name.index(".") :], line["kind"])
        files[key].add(file.name)
        sums[key]["cases"] += 1
        for name in (*COUNTS, *WEIGHTS_ALONE):
            sums[key][name] += line.get(name, 0)
    heads = ("release, file", "damage", "files", "cases", "tensors there", "alone", "no name", "with older")
    heads += ("weights there", "alone", "with older", "wrong", "marked", "ended with 0", "h5py", "h5clear", "zip -FF")
    print("| " + " | ".join(heads) + " |")
    print("|" + " --- |" * len(heads))
    for key, found in sorted(sums.items()):
        share = {name: f"{100 * found[name] / max(found['limit'], 1):.1f} %" for name in COUNTS}
        own = {name: f"{100 * found[name] / max(found['limit_weights'], 1):.1f} %" for name in WEIGHTS_ALONE}
        tools = (share["h5py"], share["h5clear"], "-") if key[1] != ".keras" else ("-", "-", share["zip_ff"])
        shown = (f"{key[0]} {key[1]}", key[2], len(files[key]), found["cases"], found["limit"], share["alone"], share["nameless"])
        shown += (share["with_older"], found["limit_weights"], own["alone_weights"], own["older_weights"])
        print("| " + " | ".join(map(str, (*shown, found["wrong"], found["wrong_marked"], found["ended_with_0"], *tools))) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("judge", "kills", "table"))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rows", type=Path, default=Path("salvage.jsonl"))
    parser.add_argument("--overwrites", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", default="", help="the damages whose names begin so")
    given = parser.parse_args()
    if given.what == "judge":
        judge(given.files, given.rows, given.overwrites, given.seed, given.only)
    elif given.what == "kills":
        kills(given.files[0], given.files[1:], given.rows)
    else:
        table(given.files)


if __name__ == "__main__":
    main()
