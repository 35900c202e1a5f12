"""What can be observed behind one custom layer for given samples: statistics at the next BatchNormalization, and the model's outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from layerfix.arrays import Array
from layerfix.graph.rebuilt import Rebuilt
from layerfix.graph.values import set_value
from layerfix.probe.batched import Batched, supports
from layerfix.probe.evidence import Kind
from layerfix.probe.phases import by_batch, from_before, has_statistics, learnt_statistics, normalising
from layerfix.probe.program import Slot, Step, program

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
        self._known: dict[Kind, dict[Slot, Any]] = {}
        self.samples = len(inputs[0])

    @cached_property
    def normalization(self) -> Step | None:
        """The next BatchNormalization whose input depends on the layer and on nothing undecided."""
        for step in self._program.steps:
            if has_statistics(step.layer) and set(step.reads) & self._moving and not set(step.reads) & self._blocked:
                return step
        return None

    @property
    def stale(self) -> bool:
        """Whether the statistics at the next BatchNormalization may be those of an earlier session."""
        return self.normalization is not None and from_before(self._rebuilt, [self.normalization.layer])

    @cached_property
    def sees_outputs(self) -> bool:
        """Whether the model's outputs depend on the layer and on nothing undecided."""
        outputs = set(self._program.outputs)
        return bool(outputs & self._moving) and not outputs & self._blocked

    @cached_property
    def neighbours(self) -> set[int]:
        """ids of the trained variables whose gradients a hidden kernel shapes most: those before the layer, and the first ones behind."""
        known, own = set(self._program.inputs), list(self._steps(self._layer))
        before = self._program.needed(known, [slot for step in own for slot in step.reads])
        trained = [
            step for step in self._program.steps if step.layer.trainable_weights and step not in own and set(step.reads) & self._moving
        ]
        later = self._program.dependent(slot for step in trained for slot in step.writes)
        near = [*before, *(step for step in trained if not set(step.reads) & later)]
        return {id(variable) for step in near for variable in step.layer.trainable_weights}

    @property
    def statistics_shape(self) -> tuple[int, ...]:
        """Shape of one sample at the next BatchNormalization's input."""
        return tuple(self._run([self._statistics_slot], [0], "statistics")[0].shape[1:])

    @property
    def moving_statistics(self) -> tuple[Array, Array]:
        """Stored mean and variance of the next BatchNormalization: shape (channels,)."""
        assert self.normalization is not None
        return learnt_statistics(self._rebuilt.checkpoint, self.normalization.layer)

    def statistics(self, chosen: Sequence[int]) -> tuple[Array, Array]:
        """Mean and variance at the next BatchNormalization's input, for the current weights and some of the samples."""
        value = self._run([self._statistics_slot], chosen, "statistics")[0]
        mean, variance = tf.nn.moments(value, self._axes(value))
        return np.asarray(mean), np.asarray(variance)

    def statistics_before(self) -> list[tuple[Array, Array, Array, Array]]:
        """(mean, variance, stored mean, stored variance) at every BatchNormalization before the layer, for all samples."""
        steps = [
            step for step in self._program.steps if has_statistics(step.layer) and not set(step.reads) & (self._moving | self._blocked)
        ]
        found = []
        for step, value in zip(steps, self._program.run(self._given, [step.reads[0] for step in steps]), strict=True):
            mean, variance = tf.nn.moments(value, other_axes(step, value))
            found.append((np.asarray(mean), np.asarray(variance), *learnt_statistics(self._rebuilt.checkpoint, step.layer)))
        return found

    def outputs(self, chosen: Sequence[int], kind: Kind) -> list[Array]:
        """The model's outputs as evidence of that kind, for the current weights and some of the samples."""
        return [np.asarray(value) for value in self._run(list(self._program.outputs), chosen, kind)]

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
            set_value(variable, point)
            with tf.GradientTape(persistent=True) as tape:
                value = self._run([self._statistics_slot], chosen, "statistics")[0]
                parts = tf.unstack(tf.reduce_mean(value, self._axes(value)))
            means.append(np.asarray(parts))
            slopes.append(np.stack([_flat(tape.gradient(part, variable.value), variable) for part in parts]))
        predicted = [means[0] + slopes[0] @ point.ravel() for point in points[1:]]
        moved = max(float(np.abs(mean - means[0]).max()) for mean in means[1:]) or 1.0
        deviation = max(float(np.abs(p - m).max()) for p, m in zip(predicted, means[1:], strict=True)) / moved
        set_value(variable, points[0])
        if deviation <= AFFINE:
            return means[0], slopes[0], deviation
        slope = np.mean(slopes[1:], axis=0)
        offset = np.mean([m - slope @ p.ravel() for m, p in zip(means[1:], points[1:], strict=True)], axis=0)
        return offset, slope, deviation

    def batched(self, variable: keras.Variable, kind: Kind) -> Batched | None:
        """Many kernels at once, or None where the sublayer's output is no plain matrix product."""
        sublayer = next(
            (layer for layer in _flat_layers(self._layer) if any(v is variable for v in layer.weights) and not layer._layers), None
        )
        if sublayer is None or not supports(sublayer, tuple(variable.shape)):
            return None
        targets = [self._statistics_slot] if kind == "statistics" else list(self._program.outputs)
        known = dict(self._upstream(kind))
        return Batched(self._program, known, targets, sublayer, tuple(variable.shape), by_batch(self._rebuilt, kind))

    def inputs_of(self, variable: keras.Variable, kind: Kind) -> list[Array]:
        """What the sublayer that holds a kernel is applied to, call by call, as the model stands."""
        batched = self.batched(variable, kind)
        return [] if batched is None else [np.asarray(patches) for patches in batched.patches]

    def _upstream(self, kind: Kind) -> dict[Slot, Any]:
        """What the part behind the layer needs and does not change, as it was when evidence of that kind came about."""
        if kind not in self._known:
            targets = [self._statistics_slot] if kind == "statistics" else list(self._program.outputs)
            boundary = self._program.boundary(targets, self._moving)
            with normalising(by_batch(self._rebuilt, kind)):
                self._known[kind] = dict(zip(boundary, self._program.run(self._given, boundary), strict=True))
        return self._known[kind]

    @property
    def _statistics_slot(self) -> Slot:
        assert self.normalization is not None
        return self.normalization.reads[0]

    def _run(self, targets: Sequence[Slot], chosen: Sequence[int], kind: Kind) -> list[Any]:
        index = tf.constant(list(chosen), tf.int32)
        known = {slot: tf.gather(value, index) for slot, value in self._upstream(kind).items()}
        with normalising(by_batch(self._rebuilt, kind)):
            return self._program.run(known, targets)

    def _axes(self, value: object) -> list[int]:
        assert self.normalization is not None
        return other_axes(self.normalization, value)

    def _steps(self, layer: keras.layers.Layer) -> Iterator[Step]:
        return (step for step in self._program.steps if step.layer is layer)


def other_axes(step: Step, value: Any) -> list[int]:
    """All axes but the one that a BatchNormalization keeps."""
    axis = step.layer.axis
    kept = (axis[0] if isinstance(axis, list | tuple) else axis) % len(value.shape)
    return [i for i in range(len(value.shape)) if i != kept]


def _flat_layers(layer: keras.layers.Layer) -> list[Any]:
    return list(layer._flatten_layers(include_self=False))


def _flat(gradient: object, variable: keras.Variable) -> Array:
    return np.zeros(int(np.prod(variable.shape)), np.float32) if gradient is None else np.asarray(gradient).ravel()
