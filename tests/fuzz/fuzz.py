"""Coverage-guided fuzzing of everything that parses bytes: only our own errors may come out.

python tests/fuzz/fuzz.py MINUTES [TARGET ...]: executions, inputs that reached new lines, and findings of each target.

A finding is written to the current folder. Inputs that reach a line of layerfix for the first time are mutated further (`sys.monitoring`,
Python 3.12).
"""

from __future__ import annotations

import json
import random
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

from layerfix.containers import flatbuffer, jsons, protobuf
from layerfix.errors import LayerfixError

ROOT = Path(__file__).parents[2]
EXPORTS, MODELS = ROOT / "tests" / "containers" / "exports", ROOT / "sample_models"
LARGEST = 1 << 20
_TOOL = 3
"""A free tool number of `sys.monitoring`."""

Parse = Callable[[bytes, Path], object]


@dataclass
class Target:
    """One parser, the files that it begins with, and what it has been through."""

    parse: Parse
    seeds: list[bytes]
    executions: int = 0
    new: int = 0
    findings: dict[str, bytes] = field(default_factory=dict)


def json_text(data: bytes, _: Path) -> object:
    return jsons.decode(data, "fuzz")


def protobuf_message(data: bytes, _: Path) -> object:
    return _walk(memoryview(data), 0)


def _walk(data: memoryview, depth: int) -> int:
    found = 0
    with suppress(ValueError):  # what is no message inside of one is text or packed numbers
        for _, value in protobuf.fields(data):
            found += 1 + (_walk(value, depth + 1) if isinstance(value, memoryview) and depth < 8 else 0)
    return found


def flatbuffer_table(data: bytes, _: Path) -> object:
    with suppress(ValueError):
        return flatbuffer.root(memoryview(data))
    return None


def donor(data: bytes, place: Path) -> object:
    from layerfix.containers.donor import open_donor

    return open_donor(_written(data, place))


def checkpoint(data: bytes, place: Path) -> object:
    from layerfix.containers.reader import read

    return read(_written(data, place))


def samples(data: bytes, place: Path) -> object:
    from layerfix.containers.samples import parse_samples

    return parse_samples(_written(data, place))


def _written(data: bytes, place: Path) -> Path:
    place.write_bytes(data)
    return place


def targets() -> dict[str, tuple[Target, str]]:
    """Every target by name, with the suffix of the files that it reads."""

    def files(*patterns: str, folder: Path = EXPORTS) -> list[bytes]:
        found = sorted(path for pattern in patterns for path in folder.rglob(pattern) if path.is_file())
        return [path.read_bytes() for path in found if path.stat().st_size < LARGEST]

    text = [b'{"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"units": 3}}]}', b'["\\u00e9", 1e5, null]']
    archives = files("*.keras", folder=ROOT / "tests" / "diagnose" / "files")
    return {
        "json": (Target(json_text, text), ".json"),
        "protobuf": (Target(protobuf_message, files("*.pb", "*.onnx")), ".pb"),
        "flatbuffer": (Target(flatbuffer_table, files("*.tflite")), ".tflite"),
        "tflite": (Target(donor, files("*.tflite")), ".tflite"),
        "onnx": (Target(donor, files("*.onnx")), ".onnx"),
        "graphdef": (Target(donor, files("*.pb")), ".pb"),
        "safetensors": (Target(donor, [safetensors()]), ".safetensors"),
        "npz": (Target(samples, files("*.npz", folder=MODELS)), ".npz"),
        "archive": (Target(checkpoint, archives), ".keras"),
        "hdf5": (Target(checkpoint, files("healthy-stock.h5", "sequential-mean.h5", folder=MODELS)), ".h5"),
    }


def safetensors() -> bytes:
    """A file of two tensors: the length of a JSON header, the header, bytes."""
    places = {"a": ("F32", [2, 2], [0, 16]), "b": ("BF16", [3], [16, 22])}
    header = {name: {"dtype": dtype, "shape": shape, "data_offsets": offsets} for name, (dtype, shape, offsets) in places.items()}
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    return struct.pack("<Q", len(text)) + text + bytes(22)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A copy with a few bytes flipped, smashed, removed, doubled or cut off."""
    raw = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        if not raw:
            return bytes(raw)
        at, length = chance.randrange(len(raw)), chance.choice((1, 1, 2, 4, 8, 64))
        match chance.randrange(6):
            case 0:
                raw[at] ^= 1 << chance.randrange(8)
            case 1:
                raw[at : at + length] = chance.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * length
            case 2:
                del raw[at : at + length]
            case 3:
                raw[at:at] = raw[at : at + length]
            case 4:
                raw[at : at + length] = chance.randbytes(length)
            case _:
                del raw[at if chance.random() < 0.1 else len(raw) :]
    return bytes(raw)


@contextmanager
def coverage() -> Iterator[Callable[[], bool]]:
    """While it lasts: whether a line of layerfix was reached for the first time since the last call."""
    if not hasattr(sys, "monitoring"):
        yield lambda: False
        return
    fresh = [False]

    def line(code: CodeType, _: int) -> Any:
        fresh[0] |= f"{ROOT}/layerfix/" in code.co_filename
        return sys.monitoring.DISABLE

    def seen() -> bool:
        found, fresh[0] = fresh[0], False
        return found

    sys.monitoring.use_tool_id(_TOOL, "fuzz")
    sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, line)
    sys.monitoring.set_events(_TOOL, sys.monitoring.events.LINE)
    try:
        yield seen
    finally:
        sys.monitoring.set_events(_TOOL, 0)
        sys.monitoring.free_tool_id(_TOOL)


def fuzz(target: Target, place: Path, chance: random.Random, *, until: Callable[[Target], bool], fresh: Callable[[], bool]) -> None:
    """Mutates and parses until it is enough; each kind of finding is kept once."""
    corpus = list(target.seeds)
    while not until(target):
        data = mutated(chance.choice(corpus), chance) if target.executions >= len(target.seeds) else corpus[target.executions]
        target.executions += 1
        try:
            target.parse(data, place)
        except (LayerfixError, MemoryError, RecursionError):
            pass
        except Exception as error:
            target.findings.setdefault(f"{type(error).__name__}: {error}"[:60], data)
        if fresh():
            target.new += 1
            corpus.append(data)


def main() -> None:
    """Shares the time among the targets."""
    minutes, wanted = float(sys.argv[1]), sys.argv[2:]
    chosen = {name: made for name, made in targets().items() if not wanted or name in wanted}
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as folder, coverage() as fresh:
        for name, (target, suffix) in chosen.items():
            end = time.monotonic() + 60 * minutes / len(chosen)
            fuzz(target, Path(folder, f"input{suffix}"), chance, until=lambda _, end=end: time.monotonic() > end, fresh=fresh)
            print(f"{name}: {target.executions} executions, {target.new} reached new lines, {len(target.findings)} findings", flush=True)
            for told, data in target.findings.items():
                file = Path(f"fuzz-{name}-{zlib.crc32(data):08x}")
                file.write_bytes(data)
                print(f"  {told} ({file})")
    sys.exit(any(target.findings for target, _ in chosen.values()))


if __name__ == "__main__":
    main()
