"""Single rules on records made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from layerfix.blueprint import Blueprint, WeightSpec
from layerfix.containers.records import Checkpoint, LayerEntry, OptimizerEntry, WeightEntry
from layerfix.diagnose.catalogue import RULES
from layerfix.diagnose.diagnosis import diagnose
from layerfix.diagnose.records import Finding

CONV = {"filters": 4, "kernel_size": [3]}
KERNEL_BIAS = {"kernel:0": (3, 4, 4), "bias:0": (4,)}


def checkpoint(
    *layers: tuple[str, str, Mapping[str, Any], Mapping[str, Sequence[int]]], version: str | None = "2.2.4", **changes: Any
) -> Checkpoint:
    """A Sequential of (class name, name, config, stored weights)."""
    entries = [{"class_name": class_name, "config": {"name": name, **config}} for class_name, name, config, _ in layers]
    groups = tuple(
        LayerEntry(name, tuple(WeightEntry(name, f"{name}/{weight}", tuple(shape), "float32") for weight, shape in weights.items()))
        for _, name, _, weights in layers
    )
    values: dict[str, Any] = {
        "path": Path("old.h5"),
        "format": "keras-hdf5",
        "keras_version": version,
        "backend": "tensorflow",
        "config": {"class_name": "Sequential", "config": entries},
        "training_config": None,
        "layers": groups,
        "optimizer": None,
    }
    return Checkpoint(**{**values, **changes})


def conv(number: int) -> tuple[str, str, Mapping[str, Any], Mapping[str, Sequence[int]]]:
    return ("Conv1D", f"conv1d_{number}", CONV, KERNEL_BIAS)


def custom(number: int = 1, **weights: Sequence[int]) -> tuple[str, str, Mapping[str, Any], Mapping[str, Sequence[int]]]:
    return ("Smooth", f"smooth_{number}", {}, {f"{name}:0": shape for name, shape in weights.items()})


def findings(*layers: Any, blueprint: Blueprint | None = None, **changes: Any) -> dict[tuple[str, str | None], Finding]:
    return {(finding.code, finding.layer): finding for finding in diagnose(checkpoint(*layers, **changes), blueprint).findings}


def test_gap_around_an_empty_custom_layer_is_suspect() -> None:
    assert findings(conv(1), custom(), conv(3))["LF103", "smooth_1"].severity == "suspect"


def test_empty_custom_layer_without_a_gap_is_a_note() -> None:
    assert list(findings(conv(1), custom(), conv(2))) == [("LF105", "smooth_1")]


def test_one_layer_of_a_class_without_a_gap_acquits_the_class() -> None:
    assert {code for code, _ in findings(conv(1), custom(1), conv(3), custom(2), conv(4))} == {"LF105"}


def test_gap_far_from_any_custom_layer_is_no_evidence() -> None:
    assert {code for code, _ in findings(conv(1), conv(3), custom(), conv(5))} == {"LF105"}


def test_gap_of_a_class_without_weights_is_no_evidence() -> None:
    dropouts = [("Dropout", f"dropout_{number}", {"rate": 0.1}, {}) for number in (1, 3)]
    assert list(findings(dropouts[0], custom(), dropouts[1])) == [("LF105", "smooth_1")]


def test_numbers_shifted_by_earlier_models_are_no_evidence() -> None:
    assert list(findings(custom(2), conv(5), version="2.2.4")) == [("LF105", "smooth_2")]


def test_some_weights_and_a_gap_is_partial_loss() -> None:
    assert findings(conv(1), custom(scale=(4,)), conv(3))["LF104", "smooth_1"].severity == "suspect"


def test_sublayer_tracked_by_hand_explains_the_gap() -> None:
    assert findings(conv(1), custom(kernel=(1, 4, 4), bias=(4,)), conv(3)) == {}


def test_tracked_sublayer_with_its_own_name_explains_the_gap() -> None:
    assert findings(conv(1), ("Smooth", "smooth_1", {}, {"conv1d_2/kernel:0": (1, 4, 4)}), conv(3)) == {}


def test_known_class_is_only_suspect_where_attributes_are_tracked() -> None:
    denoise = ("Denoising_layer", "denoising_layer_1", {"filter_type": "mean"}, {})
    assert findings(conv(1), denoise)["LF101", "denoising_layer_1"].severity == "lost"
    assert findings(conv(1), denoise, version="2.3.1")["LF101", "denoising_layer_1"].severity == "suspect"


def test_stated_argument_is_no_finding() -> None:
    denoise = ("Denoising_layer", "denoising_layer_1", {"filter_type": "mean"}, KERNEL_BIAS)
    assert findings(conv(1), denoise) == {}


def test_stock_layer_names_the_weight_it_lacks() -> None:
    finding = findings(("Conv1D", "conv1d_1", CONV, {"kernel:0": (3, 4, 4)}))["LF201", "conv1d_1"]
    assert finding.evidence == ("its bias is not in the file",)


def test_layer_that_the_file_does_not_list_is_lost() -> None:
    whole = checkpoint(conv(1), conv(2))
    codes = {(finding.code, finding.layer) for finding in diagnose(replace(whole, layers=whole.layers[:1])).findings}
    assert codes == {("LF201", "conv1d_2")}


def test_weights_of_another_rank_do_not_fit() -> None:
    assert ("LF204", "conv1d_1") in findings(("Conv1D", "conv1d_1", CONV, {"kernel:0": (4, 4), "bias:0": (4,)}))


def test_class_with_a_stock_name_and_other_arguments_is_custom() -> None:
    assert findings(("Embedding", "embedding_1", {"size": 3}, {"table:0": (3, 3, 3)})) == {}
    assert list(findings(("Attention", "attention_1", {}, {}))) == [("LF105", "attention_1")]


def test_custom_layer_in_a_model_in_a_wrapper_is_seen() -> None:
    layers = [{"class_name": name, "config": {"name": own, **config}} for name, own, config, _ in (conv(1), custom(), conv(3))]
    inner = {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}
    stored = {f"conv1d_{number}/{role}": shape for number in (1, 3) for role, shape in KERNEL_BIAS.items()}
    assert list(findings(("TimeDistributed", "steps", {"layer": inner}, stored))) == [("LF103", "steps/smooth_1")]


def test_optimizer_state_of_more_weights_than_stored_is_suspect() -> None:
    slots = tuple(WeightEntry("optimizer_weights", f"v{index}:0", (4,), "float32") for index in range(13))
    assert ("LF401", None) in findings(conv(1), optimizer=OptimizerEntry("Adam", {}, slots))
    assert findings(conv(1), optimizer=OptimizerEntry("Adam", {}, slots[:7])) == {}


def test_backend_is_noted_only_beside_a_loss() -> None:
    assert findings(conv(1), backend="theano") == {}
    assert ("LF501", None) in findings(conv(1), custom(), conv(3), backend="theano")


def spec(shape: tuple[int, ...], *, hidden: bool) -> WeightSpec:
    return WeightSpec("smooth_1", f"smooth_1/conv1d_2/w{len(shape)}:0", "smooth_1", "conv1d/kernel", shape, "float32", None, True, hidden)


def test_blueprint_names_what_is_lost_for_certain() -> None:
    blueprint = Blueprint((spec((1, 4, 4), hidden=True), spec((4,), hidden=True)), (), {})
    finding = findings(conv(1), custom(), conv(2), blueprint=blueprint)["LF102", "smooth_1"]
    assert finding.severity == "lost"
    assert len(finding.evidence) == 2


def test_blueprint_acquits_a_class_without_weights() -> None:
    assert findings(conv(1), custom(), conv(3), blueprint=Blueprint((), (), {})) == {}


def test_blueprint_acquits_a_file_saved_with_the_mended_class() -> None:
    blueprint = Blueprint((spec((1, 4, 4), hidden=True), spec((4,), hidden=True)), (), {})
    assert findings(conv(1), custom(kernel=(1, 4, 4), bias=(4,)), conv(3), blueprint=blueprint) == {}


def test_blueprint_tells_lost_arguments() -> None:
    blueprint = Blueprint((), (), {"smooth_1": {"width": 3}})
    assert ("LF301", "smooth_1") in findings(conv(1), custom(), blueprint=blueprint)


def test_every_code_is_explained() -> None:
    assert len(RULES) > 10
    for code, rule in RULES.items():
        assert rule.code == code
        assert all((rule.title, rule.cause, rule.effect, rule.remedy))


@pytest.mark.parametrize("name", ["RandomZoom", "RandomCrop", "StringLookup", "Rescaling", "Attention", "GroupNormalization", "MyZoom"])
def test_somebody_s_own_class_is_no_stock_class_of_a_keras_that_did_not_write_the_file(name: str) -> None:
    found = findings(conv(1), (name, "own_1", {}, {}), conv(3))
    assert found["LF103", "own_1"].severity == "suspect"


@pytest.mark.parametrize("name", ["RandomZoom", "RandomCrop", "Rescaling"])
def test_a_stock_class_without_weights_is_no_finding_in_a_file_of_the_keras_that_ships_it(name: str) -> None:
    assert ("LF103", "own_1") not in findings(conv(1), (name, "own_1", {}, {}), conv(3), version="2.6.0")
