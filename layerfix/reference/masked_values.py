"""Values in a graph that the reference computes: arrays with their masks, found by the calls that gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layerfix.arrays import Array
from layerfix.model import Argument, Tensor, tensors


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor's value and the mask that legacy Keras hands on with it: (batch, steps) of booleans, or None."""

    array: Array
    mask: Array | None = None


Values = dict[tuple[str, int], list[Value]]
"""Values so far, by (layer, call), of a functional model."""


def known(argument: Argument, values: Values) -> bool:
    """Whether every tensor in a call's arguments is there."""
    return all((tensor.layer, tensor.call) in values for tensor in tensors(argument))


def resolved(argument: Argument, values: Values) -> Any:
    """Arguments with values in place of tensors."""
    if isinstance(argument, Tensor):
        return values[argument.layer, argument.call][argument.place]
    if isinstance(argument, Mapping):
        return {key: resolved(item, values) for key, item in argument.items()}
    return [resolved(item, values) for item in argument] if isinstance(argument, list | tuple) else argument


def bare(value: object) -> Any:
    """Arguments with arrays in place of values."""
    if isinstance(value, Value):
        return value.array
    if isinstance(value, Mapping):
        return {key: bare(item) for key, item in value.items()}
    return [bare(item) for item in value] if isinstance(value, list) else value
