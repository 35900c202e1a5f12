"""What is made up for the labels and lengths of a CTC loss is what the loss can take."""

import keras
import numpy as np
import pytest
from keras import ops

from layerfix.graph.feeding import made_inputs
from layerfix.graph.transcripts import transcripts


def ending_in_a_loss(*, nested):
    """A model of 12 steps and 5 classes, of which two steps are cut; labels of at most 9."""
    steps = keras.Input((12, 5))
    labels, length, count = keras.Input((9,)), keras.Input((1,), dtype="int64"), keras.Input((1,))
    own = [keras.Input(one.shape[1:], dtype=one.dtype) for one in (steps, labels, length, count)]
    given = own if nested else [steps, labels, length, count]
    cut = given[0][:, 2:, :]
    lengths = [ops.cast(ops.squeeze(one, -1), "int32") for one in given[2:]]
    loss = ops.ctc_loss(ops.cast(given[1], "int32"), cut, lengths[1], lengths[0], mask_index=4)
    if nested:
        loss = keras.Model(own, loss)([steps, labels, length, count])
    return keras.Model([steps, labels, length, count], loss)


@pytest.mark.parametrize("nested", [False, True])
def test_labels_leave_out_the_blank_and_fit_into_the_steps_that_are_left(nested):
    model = ending_in_a_loss(nested=nested)
    found = transcripts(model)
    told = [found.get(id(tensor)) for tensor in model.inputs]
    assert told[0] is None
    assert [(one.least, one.most) for one in told[1:]] == [(0, 3), (10, 10), (1, 5)]


@pytest.mark.parametrize("nested", [False, True])
def test_made_inputs_have_a_finite_loss(nested):
    model = ending_in_a_loss(nested=nested)
    made = made_inputs(model)
    assert [array.dtype.name for array in made] == ["float32", "float32", "int64", "float32"]
    assert np.isfinite(ops.convert_to_numpy(model(list(made)))).all()


def test_model_without_such_a_loss_has_no_transcripts():
    given = keras.Input((3,))
    assert transcripts(keras.Model(given, keras.layers.Dense(2)(given))) == {}
