"""What a witness of behaviour is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples
from layerfix.inference.exactness import Witness
from layerfix.progress import Progress

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt

Testimony = Mapping[WeightKey, Witness]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a witness is asked about.

    Attributes:
        source: the checkpoint.
        rebuilt: its graph under the arguments believed, with all kept and all found values loaded; a witness leaves it as it was.
        claimed: values found by seeds or samples, by weight; those in one layer stand or fall together.
        open: paths of layers whose kernels are not all known: behind them nothing can be told.
        unsettled: paths of layers whose arguments are not decided: of them a witness can only speak well.
        samples: the user's, or None.
        graph_seed: under which kernels were drawn.
        progress: told at every stage.
        settled: weights of which others said already all that a further witness could say; they are passed over.
    """

    source: Checkpoint
    rebuilt: Rebuilt
    claimed: Mapping[WeightKey, Array]
    open: frozenset[str]
    unsettled: frozenset[str]
    samples: Samples | None
    graph_seed: int
    progress: Progress
    settled: frozenset[WeightKey] = frozenset()

    @property
    def moved(self) -> frozenset[str]:
        """Layers with a weight that their class moved while it trained: what stands for it is not what trained, and of the
        kernels beside it a witness can only speak well."""
        return frozenset(spec.layer for spec in self.rebuilt.blueprint.hidden if spec.moved)
