"""Values into variables of the live model, and back."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from layerfix.graph.values import kept, set_value, set_values


def variable(*numbers: float, dtype: str = "float32") -> keras.Variable:
    return keras.Variable(np.array(numbers, dtype))


def test_a_value_takes_the_variable_s_own_dtype() -> None:
    whole = variable(1, 2, dtype="int32")
    set_value(whole, np.array([3.0, 4.0]))
    assert np.asarray(whole).dtype == np.int32
    assert np.asarray(whole).tolist() == [3, 4]


def test_each_variable_gets_its_own() -> None:
    one, two = variable(1), variable(2)
    set_values([one, two], [np.array([5.0]), np.array([6.0])])
    assert [float(one[0]), float(two[0])] == [5, 6]


def test_another_number_of_values_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        set_values([variable(1), variable(2)], [np.zeros(1)])


def test_old_values_come_back_also_after_an_error() -> None:
    one = variable(1, 2)
    with pytest.raises(ValueError, match="shape"), kept([one]):
        set_values([one, one], [np.zeros(2), np.zeros(3)])
    assert np.asarray(one).tolist() == [1, 2]
