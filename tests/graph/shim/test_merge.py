"""Merging as legacy source writes it: Keras 1's modes and Keras 2's Dot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from layerfix.errors import LayersError
from layerfix.graph.shim.merge import Dot, Merge, concatenate, merge

A = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]], np.float32)
B = np.array([[2.0, 0.0, 1.0], [5.0, -2.0, 0.5]], np.float32)
TENSORS = [tf.constant(A), tf.constant(B)]
COSINE = (A * B).sum(1) / np.sqrt((A**2).sum(1) * (B**2).sum(1))


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("sum", A + B),
        ("mul", A * B),
        ("ave", (A + B) / 2),
        ("max", np.maximum(A, B)),
        ("concat", np.concatenate([A, B], -1)),
        ("dot", (A * B).sum(1, keepdims=True)),
        ("cos", COSINE[:, None]),
    ],
)
def test_a_mode_of_keras_1(mode: str, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(merge(TENSORS, mode)), expected, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(Merge(mode=mode)(TENSORS)), expected, rtol=1e-5)


def test_concatenation_along_another_axis() -> None:
    np.testing.assert_allclose(np.asarray(merge(TENSORS, "concat", concat_axis=0)), np.concatenate([A, B]))
    np.testing.assert_allclose(np.asarray(concatenate(TENSORS, axis=0)), np.concatenate([A, B]))


def test_a_mode_that_is_a_function_is_refused_with_what_to_do() -> None:
    with pytest.raises(LayersError, match=r"merge\(mode=.*is not known here") as refused:
        merge(TENSORS, mode=len)  # type: ignore[arg-type]
    assert "backend functions" in str(refused.value.hint)


X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("axes", "other", "expected"),
    [
        (2, X, np.einsum("bik,bjk->bij", X, X)),
        (-1, X, np.einsum("bik,bjk->bij", X, X)),
        (1, X, np.einsum("bki,bkj->bij", X, X)),
        ((2, 1), X.transpose(0, 2, 1), np.einsum("bik,bkj->bij", X, X.transpose(0, 2, 1))),
        ((1, 1), A, np.einsum("bki,bk->bi", X, A)),
    ],
)
def test_dot_sums_over_its_axes(axes: Any, other: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(Dot(axes)([tf.constant(X), tf.constant(other)])), expected, rtol=1e-5)
