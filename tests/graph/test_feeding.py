"""Inputs for a model that nobody gave samples for."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.graph.feeding import INPUTS, ROOM, UNSEEN, fed, made_inputs

layers = keras.layers


def sequence(*stack: Any, shape: tuple[int | None, ...], dtype: str = "float32") -> keras.Model:
    return keras.Sequential([keras.Input(shape, dtype=dtype), *stack])


def test_made_inputs_are_the_same_every_time_and_fit_the_model() -> None:
    model = sequence(layers.Dense(2), shape=(5,))
    (first,), (second,) = made_inputs(model), made_inputs(model)
    assert first.shape == (INPUTS, 5)
    assert first.dtype == np.float32
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(
    ("stack", "shape", "least"),
    [
        ([layers.LSTM(2)], (None, 3), 12),
        ([layers.Conv1D(1, 40)], (None, 3), 40),
        ([layers.Conv1D(1, 3), layers.Cropping1D((100, 100))], (None, 3), 203),
        ([layers.Conv2D(1, 50)], (None, None, 1), 50),
    ],
)
def test_open_dimensions_are_large_enough_for_every_layer(stack: list[Any], shape: tuple[int | None, ...], least: int) -> None:
    model = sequence(*stack, shape=shape)
    (made,) = made_inputs(model)
    assert all(size >= least for size in made.shape[1 : len(shape)])
    assert np.asarray(model(made)).size > 0


def test_numbers_that_a_table_looks_up_are_in_it_and_every_other_sample_lacks_steps() -> None:
    model = sequence(layers.Embedding(7, 3, mask_zero=True), layers.LSTM(2), shape=(20,), dtype="int32")
    (made,) = made_inputs(model)
    assert made.dtype == np.int32
    assert 0 <= made.min() <= made.max() < 7
    lacking = (made == 0).mean(axis=1)
    assert lacking[1::2].mean() > lacking[::2].mean() + 0.1


def test_a_mask_s_value_stands_where_steps_are_lacking() -> None:
    model = sequence(layers.Masking(-9.0), layers.LSTM(2), shape=(20, 3))
    (made,) = made_inputs(model)
    ended = (made == -9.0).all(-1)
    assert not ended[::2].any()
    assert ended[1::2].any()
    assert (made == -9.0).any(-1).tolist() == ended.tolist()


def test_words_are_those_of_the_vocabulary_and_one_that_is_in_none() -> None:
    model = sequence(layers.StringLookup(vocabulary=["cat", "dog"]), shape=(40,), dtype="string")
    (made,) = made_inputs(model)
    assert set(made.ravel()) == {"cat", "dog", UNSEEN}


def test_numbers_of_a_vocabulary_are_those_and_one_more() -> None:
    model = sequence(layers.IntegerLookup(vocabulary=[10, 20]), shape=(40,), dtype="int64")
    (made,) = made_inputs(model)
    assert set(made.ravel().tolist()) == {10, 20, 21}


def test_a_model_with_large_tensors_is_compared_on_fewer_inputs() -> None:
    model = sequence(layers.RepeatVector(ROOM // 200), shape=(100,))
    (made,) = made_inputs(model)
    assert made.shape == (1, 100)


def test_inputs_by_name_go_to_their_names_in_the_model_s_order() -> None:
    second, first = keras.Input((1,), name="second"), keras.Input((1,), name="first")
    model = keras.Model({"second": second, "first": first}, layers.Subtract()([second, first]))
    given = fed(model, [np.full((1, 1), float(place)) for place in range(len(model.inputs))])
    assert {name: float(value[0, 0]) for name, value in given.items()} == {
        tensor.name: float(place) for place, tensor in enumerate(model.inputs)
    }
    assert np.asarray(model(given)).shape == (1, 1)


def test_one_input_goes_alone_and_several_in_a_list() -> None:
    one = sequence(layers.Dense(1), shape=(2,))
    x = np.ones((3, 2), "float32")
    assert fed(one, [x]) is x
    a, b = keras.Input((2,)), keras.Input((2,))
    two = keras.Model([a, b], layers.Add()([a, b]))
    assert [part is x for part in fed(two, [x, x])] == [True, True]
