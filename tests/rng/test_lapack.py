"""The old decomposition is a singular value decomposition, and only its signs are special."""

import numpy as np
import pytest

from layerfix.rng.lapack import follows, singular_vectors


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (6, 6), (25, 25), (12, 48), (40, 20), (11, 9)])
def test_the_vectors_diagonalise_the_matrix(shape):
    a = np.random.RandomState(3).normal(size=shape)
    vectors = singular_vectors(a)
    assert vectors is not None
    u, v = vectors
    inner = u.T @ a @ v.T
    np.testing.assert_allclose(inner, np.diag(np.linalg.svd(a, compute_uv=False)), atol=1e-10)
    np.testing.assert_allclose(u.T @ u, np.eye(min(shape)), atol=1e-10)


@pytest.mark.parametrize("a", [np.eye(5), np.diag([3.0, 2.0, 2.0]), np.diag([1.0, -1.0]), np.triu(np.ones((4, 4)))])
def test_plain_matrices_are_followed_too(a):
    vectors = singular_vectors(a)
    assert vectors is not None
    u, v = vectors
    np.testing.assert_allclose(u @ np.diag(np.linalg.svd(a, compute_uv=False)) @ v, a, atol=1e-12)


@pytest.mark.parametrize("shape", [(26, 104), (20, 30)])
def test_large_and_slightly_wide_matrices_are_left_alone(shape):
    assert not follows(*shape)
    assert singular_vectors(np.zeros(shape)) is None
