"""Orthogonal kernels from simulated draws, with the signs that legacy numpy gave them."""

import numpy as np
import pytest

from layerfix.rng.initializers import stream
from layerfix.rng.orthogonal import flat_shape, orthogonal, seeded, signs_known

# Sign of the largest element of each singular vector that Orthogonal keeps, from numpy 1.18.5 (Keras 2.2.4's environment).
OLD_SIGNS = [
    ((12, 48), 0, "--+--+-+-+++"),
    ((12, 48), 1, "+------+++++"),
    ((25, 100), 0, "--+--+--+++--+--+-+-++-++"),
    ((25, 100), 1, "++-+-+-+-+-+--+-+---+---+"),
    ((16, 16), 0, "+-++--+-+---++-+"),
    ((16, 16), 1, "--+----++-+-++--"),
    ((30, 10), 0, "-+-++-+---"),
    ((30, 10), 1, "-++--++---"),
    ((14, 10), 0, "-----+-+++"),
    ((14, 10), 1, "+-++++----"),
    ((2, 8), 0, "--"),
    ((2, 8), 1, "++"),
]


@pytest.mark.parametrize(("shape", "seed", "signs"), OLD_SIGNS)
def test_singular_vectors_have_the_signs_of_their_day(shape, seed, signs):
    kernel = orthogonal(np.random.RandomState(seed).normal(0, 1, shape), shape)
    vectors = kernel if shape[0] < shape[1] else kernel.T
    largest = vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)]
    assert "".join("+" if value > 0 else "-" for value in largest) == signs


@pytest.mark.parametrize("shape", [(12, 48), (16, 16), (3, 3, 4, 8)])
def test_the_kernel_is_orthogonal_and_scaled_by_the_gain(shape):
    flat = flat_shape(shape)
    kernel = orthogonal(np.random.RandomState(1).normal(size=flat), shape, 2.0)
    assert (kernel.shape, kernel.dtype) == (shape, np.float32)
    matrix = kernel.reshape(flat).astype(np.float64)
    gram = matrix @ matrix.T if flat[0] <= flat[1] else matrix.T @ matrix
    np.testing.assert_allclose(gram, 4 * np.eye(min(flat)), atol=1e-5)


def test_large_and_slightly_wide_matrices_have_unknown_signs():
    assert signs_known((25, 100))
    assert signs_known((64, 256))
    assert not signs_known((65, 260))
    assert not signs_known((20, 30))


def test_a_seed_of_its_own_needs_no_search():
    drawn = stream({"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": 3}}, (4, 4), "2.2.4")
    assert np.array_equal(seeded(drawn, (4, 4)), orthogonal(np.random.RandomState(3).normal(0, 1, (4, 4)), (4, 4)))
    with pytest.raises(ValueError, match="no seed"):
        seeded(stream("orthogonal", (4, 4), "2.2.4"), (4, 4))
