"""Ask everything that behaved under the lost values what it says of those that were found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey, spoken
from layerfix.inference.behaviour import by_predictions, by_samples
from layerfix.inference.exactness import EXCLUDES, Doubt, DoubtName, Witness
from layerfix.inference.hearing import Hearing, Testimony
from layerfix.inference.moments.witness import by_statistics
from layerfix.inference.records import DRAWN, Recovered
from layerfix.rng.certificate import EXACT

Asked = Callable[[Hearing], Testimony]
WITNESSES: tuple[Asked, ...] = (by_predictions, by_samples, by_statistics)
"""Each says what it knows of the claimed weights; a weight of which it knows nothing it leaves out."""
ITS_OWN: frozenset[DoubtName] = frozenset({"training", "updates", "arguments", "rounding"})
"""Doubts about one weight, of which a witness that was asked about another one of the layer knows nothing."""


def heard(hearing: Hearing, asked: Sequence[Asked] = WITNESSES) -> dict[WeightKey, tuple[Witness, ...]]:
    """What the witnesses say of every hidden weight, one after the other: of what one settled the next ones are not asked."""
    told: list[Testimony] = []
    for witness in asked:
        told.append(witness(hearing))
        hearing = replace(hearing, settled=hearing.settled | {key for key, each in told[-1].items() if _settles(each)})
    hidden = hearing.rebuilt.blueprint.hidden
    return {spec.key: tuple(testimony[spec.key] for testimony in told if spec.key in testimony) for spec in hidden}


def _settles(witness: Witness) -> bool:
    """Whether it leaves nothing for another to add: it agrees, is as sure as a proof has to be, and knows all that samples know."""
    return bool(witness.agrees) and witness.bound <= EXACT and all(witness.excludes(doubt) for doubt in EXCLUDES["samples"])


def in_company(
    found: Mapping[WeightKey, Recovered], hidden: Sequence[WeightSpec], idle: Collection[WeightKey] = ()
) -> dict[WeightKey, Recovered]:
    """What follows from the source stands with the kernels of its layer: where witnesses agree with
    all of these, the layer is the one that trained. `idle` are kernels that have no say in anything."""
    company = dict(found)
    for layer in {spec.layer for spec in hidden}:
        inside = [spec.key for spec in hidden if spec.layer == layer]
        kernels = [found.get(key) for key in inside if key not in idle and (key not in found or not _stated(found[key]))]
        agreeing = [kernel.confirmed if kernel else None for kernel in kernels]
        sure = [witness for witness in agreeing if witness is not None]
        if sure and len(sure) == len(kernels):
            weakest = max(sure, key=lambda witness: witness.bound)
            weakest = replace(weakest, blind=weakest.blind | ITS_OWN)
            alone = [key for key in inside if _stated(found[key]) and not found[key].witnesses]
            company |= {key: replace(found[key], witnesses=(weakest,)) for key in alone}
    return company


def beside_withdrawn(told: Mapping[WeightKey, Recovered], withdrawn: Collection[WeightKey]) -> dict[WeightKey, Recovered]:
    """What a stream told, where values that the same run of the script should have drawn are contradicted: nobody can vouch for it."""
    named = ", ".join(sorted(map(spoken, withdrawn))[:3])
    doubt = Doubt("session", True, f"{named} of the same run is contradicted by what behaved under it")
    open_ = {key for key, found in told.items() if found.kind in DRAWN and not found.confirmed}
    return {key: replace(found, doubts=(*found.doubts, doubt)) if key in open_ else found for key, found in told.items()}


def _stated(found: Recovered) -> bool:
    """Whether its value follows from the source."""
    return found.kind in ("constant", "fixed")
