"""Find op seeds by what an estimate of a lost kernel remembers: the bound of the seed chain, for kernels that are in no file.

An estimate (`graph.imprint`) is made from the file and the samples alone, so the values of a wrong op seed are independent of it, and
P(z >= t) <= exp(-t^2 / 2) holds as for a trained kernel (`seeds.philox`): whatever the samples, a large z is proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples
from layerfix.inference.race import spread
from layerfix.progress import Progress
from layerfix.rng import philox
from layerfix.rng.initializers import Stream, stream
from layerfix.rng.streams import OP_SEEDS

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt


def imprint(checkpoint: Checkpoint, rebuilt: Rebuilt, specs: Sequence[WeightSpec], samples: Samples) -> dict[WeightKey, Array]:
    """Estimates of the kernels `specs`, all at once; the model keeps them."""
    from layerfix.probe.imprint import Imprint

    spreads = {spec.key: spread(stream(spec.initializer, spec.shape, checkpoint.keras_version)) for spec in specs}
    return Imprint(rebuilt, spreads, samples).estimate()


def remembered(estimate: Array, drawn: Stream, graph_seed: int, keep: int, progress: Progress) -> tuple[NDArray[np.int64], Array]:
    """The `keep` op seeds that an estimate remembers best, best first, and their z."""
    z = philox.scores(philox.Fingerprint("estimate", estimate.ravel(), drawn), graph_seed, seeds=range(OP_SEEDS), progress=progress)
    near = np.argpartition(-z, min(keep, len(z) - 1))[:keep]
    near = near[np.argsort(-z[near], kind="stable")]
    return near.astype(np.int64), z[near]
