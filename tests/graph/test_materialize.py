"""Values of streams by TensorFlow's own ops."""

import numpy as np
import pytest

from layerfix.graph.materialize import materialize
from layerfix.rng.initializers import stream


def test_the_same_seeds_give_the_same_value_again():
    drawn = stream("he_normal", (5, 5), "2.1.6")
    assert np.array_equal(materialize(drawn, (5, 5), 7, 8), materialize(drawn, (5, 5), 7, 8))


def test_a_kernel_of_genuine_keras_2_2_4_comes_back():
    """First values of the kernel that Keras 2.2.4 on TensorFlow 1.15 gave Conv1D(16, 1) as the second layer after np.random.seed(42)."""
    drawn = stream("glorot_uniform", (1, 16, 16), "2.2.4")
    kernel = materialize(drawn, (1, 16, 16), 87654321, 6550634)
    assert kernel.ravel()[:4].tobytes().hex() == "502d703df000893c0860d4be903cb13c"


def test_an_empty_weight_is_empty():
    assert materialize(stream("glorot_uniform", (0, 4), "2.2.4"), (0, 4), 1, 2).shape == (0, 4)


def test_what_tensorflow_does_not_draw_is_refused():
    with pytest.raises(ValueError, match="orthogonal"):
        materialize(stream("orthogonal", (5, 5), "2.1.6"), (5, 5), 7, 8)
