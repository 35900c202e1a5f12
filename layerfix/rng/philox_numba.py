"""The compiled scorer: Philox for eight op seeds a vector, correlated with every fingerprint while the values are in registers.

Rounds 1 and 2 are split into what depends on the op seed and what depends on the group, which leaves 16 multiplications a group. Imports
numba: load it lazily.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit

from layerfix.rng import simd
from layerfix.rng.simd import broadcast, high, load, multiply, multiply_add, multiply_floats, pack, store, where_large, xor
from layerfix.rng.streams import MULTIPLIERS

M0, M1 = np.uint64(MULTIPLIERS[0]), np.uint64(MULTIPLIERS[1])


@njit(inline="always")
def _seed_part(seeds, at, keys):
    """Rounds 1 and 2 as far as they depend on the op seed: the word that meets the group in round 2, and a product."""
    lower = multiply(load(seeds, at), broadcast(M1))
    product = multiply(xor(high(lower), broadcast(keys[0, 0])), broadcast(M0))
    return xor(lower, broadcast(keys[1, 0])), product


@njit(inline="always")
def _rounds(word, product, group, table, keys):
    """Rounds 2 (the rest) to 10 of one group: the four output words."""
    c0, c1 = xor(broadcast(table[group, 0]), word), broadcast(table[group, 1])
    c2, c3 = xor(high(product), broadcast(table[group, 2])), product
    for step in range(2, 10):
        p, q = multiply(c0, broadcast(M0)), multiply(c2, broadcast(M1))
        c0, c2 = xor(xor(high(q), c1), broadcast(keys[step, 0])), xor(xor(high(p), c3), broadcast(keys[step, 1]))
        c1, c3 = q, p
    return c0, c1, c2, c3


@njit(inline="always")
def _finish(sums, lanes, offsets, out, at):
    """Add the lane pairs up and take the offsets off."""
    for k in range(offsets.shape[0]):
        for lane in range(lanes):
            pair = 2 * (lanes * k + lane)
            out[k, at + lane] = sums[pair] + sums[pair + 1] - offsets[k]


@njit(nogil=True, cache=True, boundscheck=False)
def score_uniform(seeds, table, keys, active, weights, offsets, out):
    """z of every op seed (a multiple of sixteen of them, two vectors at a time) against every kernel; see tables.Plan for the arguments."""
    kernels = offsets.shape[0]
    sums = np.empty(32 * kernels, np.float32)
    for at in range(0, seeds.shape[0], 16):
        word_a, product_a = _seed_part(seeds, at, keys)
        word_b, product_b = _seed_part(seeds, at + 8, keys)
        sums[:] = 0
        for group in range(table.shape[0]):
            c0, c1, c2, c3 = _rounds(word_a, product_a, group, table, keys)
            d0, d1, d2, d3 = _rounds(word_b, product_b, group, table, keys)
            a01, a23, b01, b23 = pack(c0, c1), pack(c2, c3), pack(d0, d1), pack(d2, d3)
            for k in range(active[group]):
                first, second = simd.as_floats(broadcast(weights[group, k, 0])), simd.as_floats(broadcast(weights[group, k, 1]))
                store(sums, 32 * k, multiply_add(a23, second, multiply_add(a01, first, load(sums, 32 * k))))
                store(sums, 32 * k + 16, multiply_add(b23, second, multiply_add(b01, first, load(sums, 32 * k + 16))))
        _finish(sums, 16, offsets, out, at)


@njit(nogil=True, cache=True, boundscheck=False)
def score_normal(seeds, table, keys, active, weights, offsets, out):
    """As `score_uniform`, with Box-Muller pairs."""
    kernels = offsets.shape[0]
    sums = np.empty(16 * kernels, np.float32)
    for at in range(0, seeds.shape[0], 8):
        word, product = _seed_part(seeds, at, keys)
        sums[:] = 0
        for group in range(table.shape[0]):
            c0, c1, c2, c3 = _rounds(word, product, group, table, keys)
            length, angle = simd.radius(pack(c0, c2)), pack(c1, c3)
            first, second = multiply_floats(length, simd.sine(angle)), multiply_floats(length, simd.cosine(angle))
            for k in range(active[group]):
                total = load(sums, 16 * k)
                total = multiply_add(first, simd.as_floats(broadcast(weights[group, k, 0])), total)
                store(sums, 16 * k, multiply_add(second, simd.as_floats(broadcast(weights[group, k, 1])), total))
        _finish(sums, 8, offsets, out, at)


@njit(nogil=True, cache=True, boundscheck=False)
def score_truncated_normal(seeds, table, keys, active, weights, offsets, out):
    """As `score_normal`, dropping what is two or more and moving the rest up; a place left empty (one in 25) counts as zero."""
    kernels = offsets.shape[0]
    sums = np.empty(16 * kernels, np.float32)
    zero, rejected = simd.as_floats(broadcast(np.uint64(0))), simd.as_floats(broadcast(np.uint64(0x41000000_41000000)))
    for at in range(0, seeds.shape[0], 8):
        word, product = _seed_part(seeds, at, keys)
        sums[:] = 0
        for group in range(table.shape[0]):
            c0, c1, c2, c3 = _rounds(word, product, group, table, keys)
            length, angle = simd.radius(pack(c0, c2)), pack(c1, c3)
            x0, x1 = multiply_floats(length, simd.sine(angle)), multiply_floats(length, simd.cosine(angle))
            x2, x3 = simd.as_floats(high(simd.as_integers(x0))), simd.as_floats(high(simd.as_integers(x1)))
            x0, x1, x2, x3 = where_large(x0, x1, x0), where_large(x0, x2, x1), where_large(x0, x3, x2), where_large(x0, rejected, x3)
            x1, x2, x3 = where_large(x1, x2, x1), where_large(x1, x3, x2), where_large(x1, rejected, x3)
            x2, x3 = where_large(x2, x3, x2), where_large(x2, rejected, x3)
            x0, x1, x2, x3 = where_large(x0, zero, x0), where_large(x1, zero, x1), where_large(x2, zero, x2), where_large(x3, zero, x3)
            for k in range(active[group]):
                total = load(sums, 16 * k)
                total = multiply_add(x0, simd.as_floats(broadcast(weights[group, k, 0])), total)
                total = multiply_add(x1, simd.as_floats(broadcast(weights[group, k, 1])), total)
                total = multiply_add(x2, simd.as_floats(broadcast(weights[group, k, 2])), total)
                store(sums, 16 * k, multiply_add(x3, simd.as_floats(broadcast(weights[group, k, 3])), total))
        _finish(sums, 8, offsets, out, at)


SCORERS = {"uniform": score_uniform, "normal": score_normal, "truncated_normal": score_truncated_normal}
