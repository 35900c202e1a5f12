"""The numpy reference of TensorFlow's stream against TensorFlow itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerfix.graph.materialize import materialize
from layerfix.rng.initializers import stream
from layerfix.rng.streams import effective_seeds, unit, values

SEEDS = st.one_of(st.just(87654321), st.integers(0, 2**31 - 2))
OP_SEEDS = st.integers(0, 9_999_999)
SHAPES = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple)
WIDE = {"class_name": "RandomUniform", "config": {"minval": -2, "maxval": 5}}
UNIFORM = st.sampled_from(["glorot_uniform", "he_uniform", "lecun_uniform", "uniform", WIDE])
NORMAL = st.sampled_from(["glorot_normal", "he_normal", "lecun_normal", "normal", "truncated_normal"])


@settings(max_examples=12, deadline=None)
@given(SEEDS, OP_SEEDS, SHAPES, UNIFORM)
def test_uniform_streams_are_bit_equal(graph_seed, op_seed, shape, initializer):
    drawn = stream(initializer, shape, "2.2.4")
    assert values(drawn, graph_seed, op_seed, shape).tobytes() == materialize(drawn, shape, graph_seed, op_seed).tobytes()


@settings(max_examples=12, deadline=None)
@given(SEEDS, OP_SEEDS, SHAPES, NORMAL, st.sampled_from(["2.0.9", "2.2.4"]))
def test_normal_streams_agree_to_rounding(graph_seed, op_seed, shape, initializer, version):
    drawn = stream(initializer, shape, version)
    ours, theirs = values(drawn, graph_seed, op_seed, shape), materialize(drawn, shape, graph_seed, op_seed)
    np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("kind", ["uniform", "normal", "truncated_normal"])
def test_a_large_weight_agrees_and_has_unit_deviation(kind):
    drawn = stream({"uniform": "glorot_uniform", "normal": "normal", "truncated_normal": "he_normal"}[kind], (300, 200), "2.2.4")
    np.testing.assert_allclose(values(drawn, 2, 77, (300, 200)), materialize(drawn, (300, 200), 2, 77), rtol=2e-5, atol=2e-6)
    sample = unit(kind, 2, 77, 60_000)
    assert abs(sample.mean()) < 0.02
    assert abs(sample.std() - 1) < 0.01


def test_two_zero_seeds_are_what_tensorflow_makes_of_them():
    assert effective_seeds(0, 0) == (0, 2**31 - 1)
    drawn = stream("glorot_uniform", (8, 8), "2.2.4")
    assert np.array_equal(values(drawn, 0, 0, (8, 8)), materialize(drawn, (8, 8), 0, 0))


@pytest.mark.parametrize("kind", ["uniform", "normal", "truncated_normal"])
@pytest.mark.parametrize("t", [2.0, 3.0])
def test_scores_of_wrong_seeds_obey_the_sub_gaussian_bound(kind, t):
    """Even for a trained tensor as uneven as they get: one large element among small ones."""
    weights = np.r_[1.0, np.full(63, 0.05)]
    weights /= np.linalg.norm(weights)
    z = np.array([weights @ unit(kind, 5, op_seed, 64) for op_seed in range(3000)])
    assert (z >= t).mean() <= np.exp(-t * t / 2)
