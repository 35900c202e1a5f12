"""The output_padding that Keras 3 left out of its files is told by the shapes that the file states, and doubted where none is."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.containers.lost_padding import untold_paddings, with_output_padding


def transposed(name: str = "t", *, given: list[int | None] | None = None, **more: Any) -> dict[str, Any]:
    made = {"name": name, "kernel_size": [2, 3], "strides": [3, 2], "dilation_rate": [1, 1], "padding": "valid", **more}
    return {"class_name": "Conv2DTranspose", "config": made, "name": name, "build_config": {"input_shape": given or [None, 5, 6, 2]}}


def taking(shape: list[int | None], name: str = "t") -> dict[str, Any]:
    tensor = {"class_name": "__keras_tensor__", "config": {"shape": shape, "dtype": "float32", "keras_history": [name, 0, 0]}}
    return {"class_name": "Conv2D", "name": "c", "config": {"name": "c"}, "inbound_nodes": [{"args": [tensor], "kwargs": {}}]}


def functional(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Functional", "config": {"name": "m", "layers": list(layers)}}


def told(config: Any) -> Any:
    return with_output_padding(config, "3.9.2")["config"]["layers"][0]["config"].get("output_padding")


@pytest.mark.parametrize(
    ("more", "reached", "padding"),
    [
        ({}, [16, 14], [2, 1]),
        ({}, [15, 13], None),
        ({"padding": "same"}, [14, 17], None),
        ({"padding": "same", "kernel_size": [2, 2], "strides": [3, 3]}, [14, 17], [2, 2]),
        ({"padding": "same", "kernel_size": [3, 3], "strides": [2, 2]}, [9, 11], [0, 0]),
        ({"padding": "same", "kernel_size": [3, 3], "strides": [2, 2]}, [10, 12], None),
        ({"kernel_size": [5, 2], "strides": [2, 1]}, [14, 7], [1, 0]),
    ],
)
def test_size_that_the_next_layer_takes_tells_the_padding(more: dict[str, Any], reached: list[int], padding: list[int] | None) -> None:
    assert told(functional(transposed(**more), taking([None, *reached, 3]))) == padding


def test_next_layer_of_a_sequential_and_channels_first_tell_it_too() -> None:
    after = {"class_name": "Conv2D", "config": {"name": "c"}, "build_config": {"input_shape": [None, 3, 16, 14]}}
    first = transposed(data_format="channels_first", given=[None, 2, 5, 6])
    assert told({"class_name": "Sequential", "config": {"name": "s", "layers": [first, after]}}) == [2, 1]


@pytest.mark.parametrize("reached", [[None, None], [40, 40], [16, None]])
def test_what_no_padding_reaches_is_left_alone(reached: list[int | None]) -> None:
    config = functional(transposed(), taking([None, *reached, 3]))
    assert with_output_padding(config, "3.9.2") is config


@pytest.mark.parametrize(("more", "version"), [({"output_padding": None}, "3.9.2"), ({}, "2.1.6"), ({}, None)])
def test_stated_padding_and_files_of_older_keras_are_left_alone(more: dict[str, Any], version: str | None) -> None:
    config = functional(transposed(**more), taking([None, 16, 14, 3]))
    assert with_output_padding(config, version) is config
    assert list(untold_paddings(functional(transposed(**more)), version)) == []


def test_tensor_that_the_layer_itself_takes_stands_for_a_shape_that_it_was_built_with() -> None:
    alone = transposed()
    alone["inbound_nodes"] = taking(alone.pop("build_config")["input_shape"], "i")["inbound_nodes"]
    assert told(functional(alone, taking([None, 16, 14, 3]))) == [2, 1]


def test_an_output_of_the_model_that_nothing_tells_is_doubted() -> None:
    inside = functional(transposed("last"), transposed("t"), taking([None, 16, 14, 3]), transposed("plain", strides=[1, 1]))
    assert list(untold_paddings(functional(inside), "3.9.2")) == ["last"]


@pytest.mark.parametrize(
    ("given", "reached", "doubted"),
    [
        ([None, None, None, 2], [None, None, None, 3], ["t"]),
        ([None, 5, None, 2], [None, 16, None, 3], ["t"]),
        ([None, 5, 6, 2], [None, 16, 14, 3], []),
    ],
)
def test_open_sizes_tell_no_padding(given: list[int | None], reached: list[int | None], doubted: list[str]) -> None:
    assert list(untold_paddings(functional(transposed(given=given), taking(reached)), "3.9.2")) == doubted


def test_open_size_along_which_nothing_strides_is_no_doubt() -> None:
    layers = transposed(given=[None, 5, None, 2], strides=[3, 1]), taking([None, 16, None, 3])
    assert list(untold_paddings(functional(*layers), "3.9.2")) == []
