"""Estimate hidden kernels by gradient descent: what the model around a lost value still tells of it.

Everything else in the model was trained around the hidden kernels, so kernels that make it work again lie on the side of the lost ones.
Such an estimate is no recovery (many kernels work), but it *remembers*: its correlation with the lost kernel stands out among those with
ten million candidates, and `seeds.philox` scores all of them in a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from layerfix.arrays import Array
from layerfix.containers.records import WeightKey
from layerfix.containers.samples import Samples
from layerfix.graph.rebuilt import Rebuilt
from layerfix.graph.values import set_value
from layerfix.probe.evidence import EPSILON, Kind
from layerfix.probe.fitting import losses_of
from layerfix.probe.observe import other_axes
from layerfix.probe.phases import by_batch, has_statistics, learnt_statistics, normalising
from layerfix.probe.program import Slot, program

STEPS = 300
RATE = 0.05
"""Step in units of a kernel's own spread."""
START = 0.3
"""Spread of the start relative to the kernel's own: small, so that the estimate owes little to it."""
TIE = 1e-4
"""Weight of the squared standardised elements in the loss: evidence that tells little leaves the kernel near its mean."""
FAINT = 1e-6
"""Probabilities below which recorded ones are not told apart."""


@dataclass(frozen=True, slots=True)
class _View:
    """What is compared with evidence of one kind, the slots known beforehand, and the normalisations that go by the batch in it."""

    kind: Kind
    targets: tuple[Slot, ...]
    known: Mapping[Slot, Any]
    by_batch: Sequence[Any]


class Imprint:
    """A model and some of its hidden kernels, ready to be estimated.

    Args:
        rebuilt: with all weights loaded that are known.
        spreads: standard deviation of the elements of each kernel that is open.
        samples: evidence; statistics of every BatchNormalization behind an open kernel count as well.
    """

    def __init__(self, rebuilt: Rebuilt, spreads: Mapping[WeightKey, float], samples: Samples) -> None:
        self._keys, self._spreads = list(spreads), [float(spread) for spread in spreads.values()]
        self._variables = [rebuilt.variables[key] for key in self._keys]
        self._samples = samples
        self._program = program(rebuilt.model)
        own = {id(variable) for variable in self._variables}
        moving = self._program.dependent(
            slot for step in self._program.steps if own & {id(weight) for weight in step.layer.weights} for slot in step.writes
        )
        self._norms = [step for step in self._program.steps if has_statistics(step.layer) and step.reads[0] in moving]
        self._views: list[_View] = []
        if self._norms:
            self._view([step.reads[0] for step in self._norms], "statistics", moving, rebuilt)
        if samples.predictions is not None or samples.labels is not None:
            kind: Kind = "labels" if samples.predictions is None else "predictions"
            self._view(self._program.outputs, kind, moving, rebuilt)
        self._learnt = [learnt_statistics(rebuilt.checkpoint, step.layer) for step in self._norms]
        self._descend = tf.function(self._descent)

    def _view(self, targets: Sequence[Slot], kind: Kind, moving: set[Slot], rebuilt: Rebuilt) -> None:
        """What the model showed when evidence of one kind came about: everything outside `moving` is computed once."""
        norms, boundary = by_batch(rebuilt, kind), self._program.boundary(targets, moving)
        given = dict(zip(self._program.inputs, map(tf.convert_to_tensor, self._samples.inputs), strict=True))
        with normalising(norms):
            known = dict(zip(boundary, self._program.run(given, boundary), strict=True))
        self._views.append(_View(kind, tuple(targets), known, norms))

    def estimate(self, start: int = 0) -> dict[WeightKey, Array]:
        """An estimate of every open kernel, from a start of its own; the model keeps it."""
        generator = np.random.default_rng(start)
        for variable, spread in zip(self._variables, self._spreads, strict=True):
            set_value(variable, generator.normal(0, START * spread, variable.shape).astype(np.float32))
        self._descend()
        return {key: variable.value.numpy() for key, variable in zip(self._keys, self._variables, strict=True)}

    def badness(self) -> float:
        """The evidence's loss for the model as it stands."""
        return float(self._loss())

    def _descent(self) -> None:
        """Adam on standardised elements, its rate falling to nothing."""
        slots = [(tf.zeros(variable.shape), tf.zeros(variable.shape)) for variable in self._variables]
        for step in tf.range(1, STEPS + 1):
            count = tf.cast(step, tf.float32)
            slopes = self._slopes()
            slots = [
                (0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2) for (first, second), slope in zip(slots, slopes, strict=True)
            ]
            rate = RATE * tf.minimum(1.0, 2 - 2 * count / STEPS)
            for variable, spread, (first, second) in zip(self._variables, self._spreads, slots, strict=True):
                size = tf.sqrt(second / (1 - 0.99**count)) + 1e-12
                variable.assign_sub(rate * spread * first / (1 - 0.9**count) / size)

    def _slopes(self) -> list[Any]:
        with tf.GradientTape() as tape:
            loss = self._loss() + TIE * tf.add_n(
                [tf.reduce_sum((variable.value / spread) ** 2) for variable, spread in zip(self._variables, self._spreads, strict=True)]
            )
        found = tape.gradient(loss, [variable.value for variable in self._variables], unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [slope * spread for slope, spread in zip(found, self._spreads, strict=True)]

    def _loss(self) -> Any:
        loss = tf.zeros(())
        for view in self._views:
            with normalising(view.by_batch):
                values = self._program.run(view.known, view.targets)
            if view.kind == "statistics":
                told = zip(self._norms, values, self._learnt, strict=True)
                loss += tf.add_n([_strange(value, other_axes(step, value), *learnt) for step, value, learnt in told])
            elif view.kind == "predictions":
                pairs = zip(values, self._samples.predictions or (), strict=True)
                loss += tf.add_n([tf.reduce_mean(_unlike(value, recorded)) for value, recorded in pairs])
            else:
                loss += tf.reduce_mean(losses_of(values, self._samples))
        return loss


def _unlike(value: Any, recorded: Array) -> Any:
    """Squared differences: of logarithms for probabilities, whose small values tell as much; else in units of the spread."""
    recorded = recorded.astype(np.float32)
    if (recorded >= 0).all() and (recorded <= 1).all():
        both = [(value, recorded)] if recorded.shape[-1] > 1 else [(value, recorded), (1 - value, 1 - recorded)]
        return tf.add_n([tf.math.squared_difference(tf.math.log(a + FAINT), tf.math.log(b + FAINT)) for a, b in both])
    return (value - recorded) ** 2 / (float(np.var(recorded)) + EPSILON)


def _strange(value: object, axes: Sequence[int], mean: Array, variance: Array) -> Any:
    """How far a BatchNormalization's input is from what it learnt, as in `evidence.statistics_badness`."""
    found, spread = tf.nn.moments(value, axes)
    scale = variance + EPSILON
    return tf.reduce_mean((found - mean) ** 2 / scale + tf.math.log((spread + EPSILON) / scale) ** 2)
