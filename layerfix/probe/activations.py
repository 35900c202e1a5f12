"""Made-up activations with the moments that a file tells, from which the part of a model behind them can be run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import keras
import numpy as np

from layerfix.arrays import Array
from layerfix.graph.rebuilt import Rebuilt
from layerfix.probe.gaussian import gaussian
from layerfix.probe.phases import learnt_statistics
from layerfix.probe.program import Program, Slot, Step

Moments = tuple[int, Array, Array]
"""Of an activation's channels: their axis, their means, their deviations."""
POSITIONS, NARROW = 2048, 64
"""Activations simulated in every channel, samples times places; of wider layers as many in all as of one with so many channels."""
FEWEST = 8
"""Samples simulated at least."""
NUMBERS = 2**24
"""Numbers that one simulated tensor holds at most."""
OPEN_SIZE = 32
"""Places along an axis of open length."""


def simulated(rebuilt: Rebuilt, made: Program, moments: Mapping[Slot, Moments], slots: Sequence[Slot]) -> dict[Slot, Array]:
    """Activations with the moments that the file tells; noise of size one where it tells none."""
    shapes = {slot: _shape(rebuilt, made, slot) for slot in slots}
    places = max(int(np.prod(shape[:-1])) for shape in shapes.values())
    widest = max(int(np.prod(shape)) for shape in shapes.values())
    channels = max(shape[-1] for shape in shapes.values())
    count = max(FEWEST, min(POSITIONS * NARROW // max(channels, NARROW) // places, NUMBERS // widest))
    generator, words = np.random.default_rng(0), _vocabularies(made)
    return {
        slot: generator.integers(words[slot], size=(count, *shape)).astype(np.float32)
        if slot in words
        else _activations(generator, (count, *shape), moments.get(slot))
        for slot, shape in shapes.items()
    }


def _activations(generator: np.random.Generator, shape: tuple[int, ...], moments: Moments | None) -> Array:
    if moments is None:
        return gaussian(generator, shape, len(shape) - 1)
    axis, mean, deviation = moments
    along = [-1 if i == axis % len(shape) else 1 for i in range(len(shape))]
    return np.asarray(mean.reshape(along) + deviation.reshape(along) * gaussian(generator, shape, axis % len(shape)), np.float32)


def _shape(rebuilt: Rebuilt, made: Program, slot: Slot) -> tuple[int, ...]:
    """Of one sample."""
    if slot in made.inputs:
        tensor = rebuilt.model.inputs[made.inputs.index(slot)]
    else:
        step = next(step for step in made.steps if slot in step.writes)
        tensor = step.node.outputs[step.writes.index(slot)]
    return tuple(OPEN_SIZE if size is None else int(size) for size in tensor.shape[1:])


def _vocabularies(made: Program) -> dict[Slot, int]:
    steps = (step for step in made.steps if isinstance(step.layer, keras.layers.Embedding))
    return {slot: int(step.layer.input_dim) for step in steps for slot in step.reads}


def known_moments(rebuilt: Rebuilt, norms: Sequence[Step], unknown: set[Slot]) -> Iterator[tuple[Slot, Moments]]:
    """(axis, mean, deviation) of what normalisations hand on, and of what those receive that depend on nothing lost."""
    for step in norms:
        layer = step.layer
        axis = layer.axis[0] if isinstance(layer.axis, list | tuple) else layer.axis
        size = np.ones(layer.moving_mean.shape, np.float32)
        mean, deviation = (size * np.asarray(layer.beta) if layer.center else 0 * size), (np.asarray(layer.gamma) if layer.scale else size)
        yield step.writes[0], (axis, mean, np.abs(deviation))
        if step.reads[0] not in unknown:
            mean, variance = learnt_statistics(rebuilt.checkpoint, layer)
            yield step.reads[0], (axis, mean, np.sqrt(np.maximum(variance, 0)))
