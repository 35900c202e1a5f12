"""Ask everything that behaved under the lost values what it says of those that were found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from layerfix.checkpoint.records import Checkpoint, WeightKey
from layerfix.inference.exactness import Witness
from layerfix.progress import Progress
from layerfix.samples import Samples

if TYPE_CHECKING:
    from layerfix.graph import Rebuilt

Array = NDArray[Any]
Testimony = Mapping[WeightKey, Witness]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a witness is asked about.

    Attributes:
        source: the checkpoint.
        rebuilt: its graph under the arguments believed, with all kept and all found values loaded; a witness leaves it as it was.
        claimed: values found by seeds or samples, by weight; those in one layer stand or fall together.
        open: paths of layers whose arguments or kernels are not decided: behind them nothing can be told.
        samples: the user's, or None.
        graph_seed: under which kernels were drawn.
        progress: told at every stage.
    """

    source: Checkpoint
    rebuilt: Rebuilt
    claimed: Mapping[WeightKey, Array]
    open: frozenset[str]
    samples: Samples | None
    graph_seed: int
    progress: Progress


Asked = Callable[[Hearing], Testimony]
WITNESSES: tuple[Asked, ...] = ()
"""Each says what it knows of the claimed weights; a weight of which it knows nothing it leaves out."""


def heard(hearing: Hearing, asked: Sequence[Asked] = WITNESSES) -> dict[WeightKey, tuple[Witness, ...]]:
    """What every witness says of every claimed weight."""
    told = [witness(hearing) for witness in asked]
    return {key: tuple(testimony[key] for testimony in told if key in testimony) for key in hearing.claimed}
