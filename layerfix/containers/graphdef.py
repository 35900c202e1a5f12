"""Frozen TensorFlow graphs (`frozen.pb`) and the graph of a SavedModel: their constants, read without TensorFlow; nothing is run.

tensorflow/core/framework/graph.proto, node_def.proto, attr_value.proto and tensor.proto; saved_model.proto and meta_graph.proto.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.donor_records import Donor
from layerfix.containers.exported import Constant, donor, load
from layerfix.containers.protobuf import fields, messages, packed, text
from layerfix.containers.safetensors import widen
from layerfix.errors import ReadError

NODES, META_GRAPHS, META_GRAPH = 1, 2, 2
BFLOAT16 = 14
FLOATS = {1: "<f4", 2: "<f8", 19: "<f2", BFLOAT16: "<u2"}
_TYPED = {5: "<f4", 6: "<f8"}
"""Fields of a TensorProto with values one by one: float_val and double_val."""
_HALVES = 13


def is_graph(head: bytes) -> bool:
    """Whether a file begins like a GraphDef: a node, and in it the node's name."""
    return len(head) > 4 and head[0] == 0x0A and any(byte == 0x0A for byte in head[2:6])


def read_graph(path: Path) -> Donor:
    """The constants of a GraphDef by node name, which is the name that the variable had.

    Raises:
        ReadError: where it is damaged, or no graph with constants.
        HostileError: where it is larger than any graph.
    """
    return _donor(path, lambda: [load(path)])


def read_saved_graph(folder: Path) -> Donor:
    """The constants in a SavedModel's own graph, for one that was frozen before it was saved. Raises as `read_graph`."""
    file = folder / "saved_model.pb"
    return _donor(folder, lambda: [graph for meta in messages(load(file), META_GRAPHS) for graph in messages(meta, META_GRAPH)])


def _donor(path: Path, graphs: Callable[[], list[memoryview]]) -> Donor:
    try:
        found = donor(path, "tf-graph", [constant for graph in graphs() for constant in _constants(graph)])
    except (ValueError, UnicodeError) as error:
        raise ReadError(f"is no whole TensorFlow graph: {error}.", where=str(path), hint="Take another copy of it.") from error
    if not found.entries:
        hint = "Freeze it with the session's values, or give the session's checkpoint."
        raise ReadError("is a TensorFlow graph without constants of numbers: it holds no weights.", where=str(path), hint=hint)
    return found


def _constants(graph: memoryview) -> Iterator[Constant]:
    for node in messages(graph, NODES):
        name = operation = ""
        tensor = None
        for number, value in fields(node):
            if isinstance(value, int):
                continue
            if number == 1:
                name = text(value)
            elif number == 2:
                operation = text(value)
            elif number == 5 and operation == "Const":
                tensor = _attribute(value) or tensor
        constant = _constant(name, tensor) if tensor is not None else None
        if constant is not None:
            yield constant


def _attribute(entry: memoryview) -> memoryview | None:
    """The tensor of the attribute "value", or None for another one."""
    parts = {number: value for number, value in fields(entry) if isinstance(value, memoryview)}
    return next(messages(parts[2], 8), None) if 2 in parts and bytes(parts.get(1, b"")) == b"value" else None


def _constant(name: str, tensor: memoryview) -> Constant | None:
    """A TensorProto of real numbers; None for other types."""
    kind = 0
    shape: tuple[int, ...] = ()
    content = memoryview(b"")
    values: list[Array] = []
    for number, value in fields(tensor):
        if isinstance(value, int):
            kind = value if number == 1 else kind
        elif number == 2:
            shape = tuple(_dimension(dim) for dim in messages(value, 2))
        elif number == 4:
            content = value
        elif number in _TYPED:
            values.append(np.frombuffer(value, _TYPED[number]))
        elif number == _HALVES:
            values.append(np.asarray(packed(value), np.uint64).astype("<u2"))
    if kind not in FLOATS:
        return None
    dtype = np.dtype(FLOATS[kind])
    stored = np.frombuffer(content, dtype) if len(content) else np.concatenate([np.zeros(0, dtype), *(part.view(dtype) for part in values)])
    count = prod(shape)
    if min(shape, default=0) < 0 or len(stored) > count or (len(stored) != count and (len(content) or not len(stored))):
        raise ValueError(f"constant {name!r} has shape {shape} and {len(stored)} values")

    def read() -> Array:
        """Values that repeat at the end are stored once."""
        if len(stored) < count:
            return widen(np.concatenate([stored, np.full(count - len(stored), stored[-1], dtype)]), kind == BFLOAT16).reshape(shape)
        return widen(stored[:count], kind == BFLOAT16).reshape(shape)

    return Constant(name, shape, "float32" if kind == BFLOAT16 else dtype.name, read)


def _dimension(dim: memoryview) -> int:
    return next((value for number, value in fields(dim) if number == 1 and isinstance(value, int)), 0)
