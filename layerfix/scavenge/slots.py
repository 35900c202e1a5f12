"""The tensors of an optimizer: each has the shape of the weight that it follows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Shape = tuple[int, ...]
Family = Literal["keras2", "tf", "tf-2.11", "keras3"]
"""Multi-backend Keras; tf.keras to 2.10; tf.keras from 2.11, with its new optimizers; Keras 3."""
_BLOCKS = {"Adam": 3, "SGD": 1, "RMSprop": 1, "Adagrad": 1, "Adadelta": 2, "Adamax": 2, "Nadam": 2}
_COUNTED = frozenset({"Adam", "SGD", "Adamax", "Nadam"})
"""Optimizers of Keras 2 whose counter is among their weights (keras 2.2.4, optimizers.py)."""
_ROLES = {
    "tf": {
        "Adam": ("m", "v"),
        "RMSprop": ("rms",),
        "Adagrad": ("accumulator",),
        "Adamax": ("m", "v"),
        "Nadam": ("m", "v"),
        "SGD": ("momentum",),
    },
    "tf-2.11": {
        "Adam": ("m", "v"),
        "AdamW": ("m", "v"),
        "RMSprop": ("velocity",),
        "SGD": ("m",),
        "Nadam": ("m", "v"),
        "Adamax": ("m", "u"),
    },
    "keras3": {"Adam": ("momentum", "velocity"), "AdamW": ("momentum", "velocity"), "RMSprop": ("velocity",), "SGD": ("momentum",)},
}
_SCALAR = re.compile(r"(^|/)(iter|iterations?|learning_rate|current_learning_rate)(:0)?$")
_COUNTER = re.compile(r"(^|/)iter(ations?)?(:0)?$")
_NUMBERED = re.compile(r"(^|/)Variable(_\d+)?:0$")


def slot_shapes(
    names: Sequence[str], trained: Sequence[tuple[str, Shape | None]], known: Mapping[str, Shape], *, unused: bool
) -> dict[str, tuple[Shape, str]]:
    """Shape and type of each slot that names, or the order of names, tie to a weight.

    Args:
        names: of the slots, in the order of the file.
        trained: (name, shape) of the model's trained weights in their order.
        known: shapes of slots that the file still describes; where order alone speaks, none may contradict it.
        unused: whether it is an Adam of Keras 2 without `amsgrad`, whose third slots hold one number each.
    """
    found: dict[str, tuple[Shape, str]] = {name: ((), "<i8" if _COUNTER.search(name) else "<f4") for name in names if _SCALAR.search(name)}
    numbered = [name for name in names if _NUMBERED.search(name)]
    if numbered:
        return {**found, **_blocks(numbered, [shape for _, shape in trained], known, unused=unused)}
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


def _blocks(
    names: Sequence[str], shapes: Sequence[Shape | None], known: Mapping[str, Shape], *, unused: bool
) -> dict[str, tuple[Shape, str]]:
    """Keras 2 keeps one slot of all weights after the other (keras 2.2.4, optimizers.py); unused ones of Adam are of shape (1,)."""
    found: dict[str, tuple[Shape, str]] = {}
    count = len(shapes)
    for start in range(0, len(names) - count + 1, count) if count else ():
        block = names[start : start + count]
        for shaped in ([(1,)] * count,) if unused and start == 2 * count else (list(shapes), [(1,)] * count):
            if all(name not in known or known[name] == shape for name, shape in zip(block, shaped, strict=True)):
                if unused or start < 2 * count or any(name in known for name in block):
                    found.update({name: (shape, "<f4") for name, shape in zip(block, shaped, strict=True) if shape is not None})
                break
    return found


def slot_names(
    family: Family, optimizer: str, config: Mapping[str, Any], trained: Sequence[str], scope: str | None = None
) -> tuple[str, ...] | None:
    """The names of an optimizer's tensors in the order of the file, as its release makes them; None where no rule says.

    Args:
        optimizer: its class.
        config: its arguments.
        trained: names of the trained weights, in the order of the layers.
        scope: in Keras 2, "training", "training_1": counted by the session, and so in no config.
    """
    if family == "keras2":
        return _of_keras2(optimizer, len(trained), scope) if scope else None
    roles = slot_roles(family, optimizer, config)
    if roles is None:
        return None
    if family == "tf":
        return (f"{optimizer}/iter:0", *(f"{optimizer}/{name.removesuffix(':0')}/{role}:0" for role in roles for name in trained))
    if family == "tf-2.11":
        return ("iteration:0", *(f"{optimizer}/{role}/{name}" for name in trained for role in roles))
    scope = str(config.get("name") or optimizer.lower())
    return (
        f"{scope}/iteration",
        f"{scope}/learning_rate",
        *(f"{scope}/{name.replace('/', '_')}_{role}" for name in trained for role in roles),
    )


def slot_roles(family: Family, optimizer: str, config: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The roles that an optimizer keeps of each weight; None where no rule says."""
    roles = _ROLES[family].get(optimizer)
    if roles is None or config.get("amsgrad") or config.get("centered"):
        return None
    return () if optimizer == "SGD" and not config.get("momentum") else roles


def _of_keras2(optimizer: str, count: int, scope: str) -> tuple[str, ...] | None:
    if optimizer not in _BLOCKS:
        return None
    numbers = range(_BLOCKS[optimizer] * count)
    counter = (f"{optimizer}/iterations:0",) if optimizer in _COUNTED else ()
    return (*counter, *(f"{scope}/{optimizer}/Variable{f'_{number}' if number else ''}:0" for number in numbers))
