"""How the means stored behind a lost layer depend on one of its kernels, told by the file alone: moments propagated by simulation.

What a BatchNormalization hands on has mean beta and variance gamma^2 in every channel, and what it receives has the mean and variance that
it stores. Between the nearest such places and the lost layer, and from there to the next stored statistics, activations are simulated:
Gaussian numbers with these moments run through the layers that are kept, whatever these are. The numbers of a channel are a permutation of
the quantiles of a Gaussian (M. D. McKay et al., Technometrics 21, 1979), so that the mean of a ReLU of them is right to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from layerfix.arrays import Array
from layerfix.containers.records import WeightKey
from layerfix.graph.rebuilt import Rebuilt
from layerfix.graph.values import kept, set_values
from layerfix.probe.activations import known_moments, simulated
from layerfix.probe.means import Means, Squares
from layerfix.probe.observe import other_axes
from layerfix.probe.phases import by_batch, from_before, has_statistics, learnt_statistics, normalising
from layerfix.probe.program import Program, Slot, program
from layerfix.probe.squares import Draw, learnt, readers

DRAWS, TANGENTS = 4, 2
"""Random kernels at which the response is compared with its tangent, and at which it is followed where it bends."""
STRAIGHT = 5e-3
"""How far the response to two kernels may be from the sum of both for one tangent to serve; else slopes at random ones are averaged."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Expectation and deviation of the elements of an open kernel."""

    center: float
    deviation: float


