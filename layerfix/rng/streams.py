"""TensorFlow 1.x's legacy random stream in plain numpy: the reference that every faster path is held against.

Philox4x32-10 (tensorflow 1.15, core/lib/random/philox_random.h): key = the graph seed, counter = (group, op seed), both as two 32-bit
halves, low half first. Group i gives the words 4i .. 4i+3. Distributions as in random_distributions.h: a uniform float takes the low 23
bits of a word; normals are Box-Muller pairs (sine first); a truncated normal restarts at group 256 i for outputs 4i .. 4i+3 and skips
what is two or more (random_op_cpu.h, `kReservedSamplesPerOutput`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.initializers import TRUNCATED_DEVIATION, Stream

OP_SEEDS = 10_000_000
"""Keras drew op seeds from [0, OP_SEEDS)."""
DEFAULT_GRAPH_SEED = 87654321
"""TensorFlow's graph seed where the script set none."""
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
RESERVED_GROUPS = 256
UNIFORM_MEAN = 0.5 - 2.0**-24
"""Mean of k / 2^23 with k uniform on 0 .. 2^23 - 1."""

Floats = NDArray[np.float32]
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def effective_seeds(graph_seed: int, op_seed: int) -> tuple[int, int]:
    """What the kernel sees of a pair of seeds (tensorflow 1.15, python/framework/random_seed.py: `get_seed`)."""
    largest = 2**31 - 1
    pair = graph_seed % largest, op_seed % largest
    return (0, largest) if pair == (0, 0) else pair


def words(graph_seed: int, op_seed: int, groups: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Raw Philox output: uint32 array of shape (len(groups), 4)."""
    key, counter = effective_seeds(graph_seed, op_seed)
    first = [groups & LOW, groups >> HALF, np.full_like(groups, counter), np.zeros_like(groups)]
    return np.stack(rounds(first, round_keys(key), range(10)), axis=1).astype(np.uint32)


def round_keys(key: int) -> NDArray[np.uint64]:
    """Both halves of the key in each of the ten rounds: shape (10, 2)."""
    return np.array([[((key >> 32 * i & 0xFFFFFFFF) + step * KEY_STEPS[i]) & 0xFFFFFFFF for i in (0, 1)] for step in range(10)], np.uint64)


def rounds(c: list[NDArray[np.uint64]], keys: NDArray[np.uint64], steps: range) -> list[NDArray[np.uint64]]:
    """Philox rounds on four counter words of any one shape."""
    for step in steps:
        p, q = np.uint64(MULTIPLIERS[0]) * c[0], np.uint64(MULTIPLIERS[1]) * c[2]
        c = [(q >> HALF) ^ c[1] ^ keys[step, 0], q & LOW, (p >> HALF) ^ c[3] ^ keys[step, 1], p & LOW]
    return c


def uniform01(graph_seed: int, op_seed: int, count: int) -> Floats:
    """The first `count` uniform floats in [0, 1), bit for bit as `tf.raw_ops.RandomUniform` gives them."""
    return floats(words(graph_seed, op_seed, _groups(count)).ravel()[:count])


def standard(kind: str, graph_seed: int, op_seed: int, count: int) -> Floats:
    """The first `count` raw numbers of a stream: uniform in [0, 1) (exact), normal or truncated normal (to a few units in the last place).

    Raises:
        ValueError: for a kind that TensorFlow does not draw.
    """
    if kind == "uniform":
        return uniform01(graph_seed, op_seed, count)
    if kind == "normal":
        return box_muller(words(graph_seed, op_seed, _groups(count))).ravel()[:count]
    if kind == "truncated_normal":
        return _truncated(graph_seed, op_seed, count)
    raise ValueError(f"a {kind} stream is not drawn by TensorFlow")


def values(stream: Stream, graph_seed: int, op_seed: int, shape: tuple[int, ...]) -> Floats:
    """The weight that the stream filled: equal to `graph.materialize` for uniform, within rounding of it for the normals."""
    raw = standard(stream.kind, graph_seed, op_seed, int(np.prod(shape, dtype=np.int64))).reshape(shape)
    if stream.kind == "uniform":
        return np.asarray(raw * (np.float32(stream.high) - np.float32(stream.low)) + np.float32(stream.low))
    return np.asarray(raw * np.float32(stream.stddev) + np.float32(stream.mean))


def unit(kind: str, graph_seed: int, op_seed: int, count: int) -> NDArray[np.float64]:
    """The raw numbers with their exact mean taken off and divided by their exact deviation: what a fingerprint is compared with."""
    return centred(kind, standard(kind, graph_seed, op_seed, count).astype(np.float64))


def centred(kind: str, raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw numbers of a stream with mean zero and deviation one."""
    if kind == "uniform":
        return np.asarray((raw - UNIFORM_MEAN) * np.sqrt(12.0))
    return raw / TRUNCATED_DEVIATION if kind == "truncated_normal" else raw


def _groups(count: int) -> NDArray[np.uint64]:
    return np.arange(-(-count // 4), dtype=np.uint64)


def floats(raw: NDArray[np.uint32]) -> Floats:
    """Words -> uniform floats in [0, 1)."""
    return np.asarray(((raw & np.uint32(0x7FFFFF)) | np.uint32(0x3F800000)).view(np.float32) - np.float32(1))


def box_muller(raw: NDArray[np.uint32]) -> Floats:
    """Words in pairs along the last axis -> normals (sine, cosine) in their place."""
    u = floats(raw)
    # Really small numbers are kept from the logarithm (tensorflow 2.4, core/lib/random/random_distributions.h, BoxMullerFloat).
    radius = np.sqrt(np.float32(-2) * np.log(np.maximum(u[..., ::2], np.float32(1e-7))))
    angle = (2.0 * np.pi * u[..., 1::2].astype(np.float64)).astype(np.float32)
    out = np.empty_like(u)
    out[..., ::2], out[..., 1::2] = np.sin(angle) * radius, np.cos(angle) * radius
    return out


def _truncated(graph_seed: int, op_seed: int, count: int) -> Floats:
    """Rows of four outputs, each from its own run of groups; another group is drawn for the rows that are not full yet."""
    rows = -(-count // 4)
    out, filled = np.empty((rows, 4), np.float32), np.zeros(rows, np.int64)
    open_rows = np.arange(rows)
    for step in range(RESERVED_GROUPS):
        if not open_rows.size:
            break
        normals = box_muller(words(graph_seed, op_seed, (open_rows * RESERVED_GROUPS + step).astype(np.uint64)))
        for column in range(4):
            good = (np.abs(normals[:, column]) < 2) & (filled[open_rows] < 4)
            out[open_rows[good], filled[open_rows[good]]] = normals[good, column]
            filled[open_rows[good]] += 1
        open_rows = open_rows[filled[open_rows] < 4]
    return out.ravel()[:count]
