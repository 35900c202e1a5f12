"""Kernels whose stream is known and whose place in it is not: what behaviour chooses for them, heard by every witness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from layerfix.containers.records import WeightKey
from layerfix.inference.claims import Ground
from layerfix.inference.fits import Fit
from layerfix.inference.hearing import Hearing
from layerfix.inference.in_stream import chosen, proposed
from layerfix.inference.investigation import Investigation
from layerfix.inference.provenance import Provenance, Reading
from layerfix.inference.records import Inference, Recovered
from layerfix.inference.witnesses import heard

Found = Mapping[WeightKey, Recovered]


def readings_of(best: Fit, seeds: Provenance) -> list[Reading]:
    """The reading of the best structure, and those in other streams where kernels are outside of it."""
    if best.reading is None or not best.reading.foreign:
        return [best.reading] if best.reading else []
    further = seeds.readings(best.members[0].rebuilt.blueprint)
    return [best.reading, *(found for found in further if found.origin != best.reading.origin)]


def placeless(best: Fit, inference: Inference) -> frozenset[WeightKey]:
    """Kernels whose stream is known and whose place in it is not."""
    if best.reading is None:
        return frozenset()
    doubted = {key for key, found in inference.recovered.items() if found.kind == "seed" and _of_place(found)}
    random = {spec.key for spec in best.members[0].rebuilt.blueprint.hidden if spec.key in inference.unrecovered and spec.initializer}
    return frozenset(doubted | random)


def unconfirmed(best: Fit, told: Found) -> frozenset[WeightKey]:
    """Kernels told by a seed of which behaviour was asked and did not speak for."""
    if best.reading is None:
        return frozenset()
    return frozenset(key for key, found in told.items() if found.kind == "seed" and found.witnesses and not found.confirmed)


def _of_place(found: Recovered) -> bool:
    return any(doubt.stands and doubt.name in ("order", "structure") for doubt in found.doubts)


def with_choices(
    case: Investigation, best: Fit, ground: Ground, inference: Inference, doubted: frozenset[WeightKey], rivals: int
) -> Inference:
    """What was inferred, with the draws that behaviour chooses for doubted kernels in place of others."""
    from layerfix.graph.rebuilt import load_values

    if not doubted:
        return inference
    rebuilt = best.members[0].rebuilt
    claimed = case.values(rebuilt, {key: found for key, found in inference.recovered.items() if key not in doubted})
    load_values(rebuilt, claimed)
    unknown = frozenset(spec.layer for spec in rebuilt.blueprint.hidden if spec.key not in claimed and spec.key not in doubted)
    hearing = Hearing(
        source=case.source,
        rebuilt=rebuilt,
        claimed=claimed,
        open=unknown,
        unsettled=frozenset(),
        samples=case.samples(rebuilt),
        graph_seed=ground.seeds.search.graph_seed,
        progress=case.progress,
    )
    made = chosen(hearing, readings_of(best, ground.seeds), doubted)
    specs = {spec.key: spec for spec in rebuilt.blueprint.hidden}
    proposals = {key: proposed(ground, specs[key], choice, 1.0 + rivals) for key, choice in made.items()}
    kept = _kept(case, hearing, proposals, frozenset(key for key, choice in made.items() if choice.sure))
    claims = {key: found.op_seed for key, found in inference.recovered.items()}
    for layer in {specs[key].layer for key in kept}:
        kept |= _exchanged({key: found for key, found in proposals.items() if specs[key].layer == layer}, claims)
    new = {key: found for key, found in kept.items() if claims.get(key) != found.op_seed}
    if not new:
        return inference
    left = {key: why for key, why in inference.unrecovered.items() if key not in new}
    return replace(inference, recovered={**inference.recovered, **new}, unrecovered=left)


def _kept(case: Investigation, hearing: Hearing, new: Found, sure: frozenset[WeightKey]) -> dict[WeightKey, Recovered]:
    """Of what behaviour prefers, what it makes sure of by itself, and what witnesses confirm once a layer is whole."""
    if not new:
        return {}
    values = case.values(hearing.rebuilt, new)
    open_ = {spec.layer for spec in hearing.rebuilt.blueprint.hidden if spec.key not in new and spec.key not in hearing.claimed}
    told = heard(replace(hearing, claimed={**hearing.claimed, **values}, open=frozenset(open_)))
    found = {key: replace(each, witnesses=told[key]) for key, each in new.items()}
    return {key: new[key] for key, each in found.items() if each.confirmed or (key in sure and each.standing.word != "withdrawn")}


def _exchanged(proposals: Found, claims: Mapping[WeightKey, int | None]) -> Found:
    """All kernels of a layer, one of which is known to have another's draw, where they only changed places."""
    return proposals if {found.op_seed for found in proposals.values()} == {claims.get(key) for key in proposals} else {}