class Simulation:
    """The part of a model around one lost layer, with simulated activations before it.

    Args:
        rebuilt: with all weights loaded that are known.
        layer: path of the lost layer.
        undecided: other layers whose weights or arguments are not known.
        inputs: samples, one array per input, whose activations take the place of simulated ones; then everything before the layer
            must be known.
    """

    def __init__(self, rebuilt: Rebuilt, layer: str, undecided: Collection[str], inputs: Sequence[Array] = ()) -> None:
        self._rebuilt, self._program = rebuilt, program(rebuilt.model)
        own = rebuilt.leaves[layer].layer
        blocked = {id(rebuilt.leaves[path].layer) for path in undecided if path != layer}
        self._own = [step for step in self._program.steps if step.layer is own]
        self._writes = [slot for step in self._own for slot in step.writes]
        moving = _until_normalised(self._program, self._writes)
        foreign = _until_normalised(self._program, (s for step in self._program.steps if id(step.layer) in blocked for s in step.writes))
        norms = [step for step in self._program.steps if has_statistics(step.layer)]
        self._targets = [step for step in norms if step.reads[0] in moving - foreign]
        self._readers = [each for each in readers(rebuilt, self._program.steps) if each.step.reads[0] in moving - foreign]
        if inputs:
            self._observe(inputs, blocked)
            return
        moments = dict(known_moments(rebuilt, norms, moving | foreign))
        needed = self._program.boundary(
            [step.reads[0] for step in (*self._targets, *(reader.step for reader in self._readers))],
            set(range(self._program.slots)) - set(moments) - set(self._program.inputs),
        )
        fed = self._program.needed(set(needed), [slot for step in self._own for slot in step.reads])
        self._hidden = bool(foreign & {slot for step in fed for slot in step.writes} or foreign & set(needed))
        self.levelled = not set(needed) & set(self._program.inputs)
        made_up = simulated(rebuilt, self._program, moments, needed) if self.tells else {}
        self._known = {slot: tf.constant(value) for slot, value in made_up.items()}

    def _observe(self, inputs: Sequence[Array], blocked: Collection[int]) -> None:
        """Let the samples' own activations reach the layer."""
        made = self._program
        targets = [step.reads[0] for step in (*self._targets, *(reader.step for reader in self._readers))]
        needed = made.boundary(targets, made.dependent(self._writes))
        foreign = made.dependent(slot for step in made.steps if id(step.layer) in blocked for slot in step.writes)
        self._hidden, self.levelled = bool(foreign & set(needed)), True
        given = dict(zip(made.inputs, map(tf.convert_to_tensor, inputs), strict=True))
        with normalising(by_batch(self._rebuilt, "statistics")):
            self._known = dict(zip(needed, made.run(given, needed), strict=True)) if self.tells else {}

    @property
    def tells(self) -> bool:
        """Whether anything that the file remembers depends on the layer, and on nothing else that is unknown."""
        return bool(self._targets or self._readers) and not self._hidden

    @property
    def stale(self) -> bool:
        """Whether stored means behind the layer may be those of an earlier session."""
        return from_before(self._rebuilt, [step.layer for step in self._targets])

    @property
    def channels(self) -> int:
        """Stored means in all."""
        return sum(int(np.prod(step.layer.moving_mean.shape)) for step in self._targets)

    def means(self, key: WeightKey, kernels: Mapping[WeightKey, Spread]) -> Means | None:
        """The stored means and how they depend on the kernel `key`; None where none may.

        Args:
            key: one of `kernels`.
            kernels: the layer's open kernels; those other than `key` are taken as random. The model is left as it was.
        """
        if not self._targets:
            return None
        variables = [self._rebuilt.variables[each] for each in kernels]
        at, stored = list(kernels).index(key), [learnt_statistics(self._rebuilt.checkpoint, step.layer) for step in self._targets]
        with kept(variables), normalising(by_batch(self._rebuilt, "statistics")):
            offset, slope, shift, level, bend = self._tangent(variables, list(kernels.values()), at)
        mean, variance = (np.concatenate(parts).astype(np.float64) for parts in zip(*stored, strict=True))
        return Means(mean, variance, offset, slope, shift, level, bend)

    def squares(self, key: WeightKey, kernels: Mapping[WeightKey, Spread]) -> list[Squares]:
        """What the optimizer remembers of each input of a trained kernel behind the layer, and how that depends on the kernel `key`.

        Args as for `means`.
        """
        variables, at = [self._rebuilt.variables[each] for each in kernels], list(kernels).index(key)
        draw = Draw(variables, [(spread.center, spread.deviation) for spread in kernels.values()])
        if not self._readers:
            return []
        slots = [reader.step.reads[0] for reader in self._readers]
        with kept(variables), normalising(by_batch(self._rebuilt, "statistics")):
            return learnt(lambda: self._program.run(self._known, slots), [reader.told for reader in self._readers], draw, at)

    def _tangent(self, variables: Sequence[Any], spreads: Sequence[Spread], at: int) -> tuple[Array, Array, Array, Array, float]:
        """Offset, slope, shift, level and bend of `Means`."""
        generator, variable = np.random.default_rng(0), variables[at]
        still = [np.full(each.shape, spread.center, np.float32) for each, spread in zip(variables, spreads, strict=True)]
        points = [
            [(x + spread.deviation * generator.normal(size=x.shape)).astype(np.float32) for x, spread in zip(still, spreads, strict=True)]
            for _ in range(DRAWS)
        ]
        run = tf.function(lambda chosen: self._responds(chosen, variable), autograph=False)
        mean_of = _at_each(run, variables, tf.zeros(self.channels))
        moved = [mean_of(point)[0] for point in points]
        means, level = mean_of(still)
        both = [a + b - c for a, b, c in zip(points[0], points[1], still, strict=True)]
        # A straight response gives f(a + b - c) = f(a) + f(b) - f(c).
        excess = mean_of(both)[0] - moved[0] - moved[1] + means
        straight = float(np.sum(excess**2)) <= STRAIGHT * float(np.sum((moved[0] - means) ** 2 + (moved[1] - means) ** 2))
        parts = []
        for point in [still] if straight else points[:TANGENTS]:
            set_values(variables, point)
            parts.append(self._gradients(run))
        slope, shift = (np.mean(each, axis=0) for each in zip(*parts, strict=True))
        seen = [(means, still)] if straight else list(zip(moved, points, strict=True))
        offset = np.mean([mean - slope @ point[at].ravel() for mean, point in seen], axis=0)
        return offset, slope, shift, level, _bend(offset, slope, moved, [point[at] for point in points])

    def _gradients(self, run: Any) -> tuple[Array, Array]:
        found = [run(tf.one_hot(channel, self.channels))[2:] for channel in range(self.channels)]
        return np.stack([np.asarray(a).ravel() for a, _ in found]).astype(np.float64), np.stack([np.asarray(b) for _, b in found])

    def _responds(self, chosen: Any, variable: keras.Variable) -> tuple[Any, Any, Any, Any]:
        """Means behind the layer, and of what it hands on; the slope and shift of the chosen ones of the former."""
        with tf.GradientTape() as tape:
            handed = self._program.run(self._known, self._writes)
            tape.watch(handed)
            means = self._behind(handed)
            mean = tf.reduce_sum(means * chosen)
        level = tf.concat([tf.reduce_mean(value, _all_but_last(value)) for value in handed], 0)
        slope, shifts = tape.gradient(mean, [variable.value, handed], unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return means, level, slope, tf.concat([tf.reduce_sum(shift, _all_but_last(shift)) for shift in shifts], 0)

    def _behind(self, handed: Sequence[object]) -> Any:
        values = self._program.run({**self._known, **dict(zip(self._writes, handed, strict=True))}, [s.reads[0] for s in self._targets])
        return tf.concat([tf.reduce_mean(v, other_axes(step, v)) for step, v in zip(self._targets, values, strict=True)], 0)


def _until_normalised(made: Program, start: Collection[Slot] | Iterator[Slot]) -> set[Slot]:
    """Slots whose mean depends on one of `start`: a BatchNormalization levels means."""
    found = set(start)
    for step in made.steps:
        if found & set(step.reads) and not has_statistics(step.layer):
            found |= set(step.writes)
    return found


def _bend(offset: Array, slope: Array, moved: Sequence[Array], points: Sequence[Array]) -> float:
    straight = [slope @ point.ravel() for point in points]
    missed = sum(float(np.sum((mean - offset - line) ** 2)) for mean, line in zip(moved, straight, strict=True))
    center = np.mean(straight, axis=0)
    return missed / max(sum(float(np.sum((line - center) ** 2)) for line in straight), 1e-30)


def _at_each(run: Any, variables: Sequence[Any], nothing: Any) -> Callable[[Sequence[Array]], tuple[Array, Array]]:
    """Means behind the layer, and of what it hands on, as a function of its kernels."""

    def mean_of(values: Sequence[Array]) -> tuple[Array, Array]:
        set_values(variables, values)
        means, level, *_ = run(nothing)
        return np.asarray(means, np.float64), np.asarray(level, np.float64)

    return mean_of


def _all_but_last(value: Any) -> list[int]:
    return list(range(len(value.shape) - 1))
