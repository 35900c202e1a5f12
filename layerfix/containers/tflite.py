"""TFLite models: their constant tensors, turned into Keras' layouts by the operations that use them. Nothing is run.

tensorflow/lite/schema/schema.fbs; field numbers follow its order.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.donor_records import Donor
from layerfix.containers.exported import Constant, Layout, donor, load
from layerfix.containers.flatbuffer import Table, root
from layerfix.containers.protobuf import text
from layerfix.errors import ReadError

CONV_2D, DEPTHWISE, DEQUANTIZE, FULLY_CONNECTED, TRANSPOSE_CONV = 3, 4, 6, 9, 67
_DTYPES = {0: "<f4", 1: "<f2", 3: "|u1", 9: "|i1", 10: "<f8"}
"""Real numbers, and the bytes of quantised ones."""
Use = tuple[int, int]
"""An operation, and the channels of its input."""


def is_tflite(head: bytes) -> bool:
    """Whether a file has TFLite's mark."""
    return head[4:8] == b"TFL3"


def read_tflite(path: Path) -> Donor:
    """The constant tensors of a model by name; kernels as Keras has them.

    Raises:
        ReadError: where it is damaged.
        HostileError: where it is larger than any model.
    """
    try:
        found = donor(path, "tflite", _constants(root(load(path))))
    except (ValueError, IndexError, UnicodeError) as error:
        raise ReadError(f"is no whole TFLite model: {error}.", where=str(path), hint="Take another copy of it.") from error
    if not found.entries:
        raise ReadError("is a TFLite model without weights.", where=str(path))
    return found


def _constants(model: Table) -> Iterator[Constant]:
    codes = [max(code.number(0, "b"), code.number(3, "i")) for code in model.tables(1)]
    buffers = list(model.tables(4))
    for index, graph in enumerate(model.tables(2)):
        tensors = list(graph.tables(0))
        uses = _uses(graph, tensors, codes)
        for number, tensor in enumerate(tensors):
            raw = buffers[tensor.number(2, "I")].raw(0)
            dtype = _DTYPES.get(tensor.number(1, "b"))
            if not len(raw) or dtype is None:
                continue
            constant = _constant(f"{index}/" if index else "", tensor, np.frombuffer(raw, dtype), uses.get(number, set()))
            yield constant


def _constant(scope: str, tensor: Table, stored: Array, uses: set[Use]) -> Constant:
    name, shape = scope + text(tensor.raw(3)), tensor.numbers(0)
    if min(shape, default=0) < 0 or prod(shape) != len(stored):
        raise ValueError(f"tensor {name!r} has shape {shape} and {len(stored)} values")
    layout = _layout(shape, next(iter(uses))) if len(uses) == 1 else None
    return Constant(name, shape, stored.dtype.name, lambda: stored.reshape(shape), layout)


def _uses(graph: Table, tensors: list[Table], codes: list[int]) -> dict[int, set[Use]]:
    """By tensor, the operations that use it as a kernel; a tensor that is only widened from half precision is used as the result is."""
    uses: dict[int, set[Use]] = {}
    widened: dict[int, int] = {}
    for operator in graph.tables(3):
        code, inputs, outputs = codes[operator.number(0, "I")], operator.numbers(1), operator.numbers(2)
        if code == DEQUANTIZE and inputs and outputs:
            widened[inputs[0]] = outputs[0]
        elif code in (CONV_2D, DEPTHWISE, FULLY_CONNECTED, TRANSPOSE_CONV) and len(inputs) > 1:
            fed = tensors[inputs[2 if code == TRANSPOSE_CONV and len(inputs) > 2 else 0]].numbers(0)
            uses.setdefault(inputs[1], set()).add((code, fed[-1] if fed else 0))
    return {**uses, **{tensor: uses[result] for tensor, result in widened.items() if result in uses}}


def _layout(shape: tuple[int, ...], use: Use) -> Layout | None:
    """TFLite's kernels to Keras' (tensorflow/lite/kernels: conv.cc, depthwise_conv.cc, fully_connected.cc, transpose_conv.cc)."""
    code, channels = use
    if code == FULLY_CONNECTED:
        return ((1, 0), None) if len(shape) == 2 else None
    if len(shape) != 4:
        return None
    if code == DEPTHWISE:
        fits = channels > 0 and shape[0] == 1 and shape[3] % channels == 0
        return ((0, 1, 2, 3), (shape[1], shape[2], channels, shape[3] // channels)) if fits else None
    return (1, 2, 0, 3) if code == TRANSPOSE_CONV else (1, 2, 3, 0), None
