"""Which of the ten million op seeds a trained kernel still remembers.

The score of an op seed is z = sum(w * c): w is the trained kernel, centred and of length one, c the candidate's values with mean zero and
deviation one. For a wrong op seed c is independent of w, and each of its elements is *strictly sub-Gaussian*, E exp(s c) <= exp(s^2 / 2):

* uniform: an element is an affine image of 23 fair bits, a sum of independent +-2^j, and cosh(s) <= exp(s^2 / 2);
* normal: with equality;
* normal truncated at a = 2: integration by parts gives m_k = (2k-1) m_{k-1} - b a^(2k-2) for the even moments m_k = E x^2k with
  b = 1 - sigma^2; |x| is stochastically smaller than uniform on [0, a], so m_{k-1} <= a^(2k-2) / (2k-1), hence
  m_k <= (2k-1) sigma^2 m_{k-1} and m_k <= (2k-1)!! sigma^2k, the moments of a normal with the same deviation.

So P(z >= t) <= exp(-t^2 / 2) for every trained kernel whatever its values, and the same for normalised sums over kernels.
`streams.py` is the reference, `philox_numba.py` the fast path; without numba (or with LAYERFIX_NO_NUMBA set) plain numpy serves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.progress import Progress, silent
from layerfix.rng import shards, tables
from layerfix.rng.cores import UNCOMPILED, by_all_cores, compiling, numba_wanted
from layerfix.rng.initializers import Stream
from layerfix.rng.streams import OP_SEEDS, unit

FAR_SHARD = 2**20
"""Op seeds of a task that another process does."""
CHUNK = 32_768
"""Op seeds per task: a multiple of eight; scores of a chunk stay in the cache."""
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
MOST = 1_000_000
"""Elements of a tensor that are looked at: z grows with the root of their number, and so many are more than enough."""

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A trained tensor that may remember its first value.

    Attributes:
        key: what the caller calls it; hashable.
        values: flat float32 array in C order.
        stream: what it was filled with; `stream.random` must hold.
    """

    key: Any
    values: NDArray[np.float32]
    stream: Stream

    @property
    def weights(self) -> NDArray[np.float64]:
        """The first million values, centred on the stream's mean and scaled to length one; zeros where nothing can be told."""
        centred = np.asarray(np.ravel(self.values)[:MOST], np.float64) - self.stream.center
        length = float(np.linalg.norm(centred))
        return centred / length if math.isfinite(length) and length > 0 else np.zeros_like(centred)


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


def z_score(fingerprint: Fingerprint, graph_seed: int, op_seed: int) -> float:
    """z of one op seed with all values, by the numpy reference."""
    weights = fingerprint.weights
    return float(weights @ unit(fingerprint.stream.kind, graph_seed, op_seed, weights.size))


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
    for kind, group in _by_kind(fingerprints):
        unsure = group
        for values in sorted({min(FIRST, screen), screen}):
            found |= _screened(kind, unsure, graph_seed, seeds, top, values, progress)
            unsure = [f for f in unsure if f.values.size > values and not _sure(found[f.key])]
            if not unsure:
                break
    return found


def _screened(
    kind: str, group: Sequence[Fingerprint], graph_seed: int, seeds: range, top: int, screen: int, progress: Progress
) -> dict[Any, Candidates]:
    """Candidates of kernels of one distribution after a screening with `screen` values."""
    vectors = [f.weights[:screen] for f in group]
    floors = [_floor(len(seeds), _kept(f, top, screen)) for f in group]
    far = shards.elsewhere()
    if far is None:
        kept = _above(blocks(tables.plan(kind, vectors, graph_seed), seeds, progress), floors, seeds.start)
    else:
        kept = _far(far, {"kind": kind, "vectors": shards.packed(vectors), "graph_seed": graph_seed, "floors": floors}, seeds, progress)
    return {f.key: _confirm(f, graph_seed, op_seeds, screen, top, len(seeds)) for f, (op_seeds, _) in zip(group, kept, strict=True)}


def _sure(candidates: Candidates) -> bool:
    return len(candidates.z) > 0 and bool(candidates.z[0] >= SURE)


def scores(fingerprint: Fingerprint, graph_seed: int, *, seeds: range = range(OP_SEEDS), progress: Progress = silent) -> Scores:
    """z of every op seed in `seeds`: float32 array, for sums over faint kernels (40 MB for all ten million)."""
    scored: Scores = table([fingerprint], graph_seed, seeds=seeds, progress=progress)[0]
    return scored


