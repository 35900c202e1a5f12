"""ONNX models: their initializers, turned into Keras' layouts by the operations that use them. Nothing is run.

onnx/onnx.proto: ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.donor_records import Donor
from layerfix.containers.exported import Constant, Layout, donor, load
from layerfix.containers.protobuf import fields, messages, packed, text
from layerfix.containers.safetensors import widen
from layerfix.errors import HostileError, ReadError

GRAPH, NODE, INITIALIZER = 7, 1, 5
BFLOAT16 = 16
DTYPES = {1: "<f4", 2: "|u1", 3: "|i1", 10: "<f2", 11: "<f8", BFLOAT16: "<u2"}
"""Real numbers, and the bytes of quantised ones."""
MAX_DEPTH = 16


def is_onnx(head: bytes) -> bool:
    """Whether a file begins like an ONNX model: its `ir_version`, then the producer's name or the opset."""
    return len(head) > 3 and head[0] == 0x08 and 0 < head[1] < 32 and head[2] in (0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42)


def read_onnx(path: Path) -> Donor:
    """The initializers of a model by name; kernels as Keras has them: spatial axes first, filters last.

    Raises:
        ReadError: where it is damaged, or keeps its tensors in other files.
        HostileError: where it is larger or deeper nested than any model.
    """
    found = _Found(path)
    try:
        for graph in messages(load(path), GRAPH):
            found.search(graph, 0)
        constants = [_constant(path, name, tensor, found.uses.get(name, set())) for name, tensor in found.tensors]
        donated = donor(path, "onnx", [constant for constant in constants if constant is not None])
    except (ValueError, UnicodeError) as error:
        raise ReadError(f"is no whole ONNX model: {error}.", where=str(path), hint="Take another copy of it.") from error
    if not donated.entries:
        raise ReadError("is an ONNX model without weights.", where=str(path))
    return donated


@dataclass
class _Found:
    """What a model's graphs hold: tensors by name, and which operations use them as kernels: (operation, groups, transposed)."""

    path: Path
    tensors: list[tuple[str, memoryview]] = field(default_factory=list)
    uses: dict[str, set[tuple[str, int, bool]]] = field(default_factory=dict)

    def search(self, graph: memoryview, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise HostileError("refused: its graphs are nested deeper than any model's.", where=str(self.path))
        for number, value in fields(graph):
            if isinstance(value, memoryview) and number == INITIALIZER:
                self.tensors.append((_tensor_name(value), value))
            elif isinstance(value, memoryview) and number == NODE:
                self._node(value, depth)

    def _node(self, node: memoryview, depth: int) -> None:
        inputs, outputs, operation = [], [], ""
        whole: dict[str, int] = {}
        for number, value in fields(node):
            if isinstance(value, int):
                continue
            if number == 1:
                inputs.append(text(value))
            elif number == 2:
                outputs.append(text(value))
            elif number == 4:
                operation = text(value)
            elif number == 5:
                self._attribute(value, whole, outputs, depth)
        if operation in {"Conv", "ConvTranspose", "Gemm"} and len(inputs) > 1:
            self.uses.setdefault(inputs[1], set()).add((operation, whole.get("group", 1), bool(whole.get("transB"))))

    def _attribute(self, attribute: memoryview, whole: dict[str, int], outputs: list[str], depth: int) -> None:
        name = ""
        for number, value in fields(attribute):
            if isinstance(value, int):
                whole[name] = value if number == 3 else whole.get(name, 0)
            elif number == 1:
                name = text(value)
            elif number == 5 and name == "value" and outputs:
                self.tensors.append((outputs[0], value))
            elif number in (6, 11):
                self.search(value, depth + 1)


def _tensor_name(tensor: memoryview) -> str:
    return next((text(value) for value in messages(tensor, 8)), "")


def _constant(path: Path, name: str, tensor: memoryview, uses: set[tuple[str, int, bool]]) -> Constant | None:
    """A TensorProto of a known type; None for whole numbers and text."""
    kind, raw = 0, memoryview(b"")
    shape: list[int] = []
    typed: list[Array] = []
    for number, value in fields(tensor):
        if isinstance(value, int):
            shape += [value] if number == 1 else []
            kind = value if number == 2 else kind
            if number == 14 and value:
                hint = "Save it as one file: onnx.save(onnx.load(...), ...)."
                raise ReadError("keeps its tensors in other files.", where=str(path), hint=hint)
        elif number == 1:
            shape += packed(value)
        elif number == 9:
            raw = value
        elif number in (4, 10):
            typed.append(np.frombuffer(value, "<f4" if number == 4 else "<f8"))
        elif number == 5:
            typed.append(np.asarray(packed(value), np.uint64))
    if kind not in DTYPES:
        return None
    dtype = np.dtype(DTYPES[kind])
    stored = np.frombuffer(raw, dtype) if len(raw) or not typed else _narrow(np.concatenate(typed), dtype)
    if min(shape, default=0) < 0 or prod(shape) != len(stored):
        raise ValueError(f"tensor {name!r} has shape {tuple(shape)} and {len(stored)} values")
    whole = tuple(shape)
    layout = _layout(whole, next(iter(uses))) if len(uses) == 1 else None
    return Constant(
        name, whole, "float32" if kind == BFLOAT16 else dtype.name, lambda: widen(stored, kind == BFLOAT16).reshape(whole), layout
    )


def _narrow(values: Array, dtype: np.dtype[Any]) -> Array:
    """Values one by one: floats as they are; halves and bytes are stored as whole numbers that hold their bits."""
    if values.dtype.kind == "f":
        return values.astype(dtype)
    return values.astype(f"<u{dtype.itemsize}").view(dtype)


def _layout(shape: tuple[int, ...], use: tuple[str, int, bool]) -> Layout | None:
    """ONNX' filters-first kernels to Keras' (onnx/docs/Operators.md: Conv, ConvTranspose, Gemm)."""
    operation, groups, transposed = use
    rank = len(shape)
    if operation == "Gemm":
        return ((1, 0) if transposed else (0, 1), None) if rank == 2 else None
    if rank < 3:
        return None
    axes = (*range(2, rank), 1, 0)
    if operation == "Conv" and groups > 1 and shape[1] == 1:  # depthwise: Keras keeps the inputs and their multiples apart
        return (axes, (*shape[2:], groups, shape[0] // groups)) if shape[0] % groups == 0 else None
    return axes, None
