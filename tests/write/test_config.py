from typing import Any

import pytest

from layerfix.errors import WriteError
from layerfix.write.config import merge_arguments


def layer(name: str, **settings: Any) -> dict[str, Any]:
    return {"class_name": "Layer", "name": name, "config": {"name": name, **settings}, "inbound_nodes": []}


def model(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Model", "config": {"name": "encoder", "layers": list(layers), "input_layers": [], "output_layers": []}}


def test_arguments_reach_a_layer_of_a_model_inside_a_wrapper() -> None:
    outer = model(layer("time_distributed_1", layer=model(layer("head_1"))))
    merged = merge_arguments(outer, {"time_distributed_1/head_1": {"channels": 12}})
    inner = merged["config"]["layers"][0]["config"]["layer"]["config"]["layers"][0]
    assert inner["config"] == {"name": "head_1", "channels": 12}
    assert outer["config"]["layers"][0]["config"]["layer"]["config"]["layers"][0]["config"] == {"name": "head_1"}


def test_an_unknown_layer_is_named() -> None:
    with pytest.raises(WriteError, match="nobody"):
        merge_arguments(model(layer("head_1")), {"nobody": {"channels": 12}})
