"""Numpy seeds under which the stream passes through the op seeds of several kernels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from layerfix.containers.records import WeightKey

NEAR = 4000
"""Words within which the op seeds of one model lie."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A numpy seed under which the stream passes through the op seeds of several kernels.

    Attributes:
        numpy_seed: the seed.
        places: word position of each kernel's op seed in its stream.
        phase: which list of seeds it came from, in words.
    """

    numpy_seed: int
    places: Mapping[WeightKey, int]
    phase: str


def met(hits: Iterable[tuple[int, int, int]], targets: Mapping[int, WeightKey], phase: str) -> list[Origin]:
    """(numpy seed, word, op seed) hits grouped by seed into clusters of near positions."""
    by_seed: dict[int, list[tuple[int, int]]] = {}
    for seed, word, op_seed in hits:
        by_seed.setdefault(seed, []).append((word, op_seed))
    return [Origin(seed, places, phase) for seed, found in by_seed.items() for places in [_cluster(sorted(found), targets)] if places]


def _cluster(found: Sequence[tuple[int, int]], targets: Mapping[int, WeightKey]) -> dict[WeightKey, int]:
    """The richest run of hits that lie near one another: {kernel: word}."""
    best: dict[WeightKey, int] = {}
    for start, _ in found:
        near: dict[WeightKey, int] = {}
        for word, op_seed in found:
            if start <= word <= start + NEAR:
                near.setdefault(targets[op_seed], word)
        best = near if len(near) > len(best) else best
    return best


def ranked(origins: Sequence[Origin]) -> list[Origin]:
    """Most kernels first; among equals the earliest place, which is the likeliest. Each seed once, at its best place."""
    ordered = sorted(origins, key=lambda origin: (-len(origin.places), min(origin.places.values()), origin.numpy_seed))
    first: dict[int, Origin] = {}
    for origin in ordered:
        first.setdefault(origin.numpy_seed, origin)
    return list(first.values())
