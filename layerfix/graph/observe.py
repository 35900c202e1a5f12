"""What can be observed behind one custom layer for given samples: statistics at the next BatchNormalization, and the model's outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from layerfix.graph.batched import Batched, supports
from layerfix.graph.program import Slot, Step, program
from layerfix.graph.rebuilt import Rebuilt

Array = NDArray[Any]
AFFINE = 1e-3
"""Largest relative deviation of a mean from the straight line through the origin that still counts as affine."""


class Observer:
    """A rebuilt model around one custom layer, upstream already computed.

    Args:
        rebuilt: with all weights loaded that are known.
        layer: path of the custom layer.
        undecided: other layers whose weights or arguments are not known yet; nothing behind them is observed.
        inputs: the samples.
    """

    def __init__(self, rebuilt: Rebuilt, layer: str, undecided: Collection[str], inputs: Sequence[Array]) -> None:
        self._rebuilt, self._layer = rebuilt, rebuilt.leaves[layer].layer
        self._program = program(rebuilt.model)
        blocked = {id(rebuilt.leaves[path].layer) for path in undecided if path != layer}
        self._moving = self._program.dependent(slot for step in self._steps(self._layer) for slot in step.writes)
        self._blocked = self._program.dependent(s for step in self._program.steps if id(step.layer) in blocked for s in step.writes)
        self._given = dict(zip(self._program.inputs, map(tf.convert_to_tensor, inputs), strict=True))
        self.samples = len(inputs[0])

    @cached_property
    def normalization(self) -> Step | None:
        """The next BatchNormalization whose input depends on the layer and on nothing undecided."""
        for step in self._program.steps:
            if _has_statistics(step.layer) and set(step.reads) & self._moving and not set(step.reads) & self._blocked:
                return step
        return None

    @cached_property
    def sees_outputs(self) -> bool:
        """Whether the model's outputs depend on the layer and on nothing undecided."""
        outputs = set(self._program.outputs)
        return bool(outputs & self._moving) and not outputs & self._blocked

    @property
    def statistics_shape(self) -> tuple[int, ...]:
        """Shape of one sample at the next BatchNormalization's input."""
        return tuple(self._run([self._statistics_slot], [0])[0].shape[1:])

    @property
    def moving_statistics(self) -> tuple[Array, Array]:
        """Stored mean and variance of the next BatchNormalization: shape (channels,)."""
        assert self.normalization is not None
        layer = self.normalization.layer
        return np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)

    def statistics(self, chosen: Sequence[int]) -> tuple[Array, Array]:
        """Mean and variance at the next BatchNormalization's input, for the current weights and some of the samples."""
        value = self._run([self._statistics_slot], chosen)[0]
        mean, variance = tf.nn.moments(value, self._axes(value))
        return np.asarray(mean), np.asarray(variance)

    def statistics_before(self) -> list[tuple[Array, Array, Array, Array]]:
        """(mean, variance, stored mean, stored variance) at every BatchNormalization before the layer, for all samples."""
        steps = [
            step for step in self._program.steps if _has_statistics(step.layer) and not set(step.reads) & (self._moving | self._blocked)
        ]
        found = []
        for step, value in zip(steps, self._program.run(self._given, [step.reads[0] for step in steps]), strict=True):
            mean, variance = tf.nn.moments(value, _other_axes(step, value))
            found.append(
                (np.asarray(mean), np.asarray(variance), np.asarray(step.layer.moving_mean), np.asarray(step.layer.moving_variance))
            )
        return found

    def outputs(self, chosen: Sequence[int]) -> list[Array]:
        """The model's outputs, for the current weights and some of the samples."""
        return [np.asarray(value) for value in self._run(list(self._program.outputs), chosen)]

    def mean_response(self, variable: keras.Variable, chosen: Sequence[int], spread: float) -> tuple[Array, Array, float]:
        """How the means at the BatchNormalization depend on a kernel.

        Args:
            variable: the kernel; it is left at zero.
            chosen: samples to use.
            spread: typical size of the kernel's elements.

        Returns:
            offset (channels,), slope (channels, elements), and the largest relative deviation from that line for a random kernel.
        """
        generator = np.random.default_rng(0)
        points = [np.zeros(variable.shape, np.float32), *(generator.normal(0, spread, variable.shape).astype(np.float32) for _ in range(2))]
        slopes, means = [], []
        for point in points:
            variable.assign(point)
            with tf.GradientTape(persistent=True) as tape:
                value = self._run([self._statistics_slot], chosen)[0]
                parts = tf.unstack(tf.reduce_mean(value, self._axes(value)))
            means.append(np.asarray(parts))
            slopes.append(np.stack([_flat(tape.gradient(part, variable.value), variable) for part in parts]))
        predicted = [means[0] + slopes[0] @ point.ravel() for point in points[1:]]
        moved = max(float(np.abs(mean - means[0]).max()) for mean in means[1:]) or 1.0
        deviation = max(float(np.abs(p - m).max()) for p, m in zip(predicted, means[1:], strict=True)) / moved
        variable.assign(points[0])
        if deviation <= AFFINE:
            return means[0], slopes[0], deviation
        slope = np.mean(slopes[1:], axis=0)
        offset = np.mean([m - slope @ p.ravel() for m, p in zip(means[1:], points[1:], strict=True)], axis=0)
        return offset, slope, deviation

    def batched(self, variable: keras.Variable, *, statistics: bool) -> Batched | None:
        """Many kernels at once, or None where the sublayer's output is no plain matrix product."""
        sublayer = next(
            (layer for layer in _flat_layers(self._layer) if any(v is variable for v in layer.weights) and not layer._layers), None
        )
        if sublayer is None or not supports(sublayer, tuple(variable.shape)):
            return None
        targets = [self._statistics_slot] if statistics else list(self._program.outputs)
        return Batched(self._program, dict(self._upstream), targets, sublayer, tuple(variable.shape))

    @cached_property
    def _upstream(self) -> dict[Slot, Any]:
        """Everything that the part behind the layer needs and that does not depend on it."""
        targets = [*(self._program.outputs if self.sees_outputs else ()), *([self._statistics_slot] if self.normalization else ())]
        boundary = self._program.boundary(targets, self._moving)
        return dict(zip(boundary, self._program.run(self._given, boundary), strict=True))

    @property
    def _statistics_slot(self) -> Slot:
        assert self.normalization is not None
        return self.normalization.reads[0]

    def _run(self, targets: Sequence[Slot], chosen: Sequence[int]) -> list[Any]:
        index = tf.constant(list(chosen), tf.int32)
        return self._program.run({slot: tf.gather(value, index) for slot, value in self._upstream.items()}, targets)

    def _axes(self, value: Any) -> list[int]:
        assert self.normalization is not None
        return _other_axes(self.normalization, value)

    def _steps(self, layer: Any) -> Iterator[Step]:
        return (step for step in self._program.steps if step.layer is layer)


def _other_axes(step: Step, value: Any) -> list[int]:
    """All axes but the one that a BatchNormalization keeps."""
    axis = step.layer.axis
    kept = (axis[0] if isinstance(axis, list | tuple) else axis) % len(value.shape)
    return [i for i in range(len(value.shape)) if i != kept]


def _has_statistics(layer: Any) -> bool:
    return isinstance(layer, keras.layers.BatchNormalization) and layer.moving_mean is not None


def _flat_layers(layer: Any) -> list[Any]:
    return list(layer._flatten_layers(include_self=False))


def _flat(gradient: Any, variable: keras.Variable) -> Array:
    return np.zeros(int(np.prod(variable.shape)), np.float32) if gradient is None else np.asarray(gradient).ravel()
