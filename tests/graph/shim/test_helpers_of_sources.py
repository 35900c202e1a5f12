"""`keras.initializers`, `regularizers`, `constraints` and `utils` as legacy source finds them; sizes are what genuine 2.2.4 answered."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.errors import LackError
from layerfix.graph.shim.initial import Tagged
from layerfix.graph.shim.modules import find


def module(name: str) -> ModuleType:
    found = find(f"keras.{name}")
    assert found is not None
    return found


CONV = module("utils.conv_utils")


@pytest.mark.parametrize(
    ("given", "length"),
    [
        ((7, 3, "valid", 1), 5), ((7, 3, "same", 2), 4), ((7, 3, "causal", 2), 4), ((7, 3, "full", 1), 9),
        ((7, 3, "valid", 2, 2), 2), ((None, 3, "same", 1), None),
    ],
)  # fmt: skip
def test_the_length_that_a_convolution_leaves(given: tuple[Any, ...], length: int | None) -> None:
    assert CONV.conv_output_length(*given) == length


@pytest.mark.parametrize(
    ("given", "length"),
    [((5, 3, "same", 1), 5), ((5, 3, "valid", 2), 11), ((5, 4, "full", 1), 2), ((7, 4, "same", 3), 18), ((None, 3, "same", 1), None)],
)
def test_the_length_that_a_convolution_was_given(given: tuple[Any, ...], length: int | None) -> None:
    assert CONV.conv_input_length(*given) == length


@pytest.mark.parametrize(
    ("given", "length"),
    [
        ((5, 2, 3, "same", None), 10), ((5, 2, 3, "valid", None), 11), ((5, 3, 2, "valid", None), 15), ((5, 2, 3, "full", None), 7),
        ((5, 2, 3, "same", 1), 10), ((5, 2, 3, "valid", 1), 12), ((5, 2, 4, "full", 0), 6), ((5, 2, 3, "valid", None, 2), 13),
        ((None, 2, 3, "same", None), None),
    ],
)  # fmt: skip
def test_the_length_that_a_transposed_convolution_leaves(given: tuple[Any, ...], length: int | None) -> None:
    assert CONV.deconv_length(*given) == length


def test_tf_keras_orders_the_arguments_of_a_transposed_length_otherwise() -> None:
    assert CONV.deconv_output_length(5, 3, "valid", stride=2) == 11
    assert CONV.deconv_output_length(5, 3, "same", output_padding=1, stride=2) == 10


def test_one_number_stands_for_all_axes() -> None:
    assert CONV.normalize_tuple(3, 2, "kernel_size") == (3, 3)
    assert CONV.normalize_tuple([3, 5], 2, "kernel_size") == (3, 5)


def test_channels_come_last_where_nothing_is_said() -> None:
    assert CONV.normalize_data_format(None) == "channels_last"
    assert CONV.normalize_data_format("channels_first") == "channels_first"
    assert CONV.normalize_padding("SAME") == "same"


def takes_mask(x: object, mask: object = None) -> None: ...


def makes_mask(x: object) -> object:
    mask = x
    return mask


def takes_anything(x: object, **kwargs: object) -> None: ...


def by_place_alone(x: object, /) -> None: ...


@pytest.mark.parametrize(
    ("function", "name", "accept_all", "takes"),
    [
        (takes_mask, "mask", False, True),
        (takes_mask, "training", False, False),
        (makes_mask, "mask", False, False),
        (takes_anything, "mask", False, False),
        (takes_anything, "mask", True, True),
        (takes_anything, "x", True, True),
        (by_place_alone, "x", False, False),
    ],
)
def test_whether_a_function_takes_a_keyword(function: Any, name: str, accept_all: bool, takes: bool) -> None:
    assert module("utils.generic_utils").has_arg(function, name, accept_all=accept_all) is takes


def test_the_call_of_a_traced_layer_takes_what_its_source_says() -> None:
    class Masked(module("layers").Layer):  # type: ignore[misc]
        def call(self, inputs: object, mask: object = None) -> object:
            return inputs

    assert module("utils.generic_utils").has_arg(Masked().call, "mask") is True


def test_lists_are_wrapped_and_unwrapped() -> None:
    utils = module("utils.generic_utils")
    assert (utils.to_list(1), utils.to_list([1])) == ([1], [1])
    assert (utils.unpack_singleton([1]), utils.unpack_singleton([1, 2])) == (1, [1, 2])


def test_a_helper_that_is_not_there_is_named() -> None:
    with pytest.raises(LackError, match=r"keras\.utils\.conv_utils\.convert_kernel"):
        CONV.convert_kernel  # noqa: B018


INITIALIZERS = module("initializers")


def test_an_initializer_by_its_name_remembers_what_it_is() -> None:
    made = INITIALIZERS.get("he_normal")
    assert isinstance(made, Tagged)
    value = made((3, 2))
    config, _ = value.layerfix_origin
    assert (config["class_name"], config["config"]["scale"], config["config"]["mode"]) == ("VarianceScaling", 2.0, "fan_in")
    assert INITIALIZERS.get(None) is None


def test_a_function_of_keras_1_takes_a_shape_and_gives_a_value() -> None:
    assert np.asarray(INITIALIZERS.one((2, 3))).tolist() == [[1.0] * 3] * 2


def test_a_function_of_keras_2_takes_a_seed_and_gives_an_initializer() -> None:
    made = INITIALIZERS.lecun_uniform(seed=7)
    assert (made.scale, made.mode, made.distribution, made.seed) == (1.0, "fan_in", "uniform", 7)
    assert INITIALIZERS.he_uniform(7).seed == 7
    assert INITIALIZERS.glorot_normal().seed != 7


def test_a_serialized_initializer_comes_back() -> None:
    config = INITIALIZERS.serialize(keras.initializers.Constant(3.0))
    assert config["class_name"] == "Constant"
    assert np.asarray(INITIALIZERS.deserialize(config)((2,))).tolist() == [3.0, 3.0]


def test_an_initializer_that_no_keras_had_is_named() -> None:
    with pytest.raises(LackError, match=r"keras\.initializers\.glorious"):
        INITIALIZERS.glorious  # noqa: B018


@pytest.mark.parametrize(
    ("home", "short", "today"),
    [
        ("regularizers", "l2", keras.regularizers.L2),
        ("regularizers", "l1_l2", keras.regularizers.L1L2),
        ("constraints", "maxnorm", keras.constraints.MaxNorm),
        ("constraints", "max_norm", keras.constraints.MaxNorm),
        ("constraints", "nonneg", keras.constraints.NonNeg),
        ("constraints", "unitnorm", keras.constraints.UnitNorm),
    ],
)
def test_penalties_by_their_short_names(home: str, short: str, today: type) -> None:
    assert getattr(module(home), short) is today
