"""What an optimizer remembers of a lost layer's output: squared gradients of the kernels that read it.

The gradient of a kernel is what the kernel reads times what comes back, so the average of its squares has, row by row, about the mean
square of one feature of the input as a factor. Rows of kernels that were trained thus tell how large the lost layer made each channel, up
to one factor that all share. No sample is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from layerfix.arrays import Array
from layerfix.containers.records import WeightKey
from layerfix.graph.rebuilt import Rebuilt
from layerfix.graph.values import set_value
from layerfix.probe.means import Squares
from layerfix.probe.moments import remembered_squares
from layerfix.probe.program import Step

ROWS = ("kernel", "depthwise_kernel")
"""Weights whose last axis but one is that of the features that are read."""
ELSEWHERE = ("Transpose", "Embedding", "Locally")
"""Parts of the names of classes whose kernels are laid out otherwise."""
FAINT = 1e-6
"""Share of the median below which a squared gradient counts as nothing."""
NOTHING = 1e-20
DRAWS, SLOPES = 64, 4
"""Random kernels from which the response is learnt, and at which it is differentiated."""
SAME = 1e-4
"""Relative deviation up to which two simulations of a feature are the same."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A step that reads with trained kernels, and what the optimizer remembers of each feature: log mean square, (features,)."""

    step: Step
    told: Array


def readers(rebuilt: Rebuilt, steps: Sequence[Step]) -> Iterator[Reader]:
    """The steps whose kernels' squared gradients the file holds; layers that are called twice are left out."""
    squares = remembered_squares(rebuilt.checkpoint, rebuilt)
    keys = {id(variable): key for key, variable in rebuilt.variables.items()}
    calls = [id(step.layer) for step in steps]
    for step in steps:
        if calls.count(id(step.layer)) > 1 or any(part in type(step.layer).__name__ for part in ELSEWHERE):
            continue
        told = [_rows(found) for found in _kernels(step, squares, keys)]
        if told:
            yield Reader(step, np.mean(told, axis=0))


def _kernels(step: Step, squares: Mapping[WeightKey, Array], keys: Mapping[int, WeightKey]) -> Iterator[Array]:
    features = step.node.input_tensors[0].shape[-1]
    for variable in getattr(step.layer, "weights", ()):
        found = squares.get(keys.get(id(variable), ("", "")))
        if found is not None and variable.name in ROWS and found.shape[-2] == features and found.any():
            yield np.asarray(found, np.float64)


def _rows(squares: Array) -> Array:
    """Mean log of each row of squares of shape (..., features, columns), columns levelled before."""
    positive = squares[squares > 0]
    logs = np.log(np.maximum(squares, FAINT * float(np.median(positive))))
    logs = logs - logs.mean(axis=-2, keepdims=True)
    return np.asarray(logs.mean(axis=tuple(axis for axis in range(logs.ndim) if axis != logs.ndim - 2)))


def owners(measure: Callable[[Array], Array], shape: tuple[int, ...], draw: Callable[[], Array]) -> Array:
    """For each feature the unit (place on the last axis of a kernel) on which alone it depends, -1 where there is none: (features,).

    Args:
        measure: features that a kernel gives.
        shape: of the kernel.
        draw: a random kernel.
    """
    one, other = draw(), draw()
    with_one, with_other = measure(one), measure(other)
    units, size = np.arange(shape[-1]), np.abs(with_one - with_other)
    owner, clear = np.zeros(len(size), int), size > SAME * np.abs(with_one)
    for bit in range(max(1, int(shape[-1] - 1).bit_length())):
        found = measure(np.where(units >> bit & 1, one, other))
        nearer = np.abs(found - with_one) < np.abs(found - with_other)
        clear &= np.minimum(np.abs(found - with_one), np.abs(found - with_other)) < 10 * SAME * size + 1e-12
        owner += nearer << bit
    return np.where(clear & (owner < shape[-1]), owner, -1)


class Draw:
    """Random values for a layer's open kernels.

    Args:
        variables: which are set.
        spreads: expectation and deviation of each one's elements.
    """

    def __init__(self, variables: Sequence[Any], spreads: Sequence[tuple[float, float]]) -> None:
        self.variables, self._spreads, self._generator = variables, spreads, np.random.default_rng(1)

    def one(self, at: int) -> Array:
        """A value for one of them."""
        center, deviation = self._spreads[at]
        return np.asarray(center + deviation * self._generator.normal(size=self.variables[at].shape), np.float32)

    def all(self) -> None:
        """Set all of them."""
        for at, variable in enumerate(self.variables):
            set_value(variable, self.one(at))


def learnt(received: Callable[[], Sequence[Any]], told: Sequence[Array], draw: Draw, at: int) -> list[Squares]:
    """How what readers receive depends on one of the open kernels, from random ones.

    Args:
        received: the input of each reader under the kernels as they are set.
        told: what the optimizer remembers of its features, (features,) each.
        draw: of the open kernels.
        at: which.
    """
    variable = draw.variables[at]
    measured = tf.function(lambda: _log_squares(received()), autograph=False)
    slopes = tf.function(lambda: _slopes(received, variable), autograph=False)

    def logs(kernel: Array) -> Array:
        set_value(variable, kernel)
        return np.asarray(measured(), np.float64)

    draw.all()
    owner = owners(logs, tuple(variable.shape), lambda: draw.one(at))
    kernels, answers, directions = [], [], []
    for count in range(DRAWS):
        draw.all()
        kernels.append(np.asarray(variable.value).ravel())
        answers.append(np.asarray(measured(), np.float64))
        if count < SLOPES:
            directions.append([np.asarray(slope, np.float64).ravel() for slope in slopes()])
    ends, units = np.cumsum([len(each) for each in told])[:-1], int(variable.shape[-1])
    each = zip(told, np.split(owner, ends), np.split(np.stack(answers), ends, axis=1), np.sum(directions, axis=0), strict=True)
    return [
        Squares(_by_owner(log, own, units), np.stack(kernels), np.stack([_by_owner(answer, own, units) for answer in said]), direction)
        for log, own, said, direction in each
    ]


def _log_squares(received: Sequence[Any]) -> Any:
    """Of the features of all readers, one after the other."""
    return tf.concat([tf.math.log(tf.reduce_mean(tf.square(value), list(range(len(value.shape) - 1))) + NOTHING) for value in received], 0)


def _slopes(received: Callable[[], Sequence[Any]], variable: keras.Variable) -> list[Any]:
    """Gradients of each reader's features' means: each unit's part of the kernel is moved by its own features alone."""
    with tf.GradientTape(persistent=True) as tape:
        totals = [tf.reduce_sum(tf.reduce_mean(value, list(range(len(value.shape) - 1)))) for value in received()]
    return [tape.gradient(total, variable.value, unconnected_gradients=tf.UnconnectedGradients.ZERO) for total in totals]


def _by_owner(features: Array, owner: Array, units: int) -> Array:
    """Mean of each unit's features, NaN where it has none: (units,)."""
    own, count = owner[owner >= 0], np.bincount(owner[owner >= 0], minlength=units)
    total = np.bincount(own, features[owner >= 0], units)
    return np.asarray(np.divide(total, count, out=np.full(units, np.nan), where=count > 0))
