"""Ask everything that behaved under the lost values what it says of those that were found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples
from layerfix.inference.behaviour import by_predictions, by_samples
from layerfix.inference.exactness import AGREES, Witness
from layerfix.progress import Progress
from layerfix.rng.initializers import stream

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt

Array = NDArray[Any]
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
    """

    source: Checkpoint
    rebuilt: Rebuilt
    claimed: Mapping[WeightKey, Array]
    open: frozenset[str]
    unsettled: frozenset[str]
    samples: Samples | None
    graph_seed: int
    progress: Progress


Asked = Callable[[Hearing], Testimony]
WITNESSES: tuple[Asked, ...] = (by_predictions, by_samples)
"""Each says what it knows of the claimed weights; a weight of which it knows nothing it leaves out."""


def heard(hearing: Hearing, asked: Sequence[Asked] = WITNESSES) -> dict[WeightKey, tuple[Witness, ...]]:
    """What every witness says of every hidden weight.

    What has one value by its initializer stands with the kernels of its layer: where a witness
    agrees with all of these, the layer is the one that trained.
    """
    told = [witness(hearing) for witness in asked]
    hidden = hearing.rebuilt.blueprint.hidden
    found = {spec.key: tuple(testimony[spec.key] for testimony in told if spec.key in testimony) for spec in hidden}
    for layer in {spec.layer for spec in hidden}:
        inside = [spec for spec in hidden if spec.layer == layer]
        kernels = [found[spec.key] for spec in inside if not _stated(hearing, spec)]
        agreeing = [next((w for w in each if w.agrees and w.bound <= AGREES), None) for each in kernels]
        sure = [witness for witness in agreeing if witness is not None]
        if sure and len(sure) == len(kernels):
            weakest = max(sure, key=lambda witness: witness.bound)
            found |= {spec.key: (weakest,) for spec in inside if _stated(hearing, spec) and not found[spec.key]}
    return found


def _stated(hearing: Hearing, spec: WeightSpec) -> bool:
    """Whether its value follows from the source."""
    return spec.value is not None or stream(spec.initializer, spec.shape, hearing.source.keras_version).kind in ("constant", "identity")
