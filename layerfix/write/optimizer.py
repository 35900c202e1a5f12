"""The optimizer's state when trainable weights are added: zeros at their places in every slot group, or dropped with a reason.

Legacy layouts (keras 2.0.9 to 2.2.5, optimizers.py, `self.weights`): an iteration counter (not for RMSprop, Adagrad, Adadelta), then
one tensor per trained weight and slot, slot by slot. Adam since 2.1.3 ends with vhat, whose tensors are placeholders of shape (1,)
unless amsgrad is on. All slots begin at zero. Loading goes by order alone, the names only have to be unique.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import OptimizerEntry, WeightEntry
from layerfix.legacy.optimizers import OPTIMIZERS, Slots

PLACEHOLDER = (1,)
_NUMBERED = re.compile(r"(?P<stem>.*?)(?:_(?P<number>\d+))?(?P<tail>:\d+)?")


@dataclass(frozen=True, slots=True)
class OptimizerOutcome:
    """What became of the optimizer's state, and why, in one sentence."""

    status: Literal["kept", "extended", "dropped", "none"]
    why: str


@dataclass(frozen=True, slots=True)
class SlotTensor:
    """One tensor of the new state: an old one under a new name, or zeros.

    Attributes:
        name: in the written file.
        old: the entry in the source, or None for zeros.
        shape, dtype: of the tensor.
    """

    name: str
    old: WeightEntry | None
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Extension:
    """The plan for the state: all tensors in order where it is extended, () otherwise."""

    outcome: OptimizerOutcome
    tensors: tuple[SlotTensor, ...] = ()


def extend(optimizer: OptimizerEntry | None, trained: Sequence[WeightSpec], added: frozenset[tuple[str, str]]) -> Extension:
    """Plans the new optimizer state.

    Args:
        optimizer: as read from the source.
        trained: all trained weights of the repaired model in training order (`order.training_order`).
        added: keys of those that the repair adds.
    """
    if optimizer is None or not (optimizer.weights or optimizer.absent):
        return Extension(OptimizerOutcome("none", "the file stores no optimizer state."))
    if optimizer.absent:
        return _dropped(f"{len(optimizer.absent)} of its tensors are missing in the file")
    if not any(spec.key in added for spec in trained):
        return Extension(OptimizerOutcome("kept", "the repair adds no trainable weight."))
    old = [spec for spec in trained if spec.key not in added]
    name = optimizer.class_name or "the optimizer"
    known = OPTIMIZERS.get(name)
    if known is None or not known.in_keras2:
        return _dropped(f"the slots of {name} are not known")
    groups = _groups(optimizer, known, old)
    if groups is None or not old:
        return _dropped(f"its {len(optimizer.weights)} tensors do not fit {name} with {len(old)} trained weights")
    head, slots = groups
    tensors = _tensors(head, slots, trained, added, optimizer)
    count = sum(tensor.old is None for tensor in tensors)
    why = f"{count} tensors of zeros were inserted for {sum(spec.key in added for spec in trained)} new trainable weights ({name})."
    return Extension(OptimizerOutcome("extended", why), tensors)


def _dropped(reason: str) -> Extension:
    return Extension(OptimizerOutcome("dropped", f"the optimizer state was dropped: {reason}; training starts with a fresh one."))


def _groups(
    optimizer: OptimizerEntry, known: Slots, old: Sequence[WeightSpec]
) -> tuple[tuple[WeightEntry, ...], list[tuple[WeightEntry, ...]]] | None:
    """The tensors as (counter, slot groups), or None where they do not fit the trained weights."""
    size = len(old)
    for count in known.counts:
        head = len(optimizer.weights) - count * size
        if head not in (0, 1) or any(entry.shape for entry in optimizer.weights[:head]):
            continue
        slots = [optimizer.weights[head + index * size : head + (index + 1) * size] for index in range(count)]
        if all(_fits(slot, old) for slot in slots):
            return optimizer.weights[:head], slots
    return None


def _fits(slot: Sequence[WeightEntry], old: Sequence[WeightSpec]) -> bool:
    shaped = all(entry.shape == tuple(spec.shape) for entry, spec in zip(slot, old, strict=True))
    return shaped or all(entry.shape == PLACEHOLDER for entry in slot)


def _is_placeholder(slot: Sequence[WeightEntry], index: int, optimizer: OptimizerEntry) -> bool:
    """Whether a slot holds amsgrad's placeholders. Where every weight has shape (1,) only the config can tell."""
    return all(entry.shape == PLACEHOLDER for entry in slot) and index == 2 and not optimizer.config.get("amsgrad", False)


def _tensors(
    head: Sequence[WeightEntry],
    slots: Sequence[Sequence[WeightEntry]],
    trained: Sequence[WeightSpec],
    added: frozenset[tuple[str, str]],
    optimizer: OptimizerEntry,
) -> tuple[SlotTensor, ...]:
    wanted: list[tuple[WeightEntry | None, tuple[int, ...], str]] = []
    for index, slot in enumerate(slots):
        remaining = iter(slot)
        placeholder = _is_placeholder(slot, index, optimizer)
        for spec in trained:
            if spec.key in added:
                wanted.append((None, PLACEHOLDER if placeholder else spec.shape, slot[0].dtype if slot else spec.dtype))
            else:
                entry = next(remaining)
                wanted.append((entry, entry.shape, entry.dtype))
    names = _names([entry.name if entry else None for entry, _, _ in wanted])
    kept = tuple(SlotTensor(entry.name, entry, entry.shape, entry.dtype) for entry in head)
    return kept + tuple(SlotTensor(name, entry, shape, dtype) for name, (entry, shape, dtype) in zip(names, wanted, strict=True))


def _names(old: Sequence[str | None]) -> list[str]:
    """New names: numbered through where the old ones were ("training/Adam/Variable_7:0"), else old ones kept and new ones made up."""
    parsed = [_parse(name) for name in old if name is not None]
    stems = {(stem, tail) for stem, _, tail in parsed}
    numbers = [number for _, number, _ in parsed]
    if len(stems) == 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        stem, tail = stems.pop()
        return [f"{stem}_{number}{tail}" if number else f"{stem}{tail}" for number in range(numbers[0], numbers[0] + len(old))]
    return [f"layerfix/slot_{index}:0" if name is None else name for index, name in enumerate(old)]


def _parse(name: str) -> tuple[str, int, str]:
    match = _NUMBERED.fullmatch(name)
    assert match is not None  # every group is optional
    return match["stem"], int(match["number"] or 0), match["tail"] or ""
