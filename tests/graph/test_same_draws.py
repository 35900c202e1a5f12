"""The same draws for two models, whichever functions they call."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from layerfix.graph.draws import same_draws


def test_functions_of_either_kind_draw_alike() -> None:
    with same_draws():
        one = [tf.random.normal((2, 3), 1.0, 2.0), tf.random.uniform((4,), 0.5, 1.5), tf.random.truncated_normal([5])]
    with same_draws():
        two = [keras.random.normal((2, 3), 1.0, 2.0), keras.random.uniform((4,), 0.5, 1.5), keras.random.truncated_normal((5,))]
    for first, second in zip(one, two, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-6)
    assert np.asarray(one[1]).min() >= 0.5
    assert np.abs(one[2]).max() <= 2.0


def test_draws_within_differ_from_each_other() -> None:
    with same_draws():
        assert not np.array_equal(tf.random.normal((4,)), tf.random.normal((4,)))


def test_tensorflow_draws_by_itself_again_whatever_happens() -> None:
    kept = tf.random.normal
    with pytest.raises(KeyError), same_draws():
        raise KeyError
    assert tf.random.normal is kept
