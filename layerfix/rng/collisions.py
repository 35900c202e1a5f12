"""How sure a numpy seed is: the chance that any wrong one would have explained the tracked kernels as well.

For a wrong numpy seed the op seeds that it predicts are independent of the file. Each is, with probability 1e-7, the true one by
coincidence; otherwise the kernel's z against it has the sub-Gaussian tail P(z >= t) <= exp(-t^2/2), and sums of independent z divided by
the root of their number obey the same bound. Over the subsets J of kernels that could coincide:

    P(sum z >= T) <= sum_J 1e-7^|J| * exp(-max(0, T - sum_J z)^2 / (2 (K - |J|)))

times the number of hypotheses tried. The coincidence terms matter: two kernels that fit perfectly are not enough against 2^32 seeds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

OP_SEEDS = 10_000_000
KERNELS = 14
"""Kernels used at most; the largest are taken, whatever their z, so that the choice is independent of the evidence."""


def log10_bound(scores: Sequence[float], sizes: Sequence[int], hypotheses: float) -> float:
    """log10 of the false-positive bound of one numpy seed (at most 0).

    Args:
        scores: z of each tracked kernel at the op seed that the numpy seed predicts for it.
        sizes: elements of each kernel.
        hypotheses: seeds x starting places x orders x graph seeds tried.
    """
    if not scores:
        return 0.0
    largest = np.argsort(-np.asarray(sizes), kind="stable")[:KERNELS]
    z = np.asarray(scores, float)[largest]
    count = len(z)
    subsets = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    coincide = subsets.sum(axis=1)
    rest = np.maximum(z.sum() - subsets @ z, 0.0)
    free = count - coincide
    tail = np.where(free > 0, -(rest**2) / (2 * np.maximum(free, 1)), 0.0)
    terms = tail - coincide * math.log(OP_SEEDS)
    total = float(terms.max() + np.log(np.exp(terms - terms.max()).sum()))
    return min(0.0, (total + math.log(hypotheses)) / math.log(10))
