from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerfix.inference.pairs import Outer, best_pairs
from layerfix.progress import silent

SAMPLES = 32


def test_the_pair_that_explains_the_samples_together_is_found_where_neither_does_alone() -> None:
    generator = np.random.default_rng(1)
    inner, outer = generator.normal(size=(70, 6)), generator.normal(size=(50, 6))
    inputs = generator.normal(size=(SAMPLES, 6))
    answers = np.tanh(inputs @ inner[17]) * (inputs @ outer[41])
    held: list[Any] = []

    def score(kernels: Any, chosen: Sequence[int]) -> Any:
        part = inputs[list(chosen)]
        return ((np.tanh(kernels @ part.T) * (held[-1] @ part.T) - answers[list(chosen)]) ** 2).mean(axis=1)

    found = best_pairs(inner, Outer(outer, held.append), score, range(SAMPLES), silent)
    assert found[0].tolist() == [17, 41]
    assert len(held) >= 50
