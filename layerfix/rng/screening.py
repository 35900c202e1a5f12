"""The best of ten million op seeds for each kernel: all are scored with a few values, what is left with ever more of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.progress import Progress, silent
from layerfix.rng import shards, tables
from layerfix.rng.philox import CHUNK, MOST, Fingerprint, Scores, blocks, by_kind, score, score_seeds, z_score
from layerfix.rng.streams import OP_SEEDS

FAR_SHARD = 2**20
"""Op seeds of a task that another process does."""
FIRST = 128
"""Values of a kernel that the first screening looks at."""
SCREEN = 1024
"""Values that the thorough screening looks at."""
SURE = 8.0
"""z from which a kernel's best op seed needs no second screening."""
KEEP = 4096
"""Candidates a kernel keeps for the confirmation with all its values."""

REFERENCE = 32
"""Best candidates whose z is taken from the reference streams: a check on the fast path, which leaves a few truncated normals out."""
REFERENCE_SIZE = 20_000
"""Elements up to which that is quick."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best op seeds of one kernel, best first.

    Attributes:
        op_seeds: int64 array.
        z: float64 array of the same length, with all values of the kernel. The first 32 of kernels up to 20,000 elements are by the
            reference streams; the fast path leaves some truncated normals out, which lowers z by a few percent.
        tried: op seeds that were scored.
    """

    op_seeds: NDArray[np.int64]
    z: NDArray[np.float64]
    tried: int


