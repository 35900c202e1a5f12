"""Listen to what the file tells of a lost layer's kernels: an estimate for each, under given arguments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.inference.moments.estimate import Estimate, estimate
from layerfix.inference.race import spread
from layerfix.rng.initializers import Stream, stream

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt
    from layerfix.probe.means import Means, Squares
    from layerfix.probe.simulation import Simulation, Spread

LARGEST = 2**18
"""Elements of a kernel that are listened to at most."""
RESPONSES = 2**25
"""Numbers that the response of all stored means to a kernel may hold."""


class Listener:
    """One lost layer of a rebuilt model.

    Args:
        source: the checkpoint.
        rebuilt: its graph, with all weights loaded that are known; it is left as it was.
        layer: path of the layer.
        undecided: other layers whose weights or arguments are not known.
        inputs: samples, one array per input; without them activations are simulated.
    """

    def __init__(self, source: Checkpoint, rebuilt: Rebuilt, layer: str, undecided: Collection[str], inputs: Sequence[Array] = ()) -> None:
        from layerfix.probe.simulation import Simulation

        self._source, self.rebuilt, self._layer = source, rebuilt, layer
        self._simulation: Simulation = Simulation(rebuilt, layer, undecided, inputs)

    @property
    def kernels(self) -> list[WeightSpec]:
        """The layer's lost weights that a random stream filled."""
        return [spec for spec in self.rebuilt.blueprint.hidden if spec.layer == self._layer and self.stream(spec).random]

    @property
    def stale(self) -> bool:
        """Whether the stored means may be those of an earlier session."""
        return self._simulation.stale

    @property
    def hears_means(self) -> bool:
        """Whether a stored mean depends on the layer: what the optimizer remembers promises too much by itself."""
        return self._simulation.channels > 0

    @property
    def levelled(self) -> bool:
        """Whether everything that reaches the layer was normalised before."""
        return self._simulation.levelled

    def means(self, spec: WeightSpec, unknown: Sequence[WeightSpec]) -> Means | None:
        """How stored means depend on a kernel, the other unknown ones of its layer taken as random; None where they do not."""
        means = self._simulation.means(spec.key, self._open(spec, unknown))
        return means if means is not None and means.tell else None

    def squares(self, spec: WeightSpec, unknown: Sequence[WeightSpec]) -> list[Squares]:
        """What the optimizer remembers of features that depend on a kernel, as in `means`."""
        return [each for each in self._simulation.squares(spec.key, self._open(spec, unknown)) if each.tell]

    def estimate(self, spec: WeightSpec, unknown: Sequence[WeightSpec]) -> Estimate | None:
        """An estimate of a kernel; None where the file tells nothing of it."""
        if not self._simulation.tells or not self._audible(spec):
            return None
        means, squares = self.means(spec, unknown), self.squares(spec, unknown)
        return estimate(means, squares, spec.shape, self.stream(spec)) if means is not None or squares else None

    def _open(self, spec: WeightSpec, unknown: Sequence[WeightSpec]) -> dict[WeightKey, Spread]:
        """How the layer's open kernels spread."""
        from layerfix.probe.simulation import Spread

        drawn = {each.key: self.stream(each) for each in (spec, *unknown) if each.key in self.rebuilt.variables}
        return {key: Spread(found.center, spread(found)) for key, found in drawn.items() if found.random}

    def stream(self, spec: WeightSpec) -> Stream:
        """What filled a weight."""
        return stream(spec.initializer, spec.shape, self._source.keras_version)

    def _audible(self, spec: WeightSpec) -> bool:
        size = int(np.prod(spec.shape))
        fits = size <= LARGEST and size * self._simulation.channels <= RESPONSES
        return fits and len(spec.shape) > 1 and spec.key in self.rebuilt.variables and self.stream(spec).random
