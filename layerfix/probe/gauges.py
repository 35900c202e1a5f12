"""How large the inputs of trained layers were, as the file remembers it.

A BatchNormalization stores mean and variance of what it received. So, more roughly, does every layer with a kernel and a bias:
the gradient of its kernel is that of the bias times its input, so an optimizer that averages squared gradients (v) holds, as the ratio
of a kernel's v to its bias' v, about the mean square of what the layer received in training. No sample is needed to read either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from layerfix.arrays import Array
from layerfix.containers.records import WeightKey
from layerfix.graph.rebuilt import Rebuilt
from layerfix.probe.moments import remembered_squares
from layerfix.probe.phases import by_batch, has_statistics, learnt_statistics, normalising
from layerfix.probe.program import Slot, Step, program

SMALLEST = 1e-30
BY_OPTIMIZER = (-1.2, 0.3)
"""Gradients weigh inputs by how far the model errs on them. Measured behind lost layers of 17 genuine files: -0.94 to -0.04."""
BY_STATISTICS = (-0.5, 0.5)
READERS = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D, keras.layers.RNN)
"""Layers whose bias' gradient is the sum of what multiplies their inputs."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One trained layer.

    Attributes:
        layer: its name.
        slot: what it reads.
        told: log10 of the mean square of its input, as the file remembers it.
        band: how far `told` may be below and above the true value.
    """

    layer: str
    slot: Slot
    told: float
    band: tuple[float, float]


class Gauges:
    """The gauges around one custom layer.

    Args:
        rebuilt: with all weights loaded that are known, and stand-ins for the others.
        layer: path of the custom layer.
        undecided: other layers about which nothing is known; what lies behind them is left out.

    Attributes:
        before: gauges that do not depend on the layer.
        behind: the next ones that do, before a BatchNormalization levels what they receive.
        levelled: whether a BatchNormalization lies on every way from the inputs to the layer.
    """

    def __init__(self, rebuilt: Rebuilt, layer: str, undecided: Collection[str]) -> None:
        self._rebuilt, self._program = rebuilt, program(rebuilt.model)
        steps = self._program.steps
        own = [step for step in steps if step.layer is rebuilt.leaves[layer].layer]
        blocked_layers = {id(rebuilt.leaves[path].layer) for path in undecided if path != layer}
        moving = self._program.dependent(slot for step in own for slot in step.writes)
        blocked = self._program.dependent(slot for step in steps if id(step.layer) in blocked_layers for slot in step.writes)
        norms = {slot for step in steps if has_statistics(step.layer) for slot in step.writes}
        levelled = self._program.dependent(norms & moving)
        found = list(self._gauges({slot for step in steps if has_statistics(step.layer) for slot in step.reads}))
        self.before = [gauge for _, gauge in found if gauge.slot not in moving | blocked]
        behind = [(step, gauge) for step, gauge in found if gauge.slot in moving - blocked - levelled]
        later = self._program.dependent(slot for step, _ in behind for slot in step.writes)
        self.behind = [gauge for _, gauge in behind if gauge.slot not in later]
        self.levelled = not set(self._program.inputs) & set(
            self._program.boundary([slot for step in own for slot in step.reads], set(range(self._program.slots)) - norms)
        )

    @property
    def inputs(self) -> list[tuple[int | None, ...]]:
        """Shapes of the model's inputs, samples first."""
        return [tuple(tensor.shape) for tensor in self._rebuilt.model.inputs]

    def received(self, gauges: Sequence[Gauge], inputs: Sequence[Array]) -> Array:
        """log10 of the mean square that each gauge's layer receives for these inputs, as in training: (gauges,)."""
        given = dict(zip(self._program.inputs, map(tf.convert_to_tensor, inputs), strict=True))
        with normalising(by_batch(self._rebuilt, "synthetic")):
            values = self._program.run(given, [gauge.slot for gauge in gauges])
        return np.array([_log(np.mean(np.square(np.asarray(value, np.float64)))) for value in values])

    def vocabularies(self) -> list[int | None]:
        """Of each input, how many words it may name where an Embedding reads it."""
        sizes = {
            slot: int(step.layer.input_dim)
            for step in self._program.steps
            if isinstance(step.layer, keras.layers.Embedding)
            for slot in step.reads
        }
        return [sizes.get(slot) for slot in self._program.inputs]

    def _gauges(self, normalised: set[Slot]) -> Iterator[tuple[Step, Gauge]]:
        squares = remembered_squares(self._rebuilt.checkpoint, self._rebuilt)
        keys = {id(variable): key for key, variable in self._rebuilt.variables.items()}
        for step in self._program.steps:
            if has_statistics(step.layer):
                mean, variance = learnt_statistics(self._rebuilt.checkpoint, step.layer)
                yield step, Gauge(step.layer.name, step.reads[0], _log(np.mean(mean.astype(float) ** 2 + variance)), BY_STATISTICS)
            elif isinstance(step.layer, READERS) and not set(step.writes) & normalised:  # a BatchNormalization leaves a bias no gradient
                ratio = _ratio(step.layer, squares, keys)
                if ratio is not None:
                    yield step, Gauge(step.layer.name, step.reads[0], _log(ratio), BY_OPTIMIZER)


def _log(value: Any) -> float:
    return float(np.log10(value + SMALLEST))


def _ratio(layer: keras.layers.Layer, squares: Mapping[WeightKey, Array], keys: Mapping[int, WeightKey]) -> float | None:
    """Mean over inputs of a kernel's remembered squares, relative to the bias'."""
    cell = getattr(layer, "cell", layer)
    kernel, bias = (squares.get(keys.get(id(getattr(cell, name, None)), ("", ""))) for name in ("kernel", "bias"))
    if kernel is None or bias is None or not bias.sum() > 0:
        return None
    return float(kernel.reshape(-1, kernel.shape[-1]).astype(float).mean(axis=0).sum() / bias.astype(float).sum())
