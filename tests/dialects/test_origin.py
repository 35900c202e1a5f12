"""What files tell of their origin without stating it."""

from dataclasses import replace
from pathlib import Path

import pytest

from layerfix.containers.reader import read
from layerfix.dialects.origin import backend_of, with_input_shape

FILES = Path(__file__).parents[1] / "migrate" / "files"


@pytest.mark.parametrize(
    ("case", "backend"), [("k122-highway", "tensorflow"), ("k122th-same_even_stride_th", "theano"), ("theano-conv_dil", "theano")]
)
def test_backend_is_what_the_file_states_or_its_weights_names_tell(case, backend):
    assert backend_of(read(FILES / f"{case}.h5")) == backend


def test_later_file_without_a_backend_tells_none():
    assert backend_of(replace(read(FILES / "k122-highway.h5"), keras_version="2.15.0")) is None


def test_lost_input_shape_is_that_of_the_first_kernel():
    checkpoint = read(FILES / "k224-seq_inputlayer.h5")
    assert with_input_shape(checkpoint)["config"]["layers"][0]["config"]["batch_input_shape"] == [None, 6]
    assert "batch_input_shape" not in checkpoint.config["config"]["layers"][0]["config"]


def test_config_with_an_input_shape_is_left_alone():
    checkpoint = read(FILES / "k224-thresholdedrelu.h5")
    assert with_input_shape(checkpoint) is checkpoint.config
