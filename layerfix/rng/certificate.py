"""How sure a seed is: rigorous bounds on the probability of a false claim, in logarithms because they get very small.

A score z of a wrong op seed satisfies P(z >= t) <= exp(-t^2 / 2) (proof in philox.py), so does a sum of independent scores with weights
whose squares sum to one. If M hypotheses were tried, the chance that any wrong one reaches t is at most M exp(-t^2 / 2). M counts every
hypothesis: seeds, graph seeds, positions, orders, structures, arguments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

EXACT = 1e-6
"""Largest false-positive bound under which a value may be called exact."""
_LN10 = math.log(10.0)


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on the probability that a claim is false.

    Attributes:
        log10: its decimal logarithm, at most 0.
        hypotheses: how many were tried.
        z: the evidence.
    """

    log10: float
    hypotheses: float
    z: float

    @property
    def probability(self) -> float:
        """The bound itself; 0.0 only where it is below the smallest float."""
        return math.pow(10.0, self.log10)

    @property
    def exact(self) -> bool:
        """Whether the claim may be called exact."""
        return self.log10 <= math.log10(EXACT)


def bound(z: float, hypotheses: float) -> Bound:
    """min(1, hypotheses * exp(-z^2 / 2)) for a score z > 0; no evidence (z <= 0 or not a number) gives 1.

    Raises:
        ValueError: for less than one hypothesis.
    """
    if not hypotheses >= 1:
        raise ValueError(f"at least one hypothesis was tried, not {hypotheses}")
    tail = -z * z / 2 if z > 0 else 0.0
    return Bound(min(0.0, (math.log(hypotheses) + tail) / _LN10), hypotheses, z)
