"""The tensors of an optimizer: each has the shape of the weight that it follows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Shape = tuple[int, ...]
_SCALAR = re.compile(r"(^|/)(iter|iterations?|learning_rate|current_learning_rate|decay|beta_[12]|momentum)(:0)?$")
_COUNTER = re.compile(r"(^|/)iter(ations?)?(:0)?$")
_NUMBERED = re.compile(r"(^|/)Variable(_\d+)?:0$")


def slot_shapes(names: Sequence[str], trained: Sequence[tuple[str, Shape | None]], known: Mapping[str, Shape]) -> dict[str, tuple[Shape, str]]:
    """Shape and type of each slot that names, or the order of names, tie to a weight.

    Args:
        names: of the slots, in the order of the file.
        trained: (name, shape) of the model's trained weights in their order.
        known: shapes of slots that the file still describes; where order alone speaks, none may contradict it.
    """
    found = {name: ((), "<i8" if _COUNTER.search(name) else "<f4") for name in names if _SCALAR.search(name)}
    numbered = [name for name in names if _NUMBERED.search(name)]
    if numbered:
        return {**found, **_blocks(numbered, [shape for _, shape in trained], known)}
    plain = [(name.partition(":")[0], shape) for name, shape in trained]
    for name in names:
        shape = _followed(name, plain)
        if name not in found and shape is not None:
            found[name] = (shape, "<f4")
    return found


def _followed(name: str, trained: Sequence[tuple[str, Shape | None]]) -> Shape | None:
    """The shape of the weight with the longest name that a slot's name contains."""
    best, length = None, 0
    for weight, shape in trained:
        for said in (weight, weight.replace("/", "_")):
            if len(said) > length and re.search(rf"(^|[/_]){re.escape(said)}([/_:]|$)", name):
                best, length = shape, len(said)
    return best


def _blocks(names: Sequence[str], shapes: Sequence[Shape | None], known: Mapping[str, Shape]) -> dict[str, tuple[Shape, str]]:
    """Keras 2 keeps one slot of all weights after the other (keras 2.2.4, optimizers.py); unused ones of Adam are of shape (1,)."""
    found: dict[str, tuple[Shape, str]] = {}
    count = len(shapes)
    for start in range(0, len(names) - count + 1 if count else 0, count):
        block = names[start : start + count]
        for shaped in (list(shapes), [(1,)] * count):
            if all(name not in known or known[name] == shape for name, shape in zip(block, shaped, strict=True)):
                if start < 2 * count or any(name in known for name in block):
                    found.update({name: (shape, "<f4") for name, shape in zip(block, shaped, strict=True) if shape is not None})
                break
    return found
