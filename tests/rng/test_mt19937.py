"""The search through numpy seeds against numpy itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerfix.rng import mt19937
from layerfix.rng.mt19937 import find


def op_seeds(seed, count):
    """What legacy Keras would have drawn first."""
    state = np.random.RandomState(seed)
    return [int(state.randint(10e6)) for _ in range(count)]


@pytest.fixture(params=["numba", "numpy"], autouse=True)
def path(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setenv("LAYERFIX_NO_NUMBA", "1")
    elif mt19937._compiled() is None:
        pytest.skip("numba is not installed")


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_seed_is_found_by_its_first_draws(seed):
    start = max(0, seed - 700)
    assert find(op_seeds(seed, 4), 24, seeds=range(start, min(start + 1500, 2**32)), need=3) == [seed]


def test_every_stream_that_meets_an_op_seed_is_reported():
    wanted = op_seeds(17, 1)
    words = {seed: np.random.RandomState(seed).randint(0, 2**32, 200, dtype=np.uint32) & 0xFFFFFF for seed in range(1000)}
    expected = [seed for seed, stream in words.items() if np.isin(stream, wanted).any()]
    assert find(wanted, 200, seeds=range(1000)) == expected


@pytest.mark.parametrize("extra", [3, 60])
def test_candidate_sets_count_by_kernel_not_by_op_seed(extra):
    first, second, third = op_seeds(31_337, 3)
    noise = np.random.RandomState(0).randint(0, 10_000_000, (3, extra)).tolist()
    candidates = {"a": [first, second, *noise[0]], "b": [third, *noise[1]], "c": noise[2]}
    assert find(candidates, 16, seeds=range(31_000, 32_000), need=2) == [31_337]
    assert find(candidates, 16, seeds=range(31_000, 32_000), need=3) == []


def test_no_candidates_means_no_seeds():
    assert find([], 16, seeds=range(100)) == []


@pytest.mark.parametrize("words", [0, 201])
def test_words_out_of_range_are_refused(words):
    with pytest.raises(ValueError, match="1 to 200"):
        find([1], words, seeds=range(10))


def test_shards_of_a_range_add_up():
    wanted = [*op_seeds(100, 1), *op_seeds(900, 1)]
    whole = find(wanted, 8, seeds=range(1000))
    assert whole == find(wanted, 8, seeds=range(0, 512)) + find(wanted, 8, seeds=range(512, 1000))
    assert {100, 900} <= set(whole)
