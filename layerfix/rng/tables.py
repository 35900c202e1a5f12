"""What the scorers read: Philox's group-dependent half and the kernels' weights, laid out for the compiled scorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.initializers import TRUNCATED_DEVIATION
from layerfix.rng.streams import (  # fmt: skip
    HALF,
    LOW,
    MULTIPLIERS,
    RESERVED_GROUPS,
    UNIFORM_MEAN,
    box_muller,
    effective_seeds,
    floats,
    round_keys,
    rounds,
)

NUMPY_BATCH = 16_384
"""Philox groups at a time on the plain-numpy path."""
_DEVIATION_TO_ONE = {"uniform": np.sqrt(12.0), "normal": 1.0, "truncated_normal": 1.0 / TRUNCATED_DEVIATION}

# Which of a group's four values share the even and odd float lanes of a vector; None leaves a lane empty.
_LANES: Mapping[str, tuple[tuple[int, int | None], ...]] = {
    "uniform": ((0, 1), (2, 3)),
    "normal": ((0, 2), (1, 3)),
    "truncated_normal": ((0, None), (1, None), (2, None), (3, None)),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Kernels of one distribution against one graph seed.

    Attributes:
        kind: "uniform", "normal" or "truncated_normal".
        graph_seed: TensorFlow's graph seed.
        vectors: length-one float64 weights of each kernel, largest kernel first.
        table: uint64 (groups, 3): what rounds 1 and 2 make of the group alone.
        keys: uint64 (10, 2): round keys.
        active: int64 (groups,): how many kernels reach that far.
        weights: uint64 (groups, kernels, vectors): pairs of float32 weights, scaled to candidates of deviation one.
        offsets: float32 (kernels,): what the candidates' mean adds to a sum.
    """

    kind: str
    graph_seed: int
    vectors: tuple[NDArray[np.float64], ...]
    table: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    active: NDArray[np.int64]
    weights: NDArray[np.uint64]
    offsets: NDArray[np.float32]


def plan(kind: str, vectors: Sequence[NDArray[np.float64]], graph_seed: int, places: NDArray[np.int64] | None = None) -> Plan:
    """Lay kernels out for a scan; parts of kernels are scaled to length one again.

    Args:
        kind: their distribution.
        vectors: their weights.
        graph_seed: TensorFlow's graph seed.
        places: of the groups of four values that the vectors hold, (groups,); the first ones by default.
    """
    scaled = tuple(vector / (np.linalg.norm(vector) or 1.0) for vector in vectors)
    groups = max(-(-vector.size // 4) for vector in scaled)
    padded = np.stack([np.pad(vector, (0, 4 * groups - vector.size)).reshape(groups, 4) for vector in scaled], axis=1)
    weights = (padded * _DEVIATION_TO_ONE[kind]).astype(np.float32)
    keys = round_keys(effective_seeds(graph_seed, 1)[0])
    counters = (np.arange(groups) if places is None else places).astype(np.uint64) * np.uint64(
        RESERVED_GROUPS if kind == "truncated_normal" else 1
    )
    mean = 1 + UNIFORM_MEAN if kind == "uniform" else 0.0
    return Plan(
        kind=kind,
        graph_seed=graph_seed,
        vectors=scaled,
        table=_group_table(counters, keys),
        keys=keys,
        active=np.sum([4 * np.arange(groups) < vector.size for vector in scaled], axis=0, dtype=np.int64),
        weights=_lane_pairs(kind, weights),
        offsets=(mean * weights.sum(axis=(0, 2), dtype=np.float64)).astype(np.float32),
    )


def by_numba(plan: Plan, op_seeds: NDArray[np.int64], scorers: Mapping[str, Callable[..., Any]]) -> NDArray[np.float32]:
    """Scores of shape (kernels, len(op_seeds)) by the compiled scorer, which wants multiples of sixteen."""
    seeds = np.ones(-(-len(op_seeds) // 16) * 16, np.uint64)
    seeds[: len(op_seeds)] = _effective(plan, op_seeds)
    out = np.empty((len(plan.vectors), len(seeds)), np.float32)
    scorers[plan.kind](seeds, plan.table, plan.keys, plan.active, plan.weights, plan.offsets, out)
    return out[:, : len(op_seeds)]


def by_numpy(plan: Plan, op_seeds: NDArray[np.int64]) -> NDArray[np.float32]:
    """The same in plain numpy, a cacheful at a time."""
    out = np.empty((len(plan.vectors), len(op_seeds)), np.float32)
    batch = max(1, NUMPY_BATCH // len(plan.table))
    for start in range(0, len(op_seeds), batch):
        chosen = _effective(plan, op_seeds[start : start + batch])
        candidates = _candidates(plan, chosen)
        for k, vector in enumerate(plan.vectors):
            out[k, start : start + batch] = candidates[:, : vector.size] @ vector.astype(np.float32)
    return out


def _candidates(plan: Plan, op_seeds: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Values of deviation one, shape (len(op_seeds), 4 * groups)."""
    lower = np.uint64(MULTIPLIERS[1]) * op_seeds[:, None]
    product = np.uint64(MULTIPLIERS[0]) * ((lower >> HALF) ^ plan.keys[0, 0])
    shape = (len(op_seeds), len(plan.table))
    c = [
        plan.table[:, 0] ^ ((lower & LOW) ^ plan.keys[1, 0]),
        np.broadcast_to(plan.table[:, 1], shape),
        (product >> HALF) ^ plan.table[:, 2],
        np.broadcast_to(product & LOW, shape),
    ]
    drawn = np.stack(rounds(c, plan.keys, range(2, 10)), axis=-1).astype(np.uint32)
    if plan.kind == "uniform":
        return (floats(drawn).reshape(len(op_seeds), -1) - np.float32(UNIFORM_MEAN)) * np.float32(_DEVIATION_TO_ONE["uniform"])
    normals = box_muller(drawn)
    if plan.kind == "truncated_normal":
        _move_up(normals)
    return normals.reshape(len(op_seeds), -1) * np.float32(_DEVIATION_TO_ONE[plan.kind])


def _move_up(normals: NDArray[np.float32]) -> None:
    """Take rejected normals out of groups of four, once a place, as the compiled path does; what is left over counts as zero."""
    for place in range(3):
        rejected = np.abs(normals[..., place]) >= 2
        normals[rejected, place:3] = normals[rejected, place + 1 :]
        normals[rejected, 3] = 2
    normals[np.abs(normals) >= 2] = 0


def _effective(plan: Plan, op_seeds: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Op seeds as TensorFlow's kernel sees them: the pair (0, 0) is special."""
    chosen = op_seeds.astype(np.uint64)
    if plan.graph_seed % (2**31 - 1) == 0:
        chosen[op_seeds == 0] = effective_seeds(0, 0)[1]
    return chosen


def _group_table(counters: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    first = np.uint64(MULTIPLIERS[0]) * counters
    second = np.uint64(MULTIPLIERS[1]) * ((first >> HALF) ^ keys[0, 1])
    return np.ascontiguousarray(np.stack([second >> HALF, second & LOW, (first & LOW) ^ keys[1, 1]], axis=1))


def _lane_pairs(kind: str, padded: NDArray[np.float32]) -> NDArray[np.uint64]:
    pairs = np.zeros((*padded.shape[:2], len(_LANES[kind]), 2), np.float32)
    for vector, (even, odd) in enumerate(_LANES[kind]):
        pairs[:, :, vector, 0] = padded[:, :, even]
        if odd is not None:
            pairs[:, :, vector, 1] = padded[:, :, odd]
    return np.ascontiguousarray(pairs.view(np.uint64)[..., 0])
