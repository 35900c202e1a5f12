"""How Keras 3 states what a layer is called on: Keras tensors inside `args` and `kwargs`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple


class Tensor(NamedTuple):
    """A tensor of a graph: the layer that made it, the number of the call, and which of its outputs it is."""

    layer: str
    node: int
    output: int


def is_tensor(value: object) -> bool:
    """Whether a value of a call is a Keras tensor."""
    return isinstance(value, dict) and value.get("class_name") == "__keras_tensor__"


def tensor(value: Any) -> Tensor:
    """The tensor that a value states."""
    layer, node, output = value["config"]["keras_history"]
    return Tensor(layer, node, output)


def shape(value: Any) -> tuple[int | None, ...]:
    """A tensor's shape."""
    stated = value["config"]["shape"]
    stated = stated.get("items", stated.get("config", {}).get("value")) if isinstance(stated, dict) else stated
    return tuple(stated)


def dtype(value: Any) -> str:
    """A tensor's dtype."""
    return str(value["config"]["dtype"])


def tensors(value: object) -> Iterator[Any]:
    """Every Keras tensor in a value, in order."""
    if is_tensor(value):
        yield value
        return
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from tensors(item)
