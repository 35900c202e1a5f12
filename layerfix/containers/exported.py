"""What exported graphs (frozen GraphDef, ONNX, TFLite) have in common: constants without variables, named and laid out by the exporter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.donor_records import Donor, DonorEntry, DonorKind
from layerfix.errors import HostileError, ReadError

Layout = tuple[tuple[int, ...], tuple[int, ...] | None]
"""How a stored weight becomes Keras': the order of its axes, and then its shape (None: as the axes give it)."""
MAX_FILE = 2 << 30
"""A protocol buffer or flatbuffer cannot be larger."""
MAX_TENSORS = 1_000_000
_SUFFIX = re.compile(r"(?::\d+|__\d+|_dequantize)+$")
_OPERATIONS = frozenset(["read", "transpose", "convolution", "MatMul", "Tensordot", "Conv1D", "Conv2D", "Conv3D", "depthwise"])
_READS = frozenset(["ReadVariableOp", "ExpandDims_1"])
_SCOPES = frozenset(["conv1d", "conv2d_transpose", "conv3d_transpose", "separable_conv2d"])
"""Operations that are named like tf.keras' first layer of their class: taken off once, and only in front of a read."""
_ROLES = frozenset(
    ["kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "recurrent_kernel", "depthwise_kernel", "pointwise_kernel"]
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of an exported graph.

    Attributes:
        name: as the exporter calls it.
        shape, dtype: as stored.
        read: its value as stored.
        layout: how it becomes a Keras kernel, where an operation of the graph uses it as one.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Array]
    layout: Layout | None = None


def load(path: Path) -> memoryview:
    """The bytes of an exported graph. Raises ReadError or HostileError."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise HostileError("refused: it is larger than a graph's format allows.", where=str(path))
        return memoryview(path.read_bytes())
    except OSError as error:
        raise ReadError(f"cannot be opened ({error.strerror}).", where=str(path)) from error


def donor(path: Path, kind: DonorKind, constants: Iterable[Constant]) -> Donor:
    """A donor of a graph's constants, in Keras' names and layouts.

    Raises:
        HostileError: where two constants share a name, or there are more than any model has.
    """
    held: dict[str, Constant] = {}
    for constant in constants:
        if constant.name in held or len(held) >= MAX_TENSORS:
            what = "has more constants than any model" if len(held) >= MAX_TENSORS else f"names {constant.name!r} twice"
            raise HostileError(f"refused: the graph {what}.", where=str(path))
        held[constant.name] = constant
    meanings = {name: variable_name(name, kernel=constant.layout is not None) for name, constant in held.items()}
    counts = Counter(meanings.values())

    def value(entry: DonorEntry) -> Array:
        constant = held[entry.name]
        return _laid_out(constant.read(), constant.layout)

    entries = tuple(
        DonorEntry(name, _shape(held[name]), held[name].dtype, means=meanings[name] if counts[meanings[name]] == 1 else "")
        for name in sorted(held)
    )
    return Donor(path, kind, entries, reader=value)


def variable_name(name: str, *, kernel: bool = False) -> str:
    """The variable that a constant was, without what exporters add.

    >>> variable_name("conv1d_2/convolution/ExpandDims_1:0", kernel=True)
    'conv1d_2/kernel'
    >>> variable_name("dense_1/bias/read__97")
    'dense_1/bias'
    """
    parts = [_SUFFIX.sub("", part) for part in name.split("/")]
    was_read = False
    while len(parts) > 1 and parts[-1] in _OPERATIONS | _READS:
        was_read = parts.pop() in _READS
    if was_read and len(parts) > 1 and parts[-1] in _SCOPES:
        parts.pop()
    if kernel and parts[-1] not in _ROLES:
        parts.append("kernel")
    return "/".join(parts)


def _shape(constant: Constant) -> tuple[int, ...]:
    if constant.layout is None:
        return constant.shape
    axes, shape = constant.layout
    return shape or tuple(constant.shape[axis] for axis in axes)


def _laid_out(array: Array, layout: Layout | None) -> Array:
    if layout is None:
        return array
    axes, shape = layout
    turned = np.ascontiguousarray(array.transpose(axes))
    return turned.reshape(shape) if shape else turned
