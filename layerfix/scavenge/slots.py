"""The tensors of an optimizer: each has the shape of the weight that it follows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Shape = tuple[int, ...]
Family = Literal["keras2", "tf", "tf-2.11", "keras3"]
"""Multi-backend Keras; tf.keras to 2.10; tf.keras from 2.11, with its new optimizers; Keras 3."""
_BLOCKS = {"Adam": 3, "SGD": 1, "RMSprop": 1, "Adagrad": 1, "Adadelta": 2, "Adamax": 2, "Nadam": 2}
_COUNTED = frozenset({"Adam", "SGD", "Adamax", "Nadam"})
"""Optimizers of Keras 2 whose counter is among their weights (keras 2.2.4, optimizers.py)."""


@dataclass(frozen=True, slots=True)
class Block:
    """Roles that stand one after the other for each weight before the next weight has its turn; `switch` is the argument that adds them."""

    roles: tuple[str, ...]
    switch: str = ""


def _each(*roles: str) -> tuple[Block, ...]:
    """A block for each role: one slot of all weights after the other."""
    return tuple(Block((role,)) for role in roles)


_ADAM = {"tf": (*_each("m", "v"), Block(("vhat",), "amsgrad")), "tf-2.11": (Block(("m", "v")), Block(("vhat",), "amsgrad"))}
_ADAM_3 = (Block(("momentum", "velocity")), Block(("velocity_hat",), "amsgrad"))
_RMSPROP = (Block(("velocity",)), Block(("momentum",), "momentum"), Block(("average_gradient",), "centered"))
_TODAY = {
    "RMSprop": _RMSPROP,
    "Adagrad": _each("accumulator"),
    "Adadelta": (Block(("accumulated_grad", "accumulated_delta_var")),),
    "Ftrl": (Block(("accumulator", "linear")),),
}
_KEPT: Mapping[str, Mapping[str, tuple[Block, ...]]] = {
    "tf": {
        "Adam": _ADAM["tf"],
        "RMSprop": (*_each("rms"), Block(("momentum",), "momentum"), Block(("mg",), "centered")),
        "Adagrad": _each("accumulator"),
        "Adadelta": _each("accum_grad", "accum_var"),
        "Adamax": _each("m", "v"),
        "Nadam": _each("m", "v"),
        "SGD": (Block(("momentum",), "momentum"),),
        "Ftrl": _TODAY["Ftrl"],
    },
    "tf-2.11": {
        **_TODAY,
        "Adam": _ADAM["tf-2.11"],
        "AdamW": _ADAM["tf-2.11"],
        "SGD": _each("m"),
        "Nadam": (Block(("m", "v")),),
        "Adamax": (Block(("m", "u")),),
        "Lion": _each("m"),
    },
    "keras3": {
        **_TODAY,
        "Adam": _ADAM_3,
        "AdamW": _ADAM_3,
        "SGD": (Block(("momentum",), "momentum"),),
        "Nadam": (Block(("momentum", "velocity")),),
        "Adamax": (Block(("momentum", "norm")),),
        "Lion": _each("momentum"),
        "Lamb": (Block(("momentum", "velocity")),),
    },
}
"""By family and class, as files of tensorflow 2.4, 2.10 and 2.15 and of keras 3.15 hold them."""
_SCALAR = re.compile(
    r"(^|/)(iter|iterations?|learning_rate|current_learning_rate|momentum_cache|step_counter|dynamic_scale)(:0)?$|^nadam(_\d+)?/variable$"
)
_COUNTER = re.compile(r"(^|/)(iter(ations?)?|step_counter)(:0)?$")
_NUMBERED = re.compile(r"(^|/)Variable(_\d+)?:0$")


def slot_shapes(
    names: Sequence[str], trained: Sequence[tuple[str, Shape | None]], known: Mapping[str, Shape], kinds: tuple[str, str], *, unused: bool
) -> dict[str, tuple[Shape, str]]:
    """Shape and type of each slot that names, or the order of names, tie to a weight.

    Args:
        names: of the slots, in the order of the file.
        trained: (name, shape) of the model's trained weights in their order.
        known: shapes of slots that the file still describes; where order alone speaks, none may contradict it.
        kinds: the types of slots and of single numbers; "" for one that is not known.
        unused: whether it is an Adam of Keras 2 without `amsgrad`, whose third slots hold one number each.
    """
    kind, rate = kinds
    found: dict[str, tuple[Shape, str]] = {name: ((), "<i8" if _COUNTER.search(name) else rate) for name in names if _SCALAR.search(name)}
    found = {name: told for name, told in found.items() if told[1]}
    if not kind:
        return found
    numbered = [name for name in names if _NUMBERED.search(name)]
    if numbered:
        return {**found, **_blocks(numbered, [shape for _, shape in trained], known, kind, unused=unused)}
    plain = [(name.partition(":")[0], shape) for name, shape in trained]
    for name in names:
        shape = _followed(name, plain)
        if name not in found and shape is not None and not _SCALAR.search(name):
            found[name] = (shape, kind)
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
    names: Sequence[str], shapes: Sequence[Shape | None], known: Mapping[str, Shape], kind: str, *, unused: bool
) -> dict[str, tuple[Shape, str]]:
    """Keras 2 keeps one slot of all weights after the other (keras 2.2.4, optimizers.py); unused ones of Adam are of shape (1,)."""
    found: dict[str, tuple[Shape, str]] = {}
    count = len(shapes)
    for start in range(0, len(names) - count + 1, count) if count else ():
        block = names[start : start + count]
        for shaped in ([(1,)] * count,) if unused and start == 2 * count else (list(shapes), [(1,)] * count):
            if all(name not in known or known[name] == shape for name, shape in zip(block, shaped, strict=True)):
                if unused or start < 2 * count or any(name in known for name in block):
                    found.update({name: (shape, kind) for name, shape in zip(block, shaped, strict=True) if shape is not None})
                break
    return found


def slot_names(
    family: Family, optimizer: str, config: Mapping[str, Any], trained: Sequence[str], seen: Collection[str] = ()
) -> tuple[str, ...] | None:
    """The names of an optimizer's tensors in the order of the file, as its release makes them; None where no rule says.

    Args:
        optimizer: its class.
        config: its arguments.
        trained: names of the trained weights, in the order of the layers.
        seen: names that are left in the optimizer's group: Keras 2 counts its scopes in the session ("training_1", "Adam_2"),
            and no config tells how far.
    """
    if family == "keras2":
        return _of_keras2(optimizer, len(trained), seen)
    blocks = slot_blocks(family, optimizer, config)
    if blocks is None:
        return None
    pairs = list(_pairs(blocks, trained))
    name = str(config.get("name") or optimizer)
    if family == "tf":
        cache = (f"{name}/momentum_cache:0",) if optimizer == "Nadam" else ()
        return (f"{name}/iter:0", *cache, *(f"{name}/{weight.removesuffix(':0')}/{role}:0" for weight, role in pairs))
    if family == "tf-2.11":
        return ("iteration:0", *(f"{name}/{role}/{weight}" for weight, role in pairs))
    name = str(config.get("name") or optimizer.lower())
    product = (f"{name}/variable",) if optimizer == "Nadam" else ()
    return (
        f"{name}/iteration",
        f"{name}/learning_rate",
        *(f"{name}/{weight.replace('/', '_')}_{role}" for weight, role in pairs),
        *product,
    )


def scaled_names(scale: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names of an optimizer's tensors in Keras 3 where something scales its loss: a Nadam then does not list its product."""
    own = (f"{scale}/{role}" for role in ("iteration", "learning_rate", "step_counter", "dynamic_scale"))
    return (*own, *names[:2], *(f"{scale}/{name}" for name in names[2:] if not name.endswith("/variable")))


def _pairs(blocks: Sequence[Block], trained: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(weight, role) of every slot, in the order of the file."""
    return ((weight, role) for block in blocks for weight in trained for role in block.roles)


def slot_blocks(family: Family, optimizer: str, config: Mapping[str, Any]) -> tuple[Block, ...] | None:
    """The slots that an optimizer keeps of each weight; None where no rule says."""
    blocks = _KEPT[family].get(optimizer)
    return None if blocks is None else tuple(block for block in blocks if not block.switch or config.get(block.switch))


def _of_keras2(optimizer: str, count: int, seen: Collection[str]) -> tuple[str, ...] | None:
    scopes = {name for name in seen if re.fullmatch(r"training(_\d+)?", name)}
    counters = {name for name in seen if re.fullmatch(rf"{optimizer}(_\d+)?", name)}
    counted = optimizer in _COUNTED
    if optimizer not in _BLOCKS or len(scopes) != 1 or len(counters) != counted:
        return None
    numbers = range(_BLOCKS[optimizer] * count)
    slots = (f"{scope}/{optimizer}/Variable{f'_{number}' if number else ''}:0" for scope in scopes for number in numbers)
    return (*(f"{counter}/iterations:0" for counter in counters), *slots)
