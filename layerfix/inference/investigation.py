"""What stays the same while evidence about one file is weighed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples, check_samples
from layerfix.inference.records import Recovered
from layerfix.inference.structure import Arguments, Place
from layerfix.options import Options
from layerfix.progress import Progress

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt


@dataclass(frozen=True, slots=True)
class Investigation:
    """What stays the same while evidence is weighed.

    Attributes:
        source: the checkpoint.
        options: of the user.
        given: arguments that the user stated.
        lost: constructor arguments that nobody stated.
        progress: told at every stage.
        lacking: arguments under which the graph could not be judged, since our legacy Keras lacks what the class uses.
    """

    source: Checkpoint
    options: Options
    given: Arguments
    lost: tuple[LostArgument, ...]
    progress: Progress
    lacking: tuple[Mapping[Place, Any], ...] = ()

    def samples(self, rebuilt: Rebuilt) -> Samples | None:
        """The user's samples, held against the model's inputs."""
        samples = self.options.samples
        if samples is not None:
            check_samples(samples, [tuple(tensor.shape) for tensor in rebuilt.model.inputs])
        return samples

    def values(self, rebuilt: Rebuilt, recovered: Mapping[WeightKey, Recovered]) -> dict[WeightKey, Array]:
        """What was recovered, as arrays of the shape and dtype that legacy Keras gave."""
        from layerfix.inference.values import value_of

        specs = {spec.key: spec for spec in rebuilt.blueprint.hidden}
        return {key: value_of(specs[key], found, self.source.keras_version) for key, found in recovered.items()}