def table(fingerprints: Sequence[Fingerprint], graph_seed: int, *, seeds: range = range(OP_SEEDS), progress: Progress = silent) -> Scores:
    """z of every op seed against several fingerprints at once: float32, shape (fingerprints, len(seeds))."""
    out = np.empty((len(fingerprints), len(seeds)), np.float32)
    row = {id(fingerprint): index for index, fingerprint in enumerate(fingerprints)}
    for kind, group in _by_kind(fingerprints):
        plan = tables.plan(kind, [f.weights for f in group], graph_seed)
        rows = [row[id(f)] for f in group]
        for start, block in blocks(plan, seeds, progress):
            out[rows, start : start + block.shape[1]] = block
    return out


def score_seeds(fingerprint: Fingerprint, graph_seed: int, op_seeds: NDArray[np.int64], values: int | None = None) -> Scores:
    """z of chosen op seeds, with the first `values` values of the kernel (all of them by default)."""
    return scored(tables.plan(fingerprint.stream.kind, [fingerprint.weights[:values]], graph_seed), op_seeds)


def scored(plan: tables.Plan, op_seeds: NDArray[np.int64]) -> Scores:
    """Scores of chosen op seeds against a plan of one kernel, by all cores."""
    chunks = [op_seeds[i : i + CHUNK] for i in range(0, len(op_seeds), CHUNK)]
    done = by_all_cores(lambda chunk: _score(plan, chunk)[0], chunks)
    return np.concatenate([np.empty(0, np.float32), *done])


def uses_numba() -> bool:
    """Whether the compiled path serves."""
    return numba_wanted() and _compiled() is not None


def _by_kind(fingerprints: Sequence[Fingerprint]) -> Iterator[tuple[str, list[Fingerprint]]]:
    """Fingerprints that share a distribution share the candidate values; larger ones first, as the plan wants them."""
    for kind in sorted({f.stream.kind for f in fingerprints}):
        yield kind, sorted((f for f in fingerprints if f.stream.kind == kind), key=lambda f: -f.values.size)


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


def _far(far: shards.Spread, told: Mapping[str, Any], seeds: range, progress: Progress) -> list[tuple[NDArray[np.int64], Scores]]:
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
    blocks = ((start - first, _score(plan, np.arange(start, stop, dtype=np.int64))) for start, stop in pieces)
    found = _above(blocks, shard["floors"], first)
    return {"start": first, "op_seeds": shards.packed([a for a, _ in found]), "z": shards.packed([b for _, b in found])}


def blocks(plan: tables.Plan, seeds: range, progress: Progress) -> Iterator[tuple[int, Scores]]:
    """(offset, scores of shape (kernels, chunk)) for all seeds, in order, by all cores."""
    starts = range(0, len(seeds), CHUNK)

    def work(start: int) -> tuple[int, Scores]:
        return start, _score(plan, np.asarray(seeds[start : start + CHUNK], np.int64))

    for start, block in by_all_cores(work, starts):
        yield start, block
        progress("op seeds", min(start + CHUNK, len(seeds)), len(seeds))


def _confirm(fingerprint: Fingerprint, graph_seed: int, op_seeds: NDArray[np.int64], screen: int, top: int, tried: int) -> Candidates:
    """Narrow the survivors down with ever more values, and end with all of them."""
    size = min(fingerprint.values.size, MOST)
    while size > (screen := 8 * screen) and len(op_seeds) > top:
        z = score_seeds(fingerprint, graph_seed, op_seeds, screen)
        op_seeds = op_seeds[np.argsort(-z, kind="stable")[: max(top, len(op_seeds) // 8)]]
    z = score_seeds(fingerprint, graph_seed, op_seeds).astype(np.float64)
    best = np.argsort(-z, kind="stable")[:top]
    op_seeds, z = op_seeds[best], z[best]
    if size <= REFERENCE_SIZE:
        z[:REFERENCE] = [z_score(fingerprint, graph_seed, int(op_seed)) for op_seed in op_seeds[:REFERENCE]]
    order = np.argsort(-z, kind="stable")
    return Candidates(op_seeds[order], z[order].astype(np.float64), tried)


def _score(plan: tables.Plan, op_seeds: NDArray[np.int64]) -> Scores:
    """Scores of shape (kernels, len(op_seeds))."""
    compiled = _compiled() if uses_numba() else None
    return tables.by_numpy(plan, op_seeds) if compiled is None else tables.by_numba(plan, op_seeds, compiled)


@cache
def _compiled() -> Mapping[str, Callable[..., Any]] | None:
    try:
        with compiling():
            from layerfix.rng import philox_numba
    except UNCOMPILED:
        return None
    return philox_numba.SCORERS
