"""The file as a witness of claimed kernels: statistics stored around a layer agree with a value, contradict it, or are silent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.inference.exactness import AGREES, DoubtName, Witness, of_session
from layerfix.inference.moments.estimate import Estimate
from layerfix.inference.moments.listen import Listener

if TYPE_CHECKING:
    from layerfix.inference.hearing import Hearing

EXPECTED = 2.5
"""Resemblance that the true kernel must be expected to have before anything is contradicted."""
FAR = 0.35
"""Share of the expected resemblance below which a claimed kernel is contradicted. True ones of genuine files had 0.6 and more."""
STRAINED = 2.0
"""Strain of an estimate above which something else than the kernel is wrong, and nothing is contradicted."""
UNLIKE = -2.0
"""log10 of its evidence below which it is: with a widely wrong model of errors the true kernel still keeps about one."""


OTHER_SIZES = (0.5, 0.7071, 1.4142, 2.0)
"""Another initializer of the same kind gives the same kernel at another size."""
LEAD = 0.5
"""ln E that a kernel must have before itself at other sizes; else nothing is said of what another class would have drawn."""
OF_SIZE: frozenset[DoubtName] = frozenset({"class", "arguments"})
"""Doubts that stay where a kernel's pattern is told, and its size is not."""


def by_statistics(hearing: Hearing) -> Mapping[WeightKey, Witness]:
    """What stored statistics say of every claimed random kernel; nothing where a layer that is open lies between."""
    found: dict[WeightKey, Witness] = {}
    asked = hearing.claimed.keys() - hearing.settled
    claimed = [spec for spec in hearing.rebuilt.blueprint.hidden if spec.key in asked and spec.value is None]
    for layer in dict.fromkeys(spec.layer for spec in claimed):
        if layer in hearing.open:
            continue
        listener = Listener(hearing.source, hearing.rebuilt, layer, (hearing.open | hearing.unsettled) - {layer})
        for spec in (spec for spec in claimed if spec.layer == layer):
            witness = _asked(hearing, listener, spec)
            if witness is not None and not (witness.agrees is False and layer in hearing.unsettled | hearing.moved):
                found[spec.key] = witness
    return found


def _asked(hearing: Hearing, listener: Listener, spec: WeightSpec) -> Witness | None:
    estimate = listener.estimate(spec, ())
    if estimate is None:
        return None
    kernel = np.asarray(hearing.claimed[spec.key], np.float32).reshape(1, -1)
    return of_session(verdict(estimate, kernel, levelled=listener.levelled), stale=listener.stale)


def verdict(estimate: Estimate, kernel: np.ndarray, *, levelled: bool) -> Witness:
    """What an estimate says of one kernel of shape (1, elements).

    Args:
        estimate: from stored means.
        kernel: the claimed one.
        levelled: whether the estimate rests on stored statistics alone; where it does not, nothing is contradicted.
    """
    evidence, z = float(estimate.log_evidence(kernel)[0]), float(estimate.resemblance(kernel)[0])
    chance = min(1.0, math.exp(-max(0.0, evidence)))
    if chance <= AGREES:
        told = f"the statistics stored around it agree: another value would have such evidence with a chance of {chance:.0e} at most"
        blind = frozenset[DoubtName]() if _sized(estimate, kernel, evidence) and estimate.strain <= STRAINED else OF_SIZE
        return Witness("statistics", True, chance, told, blind)
    expected = estimate.promised_z
    if levelled and estimate.strain <= STRAINED and expected >= EXPECTED and z < FAR * expected and evidence < UNLIKE * math.log(10):
        told = f"the statistics stored around it contradict it: z {z:.1f} where the value that trained would have about {expected:.1f}"
        return Witness("statistics", False, 1.0, told)
    return Witness("statistics", None, 1.0, f"the statistics stored around it tell too little (z {z:.1f}, {expected:.1f} expected)")


def _sized(estimate: Estimate, kernel: np.ndarray, evidence: float) -> bool:
    sizes = np.vstack([np.float32(size) * kernel for size in OTHER_SIZES])
    return bool((estimate.log_evidence(sizes) <= evidence - LEAD).all())
