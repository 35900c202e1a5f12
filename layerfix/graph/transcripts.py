"""Labels and lengths that a model takes for a CTC loss of its own: what may be put in for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import keras
import numpy as np

from layerfix.arrays import Array

_LENGTHLESS = 2
"""Steps that are taken of an output whose length is open."""


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers that an input may hold, from `least` to `most`."""

    least: int
    most: int

    def drawn(self, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
        """Such numbers."""
        return generator.integers(self.least, self.most + 1, shape)


def transcripts(model: keras.Model) -> dict[int, Range]:
    """What the model's inputs may hold that end as labels or lengths in a CTC loss; by the identity of their tensors.

    Labels fit into the steps however often one repeats: half of the steps are blanks.
    """
    found: dict[int, Range] = {}
    for loss in _losses(model):
        length = loss.steps or _LENGTHLESS
        longest = max(1, min(loss.labels.shape[1] or 1, (length + 1) // 2))
        found |= {
            id(_origin(loss.labels, model)): Range(0, loss.classes - 2),
            id(_origin(loss.label_length, model)): Range(1, longest),
            id(_origin(loss.input_length, model)): Range(length, length),
        }
    return found


@dataclass(frozen=True, slots=True)
class _Loss:
    """Tensors that a CTC loss takes, and what it is a loss of: an output of so many steps (None: open) and classes."""

    labels: keras.KerasTensor
    label_length: keras.KerasTensor
    input_length: keras.KerasTensor
    steps: int | None
    classes: int


def _losses(model: keras.Model) -> Iterator[_Loss]:
    """The CTC losses in a model and in those that it calls."""
    for operation in getattr(model, "operations", ()):
        if type(operation).__name__ == "CTCLoss":
            labels, output, count, steps = operation._inbound_nodes[0].arguments.args[:4]
            yield _Loss(labels, count, steps, output.shape[1], output.shape[-1])
        elif isinstance(operation, keras.Model):
            for loss in _losses(operation):
                yield replace(
                    loss,
                    labels=_outside(loss.labels, operation),
                    label_length=_outside(loss.label_length, operation),
                    input_length=_outside(loss.input_length, operation),
                )


def _outside(tensor: keras.KerasTensor, inner: keras.Model) -> keras.KerasTensor:
    """The tensor outside of a called model that comes in where one of its own begins; itself where it is made inside."""
    start = _origin(tensor, inner)
    given = next((place for place, own in enumerate(inner.inputs) if own is start), None)
    if given is None or not inner._inbound_nodes:
        return tensor
    return inner._inbound_nodes[-1].input_tensors[given]


def _origin(tensor: keras.KerasTensor, model: keras.Model) -> keras.KerasTensor:
    """Where a tensor that is only cast and shaped comes from."""
    while all(tensor is not own for own in model.inputs):
        given = tensor._keras_history.operation._inbound_nodes[tensor._keras_history.node_index].input_tensors
        if len(given) != 1:
            break
        tensor = given[0]
    return tensor
