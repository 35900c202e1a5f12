"""What the optimizer remembers as evidence: the pattern of squared gradients, which a right model must be able to repeat."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples
from layerfix.graph.values import set_value
from layerfix.progress import Progress

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt

PATTERN = 8
"""Elements from which on a weight's squared gradients are compared at all."""
LARGE = 64
"""Elements from which on they are, where all weights of the model testify and the noise of each adds up."""
PERFECT = 0.003
"""Loss below which classifications are equally good: large activations reach zero whatever the kernel, and then remember nothing."""


class Memory:
    """The memory of a checkpoint's optimizer, beside the rebuilt model."""

    def __init__(self, checkpoint: Checkpoint, rebuilt: Rebuilt) -> None:
        self._checkpoint, self._rebuilt = checkpoint, rebuilt

    @cached_property
    def _squares(self) -> Mapping[WeightKey, Array]:
        """Of every weight that has a pattern."""
        from layerfix.probe.moments import remembered_squares

        squares = remembered_squares(self._checkpoint, self._rebuilt)
        return {key: value for key, value in squares.items() if value.size >= PATTERN and np.ptp(value) > 0}

    @cached_property
    def large(self) -> Mapping[WeightKey, Array]:
        """Of the large weights of the whole model."""
        return {key: value for key, value in self._squares.items() if value.size >= LARGE}

    def weighed(
        self, losses: Array, variable: Any, kernels: Array, near: Collection[int], parts: Sequence[Samples], progress: Progress
    ) -> Array:
        """Losses, less where the gradients of the weights around a kernel have the pattern that is remembered.

        Args:
            losses: of each kernel on each part of the samples, and on all: (parts + 1, kernels).
            variable: that holds the kernel; it is left with the last one.
            kernels: as rows.
            near: ids of the variables that are compared.
            parts: samples with labels.
            progress: told after each kernel.
        """
        from layerfix.probe.moments import Moments

        compared = {key: value for key, value in self._squares.items() if id(self._rebuilt.variables[key]) in near}
        if not compared:
            return losses
        moments, agreements = Moments(self._rebuilt, compared, *parts), np.empty_like(losses)
        for at, kernel in enumerate(kernels):
            set_value(variable, kernel.reshape(variable.shape))
            agreements[:, at] = moments.agreements()
            progress("finalists", at + 1, len(kernels))
        return np.asarray((losses + PERFECT) * np.exp(-agreements / 2))

    def forgotten(self, answers: Samples) -> float:
        """How little of the pattern the gradients towards the model's own answers show: a right model is mostly right."""
        from layerfix.probe.moments import Moments

        return float(np.exp(-Moments(self._rebuilt, self.large, answers).agreements()[0]))
