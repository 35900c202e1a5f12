"""A model as a flat list of steps, nested models unfolded: what can be run from any tensor to any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

Slot = int
"""One tensor of the unfolded graph."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a layer or operation: the Keras node that recorded it, and the slots it reads and writes."""

    node: Any
    reads: tuple[Slot, ...]
    writes: tuple[Slot, ...]

    @property
    def layer(self) -> Any:
        """What is called."""
        return self.node.operation

    def run(self, values: Mapping[Slot, object]) -> list[Any]:
        """Call it on the values of its slots, in inference mode."""
        given = {id(tensor): values[slot] for tensor, slot in zip(self.node.input_tensors, self.reads, strict=True)}
        args, kwargs = self.node.arguments.fill_in(given)
        return list(keras.tree.flatten(self.layer(*args, **kwargs)))


@dataclass(slots=True)
class Program:
    """The steps of a model in an order in which they can run."""

    steps: list[Step] = field(default_factory=list)
    inputs: tuple[Slot, ...] = ()
    outputs: tuple[Slot, ...] = ()
    slots: int = 0

    def fresh(self, count: int) -> tuple[Slot, ...]:
        """New slots."""
        self.slots += count
        return tuple(range(self.slots - count, self.slots))

    def dependent(self, start: Iterable[Slot]) -> set[Slot]:
        """Slots whose value depends on one of `start`, those included."""
        found = set(start)
        for step in self.steps:
            if found & set(step.reads):
                found |= set(step.writes)
        return found

    def boundary(self, targets: Iterable[Slot], moving: set[Slot]) -> tuple[Slot, ...]:
        """Slots outside `moving` that have to be known to compute `targets` from them alone."""
        writer = {slot: step for step in self.steps for slot in step.writes}
        found: set[Slot] = set()
        pending, seen = list(targets), set[Slot]()
        while pending:
            slot = pending.pop()
            if slot in seen:
                continue
            seen.add(slot)
            if slot in moving and slot in writer:
                pending.extend(writer[slot].reads)
            else:
                found.add(slot)
        return tuple(sorted(found))

    def run(self, known: Mapping[Slot, object], targets: Sequence[Slot]) -> list[Any]:
        """The values of `targets`, computed from known slots and nothing else."""
        values = dict(known)
        needed = self.needed(set(known), targets)
        for step in needed:
            values.update(zip(step.writes, step.run(values), strict=True))
        return [values[slot] for slot in targets]

    def needed(self, known: set[Slot], targets: Sequence[Slot]) -> list[Step]:
        """The steps that lead from known slots to `targets`, in order."""
        wanted, chosen = set(targets) - known, []
        for step in reversed(self.steps):
            if wanted & set(step.writes):
                chosen.append(step)
                wanted |= set(step.reads) - known
        return chosen[::-1]


def program(model: keras.Model) -> Program:
    """Unfold a functional or sequential model."""
    made = Program()
    made.inputs = made.fresh(len(model.inputs))
    made.outputs = _inline(_functional(model), made.inputs, made)
    return made


def _functional(model: keras.Model) -> Any:
    return model._functional if isinstance(model, keras.Sequential) else model


def _inline(model: keras.Model, inputs: Sequence[Slot], made: Program) -> tuple[Slot, ...]:
    local = {id(tensor): slot for tensor, slot in zip(model.inputs, inputs, strict=True)}
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            if node.is_input or any(id(tensor) not in local for tensor in node.input_tensors):
                continue
            reads = tuple(local[id(tensor)] for tensor in node.input_tensors)
            if isinstance(node.operation, keras.Sequential | keras.models.Model) and hasattr(
                _functional(node.operation), "_nodes_by_depth"
            ):
                writes = _inline(_functional(node.operation), reads, made)
            else:
                writes = made.fresh(len(node.outputs))
                made.steps.append(Step(node, reads, writes))
            local.update({id(tensor): slot for tensor, slot in zip(node.outputs, writes, strict=True)})
    return tuple(local[id(tensor)] for tensor in model.outputs)