def scan(
    fingerprints: Sequence[Fingerprint],
    graph_seed: int,
    *,
    seeds: range = range(OP_SEEDS),
    top: int = KEEP,
    screen: int = SCREEN,
    progress: Progress = silent,
) -> dict[Any, Candidates]:
    """The `top` best op seeds of every fingerprint.

    All op seeds are scored with the first few values of each kernel, the best of them again with more, up to all values. Kernels that
    are not sure of their op seed then are screened again with `screen` values. A kernel much larger than that which remembers little can
    still slip through: scan it again alone with a larger `screen`.

    Args:
        fingerprints: random-initialised trained tensors.
        graph_seed: TensorFlow's graph seed.
        seeds: op seeds to try.
        top: how many to return per fingerprint.
        screen: values per kernel in the thorough screening.
        progress: called with op seeds done.
    """
    found: dict[Any, Candidates] = {}
    asked = _Asked(graph_seed, seeds, top)
    for kind, group in by_kind(fingerprints):
        unsure = group
        for values in sorted({min(FIRST, screen), screen}):
            found |= _screened(kind, unsure, asked, values, progress)
            unsure = [f for f in unsure if f.values.size > values and not _sure(found[f.key])]
            if not unsure:
                break
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `scan` was asked for."""

    graph_seed: int
    seeds: range
    top: int


def _screened(kind: str, group: Sequence[Fingerprint], asked: _Asked, screen: int, progress: Progress) -> dict[Any, Candidates]:
    """Candidates of kernels of one distribution after a screening with `screen` values."""
    graph_seed, seeds = asked.graph_seed, asked.seeds
    vectors = [f.weights[:screen] for f in group]
    floors = [_floor(len(seeds), _kept(f, asked.top, screen)) for f in group]
    far = shards.elsewhere()  # other processes, where a scheduler was given
    if far is None:
        kept = _above(blocks(tables.plan(kind, vectors, graph_seed), seeds, progress), floors, seeds.start)
    else:
        kept = _far(far, {"kind": kind, "vectors": shards.packed(vectors), "graph_seed": graph_seed, "floors": floors}, seeds, progress)
    return {f.key: _confirm(f, asked, op_seeds, screen) for f, (op_seeds, _) in zip(group, kept, strict=True)}


def _sure(candidates: Candidates) -> bool:
    return len(candidates.z) > 0 and bool(candidates.z[0] >= SURE)


def _kept(fingerprint: Fingerprint, top: int, screen: int) -> int:
    """Candidates for the second stage: more where the first sees only a part of the kernel."""
    return max(2 * top, KEEP if fingerprint.values.size <= screen else 25 * KEEP)


def _floor(tried: int, kept: int) -> float:
    """The z that about `kept` of `tried` wrong op seeds exceed."""
    return NormalDist().inv_cdf(1 - kept / tried) if kept < tried else -math.inf


def _above(blocks: Iterable[tuple[int, Scores]], floors: Sequence[float], first: int) -> list[tuple[NDArray[np.int64], Scores]]:
    """Per kernel, op seeds and scores above its floor; the blocks begin at op seed `first`."""
    op_seeds: list[list[NDArray[np.int64]]] = [[] for _ in floors]
    z: list[list[Scores]] = [[] for _ in floors]
    for start, block in blocks:
        for k, floor in enumerate(floors):
            above = np.flatnonzero(block[k] >= floor)
            op_seeds[k].append(above + (first + start))
            z[k].append(block[k, above])
    return [(np.concatenate(a), np.concatenate(b)) for a, b in zip(op_seeds, z, strict=True)]


def _far(far: shards.Spread, told: Mapping[str, object], seeds: range, progress: Progress) -> list[tuple[NDArray[np.int64], Scores]]:
    """What `_above` finds, by other processes; the order in which they answer does not matter."""
    answers = {}
    for answer in far({"search": "op", **told, "start": start, "stop": stop} for start, stop in shards.ranges(seeds, FAR_SHARD)):
        answers[answer["start"]] = answer
        progress("op seeds", min(FAR_SHARD * len(answers), len(seeds)), len(seeds))
    ordered = [answers[start] for start in sorted(answers)]
    op_seeds = zip(*(shards.unpacked(answer["op_seeds"], np.int64) for answer in ordered), strict=True)
    z = zip(*(shards.unpacked(answer["z"], np.float32) for answer in ordered), strict=True)
    return [(np.concatenate(a), np.concatenate(b)) for a, b in zip(op_seeds, z, strict=True)]


def score_shard(shard: Mapping[str, Any]) -> dict[str, Any]:
    """One range of op seeds, in this thread: per kernel, what scored above its floor."""
    plan = tables.plan(shard["kind"], shards.unpacked(shard["vectors"], np.float64), shard["graph_seed"])
    first = shard["start"]
    pieces = shards.ranges(range(first, shard["stop"]), CHUNK)
    blocks = ((start - first, score(plan, np.arange(start, stop, dtype=np.int64))) for start, stop in pieces)
    found = _above(blocks, shard["floors"], first)
    return {"start": first, "op_seeds": shards.packed([a for a, _ in found]), "z": shards.packed([b for _, b in found])}


def _confirm(fingerprint: Fingerprint, asked: _Asked, op_seeds: NDArray[np.int64], screen: int) -> Candidates:
    """Narrow the survivors down with ever more values, and end with all of them."""
    graph_seed, top = asked.graph_seed, asked.top
    size = min(fingerprint.values.size, MOST)
    while size > (screen := 8 * screen) and len(op_seeds) > top:
        z = score_seeds(fingerprint, graph_seed, op_seeds, screen)
        op_seeds = op_seeds[np.argsort(-z, kind="stable")[: max(top, len(op_seeds) // 8)]]
    z = score_seeds(fingerprint, graph_seed, op_seeds).astype(np.float64)
    best = np.argsort(-z, kind="stable")[:top]
    op_seeds, z = op_seeds[best], z[best]
    # The best once more by the reference, which leaves none of the truncated normals out: they may change places.
    if size <= REFERENCE_SIZE:
        z[:REFERENCE] = [z_score(fingerprint, graph_seed, int(op_seed)) for op_seed in op_seeds[:REFERENCE]]
    order = np.argsort(-z, kind="stable")
    return Candidates(op_seeds[order], z[order].astype(np.float64), len(asked.seeds))
