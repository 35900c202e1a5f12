"""keras_contrib's CRF becomes dense and recurrent layers; masks are tensors of the graph, or are refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.graph.build import build_model
from layerfix.model import Layer, Relay
from layerfix.predictions import difference
from layerfix.reference.model import evaluate

FILES = Path(__file__).parents[1] / "migrate" / "files"
CRF = {
    "units": 3,
    "learn_mode": "join",
    "test_mode": "viterbi",
    "use_boundary": True,
    "use_bias": True,
    "activation": "linear",
    "sparse_target": False,
}


def layers(*entries: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"class_name": name, "config": {"name": name.lower(), **config}} for name, config in entries]


def sequential(*entries: tuple[str, dict[str, Any]], name: str = "s") -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": name, "layers": layers(*entries)}}


MASKED = ("Masking", {"mask_value": 0.0, "batch_input_shape": [None, None, 4]})


def found(config: dict[str, Any]) -> Layer:
    return upgrade(config, "2.2.4", "tensorflow").model.layers[-1]


@pytest.mark.parametrize(("bias", "boundary", "count"), [(True, True, 5), (False, True, 4), (True, False, 3), (False, False, 2)])
def test_stored_weights_are_counted_by_what_the_layer_uses(bias: bool, boundary: bool, count: int) -> None:
    settings = {**CRF, "use_bias": bias, "use_boundary": boundary, "batch_input_shape": [None, 5, 4]}
    layer = found(sequential(("CRF", settings)))
    assert (layer.custom, layer.relay, layer.masked) == (False, Relay("contrib_crf", count), None)


@pytest.mark.parametrize(("mode", "passes"), [("join", False), ("marginal", True)])
def test_mask_goes_on_behind_marginal_training_alone(mode: str, passes: bool) -> None:
    masked = found(sequential(MASKED, ("CRF", {**CRF, "learn_mode": mode}))).masked
    assert masked is not None
    assert (masked.passes, len(masked.model.inputs)) == (passes, 2)


def test_sequential_with_a_mask_for_it_is_a_graph() -> None:
    built = build_model(upgrade(sequential(MASKED, ("CRF", CRF)), "2.2.4", "tensorflow").model)
    assert len(built.get_layer("crf").inputs) == 2
    assert built.predict(np.ones((2, 6, 4)), verbose=0).shape == (2, 6, 3)


def test_mask_from_outside_of_a_nested_model_is_refused() -> None:
    inner = sequential(("CRF", {**CRF, "batch_input_shape": [None, None, 4]}), name="inner")
    nested = sequential(MASKED)
    nested["config"]["layers"].append(inner)
    with pytest.raises(GraphError, match=r"a mask from outside of 'inner' reaches its layer 'crf'"):
        build_model(upgrade(nested, "2.2.4", "tensorflow").model)


def test_mask_out_of_a_nested_model_is_refused() -> None:
    nested = sequential(("Dropout", {"rate": 0.1}))
    inner = sequential(MASKED, ("LSTM", {"units": 4, "return_sequences": True}), name="inner")
    nested["config"]["layers"] = [inner, *nested["config"]["layers"], *layers(("CRF", CRF))]
    with pytest.raises(GraphError, match=r"whether a mask reaches it out of 'inner'"):
        build_model(upgrade(nested, "2.2.4", "tensorflow").model)


def test_mask_that_a_nested_model_may_hand_on_is_refused() -> None:
    nested = sequential(MASKED)
    inner = sequential(("LSTM", {"units": 4, "return_sequences": True, "batch_input_shape": [None, None, 4]}), name="inner")
    nested["config"]["layers"] += [inner, *layers(("CRF", CRF))]
    with pytest.raises(GraphError, match=r"whether a mask reaches it out of 'inner'"):
        build_model(upgrade(nested, "2.2.4", "tensorflow").model)


def merged(whole: bool) -> dict[str, Any]:
    """The sum of what a nested model with a mask gives, and of itself."""
    inner = sequential(MASKED, ("LSTM", {"units": 4, "return_sequences": whole}), name="inner")
    start = {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_input_shape": [None, 5, 4]}, "inbound_nodes": []}
    inner |= {"name": "inner", "inbound_nodes": [[["i", 0, 0, {}]]]}
    merge = {"class_name": "Add", "name": "a", "config": {"name": "a"}, "inbound_nodes": [[["inner", 1, 0, {}], ["inner", 1, 0, {}]]]}
    ends = {"input_layers": [["i", 0, 0]], "output_layers": [["a", 0, 0]]}
    return {"class_name": "Model", "config": {"name": "g", "layers": [start, inner, merge], **ends}}


def test_mask_out_of_a_nested_model_is_not_merged() -> None:
    with pytest.raises(GraphError, match="a mask that 'inner' makes inside is merged here"):
        build_model(upgrade(merged(True), "2.2.4", "tensorflow").model)


def test_nested_model_that_ends_its_mask_is_merged() -> None:
    assert build_model(upgrade(merged(False), "2.2.4", "tensorflow").model).output_shape == (None, 4)


def test_layer_that_is_called_with_a_mask_and_without_one_is_refused() -> None:
    start = {"batch_input_shape": [None, 5, 4], "name": "i"}
    entries: list[tuple[str, dict[str, Any], list[Any]]] = [
        ("InputLayer", start, []),
        ("Masking", {"mask_value": 0.0, "name": "m"}, [[["i", 0, 0, {}]]]),
        ("CRF", {**CRF, "name": "c"}, [[["m", 0, 0, {}]], [["i", 0, 0, {}]]]),
    ]
    made = [{"class_name": name, "name": config["name"], "config": config, "inbound_nodes": calls} for name, config, calls in entries]
    config = {"name": "g", "layers": made, "input_layers": [["i", 0, 0]], "output_layers": [["c", 0, 0], ["c", 1, 0]]}
    with pytest.raises(GraphError, match="with a mask and without one"):
        build_model(upgrade({"class_name": "Model", "config": config}, "2.2.4", "tensorflow").model)


@pytest.mark.parametrize("left_out", ["learn_mode", "test_mode"])
def test_class_of_that_name_with_other_settings_is_nobodys(left_out: str) -> None:
    settings = {key: value for key, value in CRF.items() if key != left_out}
    assert found(sequential(("CRF", {**settings, "batch_input_shape": [None, 5, 4]}))).custom


def test_unknown_way_to_predict_is_refused() -> None:
    with pytest.raises(GraphError, match="test_mode 'best'"):
        found(sequential(("CRF", {**CRF, "test_mode": "best", "batch_input_shape": [None, 5, 4]})))


@pytest.mark.parametrize("case", ["crf_ahead", "crf_unmasked", "crf_marginal_ahead", "crf_sequential"])
def test_reference_predicts_what_genuine_keras_recorded(case: str) -> None:
    recorded = np.load(FILES / f"k224-{case}.npz")
    assert difference(evaluate(read(FILES / f"k224-{case}.h5"), [recorded["x0"]]), [recorded["p0"]]) < 2e-5
