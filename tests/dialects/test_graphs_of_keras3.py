"""How Keras 3 states a graph, and what its own loader would import."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.dialects.keras3.graph import imported_by_a_load, without_modules
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.model import Layer, StatedOperation


def tensor(name: str, call: int = 0) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"shape": [None, 4], "dtype": "float32", "keras_history": [name, call, 0]}}


def node(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"args": list(args), "kwargs": kwargs}


def entry(class_name: str, *nodes: Any, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    stated = {"class_name": class_name, "name": "own", "config": {"name": "own", **config}, "inbound_nodes": list(nodes)}
    return {**stated, "module": module, "registered_name": None} if module else stated


def read(layer: dict[str, Any], version: str = "3.3.0") -> Layer:
    start = {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_shape": [None, 4]}, "inbound_nodes": []}
    ends = {"input_layers": [["i", 0, 0]], "output_layers": [["own", 0, 0]]}
    model = {"class_name": "Functional", "config": {"name": "m", "layers": [start, layer], **ends}}
    return upgrade(model, version, "tensorflow").model.layer("own")


@pytest.mark.parametrize("module", ["keras.src.ops.numpy", "keras.ops.numpy"])
def test_an_operation_is_its_class_and_the_part_that_holds_it(module: str) -> None:
    found = read(entry("Mean", node(tensor("i")), module=module, axis=1, keepdims=True, dtype={"class_name": "DTypePolicy"}))
    assert found.operation == StatedOperation("Mean", "numpy", {"name": "own", "axis": 1, "keepdims": True})
    assert not found.takes_weights


def test_an_h5_leaves_the_module_out_and_no_operation_is_trainable() -> None:
    assert read(entry("Cumsum", node(tensor("i")), module=None, axis=1)).operation is not None
    layer = read(entry("Flatten", node(tensor("i")), module=None, trainable=True))
    assert (layer.operation, layer.class_name) == (None, "Flatten")


def test_an_operation_of_a_part_nobody_knows_is_refused() -> None:
    with pytest.raises(GraphError, match=r"operation Twice of keras\.src\.ops\.mine is not known here") as refused:
        read(entry("Twice", node(tensor("i")), module="keras.src.ops.mine"))
    assert refused.value.where == "own"


def test_modules_mean_nothing_before_keras_3() -> None:
    with_module = entry("Mean", [["i", 0, 0, {}]], module="keras.src.ops.numpy")
    assert read(with_module, "2.15.0").operation is None


@pytest.mark.parametrize(
    ("version", "nodes", "lost"),
    [
        ("3.3.0", [node([tensor("i"), tensor("i")])], True),
        ("3.3.0", [node(tensor("i"))], False),
        ("3.3.0", [node(tensor("i"), [tensor("i")])], False),
        ("3.4.0", [node([tensor("i"), tensor("i")])], False),
    ],
)
def test_a_merge_hands_on_no_mask_until_3_4(version: str, nodes: list[Any], lost: bool) -> None:
    assert read(entry("Add" if lost else "Concatenate", *nodes), version).mask_lost is lost


@pytest.mark.parametrize(("stated", "kept"), [(None, {}), (False, {}), (True, {"training": True})])
def test_training_is_left_to_the_call_of_the_model_unless_it_is_on(stated: bool | None, kept: dict[str, Any]) -> None:
    assert read(entry("Dropout", node(tensor("i"), training=stated), rate=0.5)).calls[0].kwargs == kept


def test_orthogonal_had_a_longer_name_until_3_5() -> None:
    initializer = {"module": "keras.initializers", "class_name": "OrthogonalInitializer", "config": {"gain": 1.0}, "registered_name": None}
    found = read(entry("Dense", node(tensor("i")), units=2, kernel_initializer=initializer)).settings["kernel_initializer"]
    assert (found["class_name"], found["config"]) == ("Orthogonal", {"gain": 1.0})


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"lora_rank": None, "quantization_config": None}, None),
        ({"of_keras_9": True}, "of_keras_9=True"),
    ],
)
def test_arguments_that_only_keras_3_has_are_kept_and_others_refused(settings: dict[str, Any], refused: str | None) -> None:
    layer = entry("Dense", node(tensor("i")), units=2, **settings)
    if refused is None:
        assert settings.keys() <= read(layer).settings.keys()
        return
    with pytest.raises(GraphError, match=refused):
        read(layer)


@pytest.mark.parametrize("class_name", ["RMSNormalization", "MelSpectrogram", "AutoContrast"])
def test_layers_that_came_with_keras_3_are_stock(class_name: str) -> None:
    assert not read(entry(class_name, node(tensor("i")))).custom
    with pytest.raises(AssertionError):
        assert not read(entry(class_name, [["i", 0, 0, {}]]), "2.15.0").custom


@pytest.mark.parametrize("name", ["glu", "hard_shrink", "squareplus", "log_sigmoid", "threshold"])
def test_activations_of_keras_3_are_known_by_name_there_alone(name: str) -> None:
    assert read(entry("Dense", node(tensor("i")), units=2, activation=name)).settings["activation"] == name
    with pytest.raises(GraphError, match="a function of your own"):
        read(entry("Dense", [["i", 0, 0, {}]], units=2, activation=name), "2.15.0")


def test_hard_sigmoid_of_keras_3_is_today_s() -> None:
    assert read(entry("Dense", node(tensor("i")), units=2, activation="hard_sigmoid")).settings["activation"] == "hard_sigmoid"


def test_modules_of_one_s_own_are_not_named_and_keras_public_ones_stay() -> None:
    own = {"module": "my.code", "class_name": "Mine>Gate", "config": {"inner": {"module": "keras.layers", "class_name": "Dense"}}}
    assert without_modules(own, frozenset()) == {
        "module": None, "class_name": "Gate", "registered_name": "Gate",
        "config": {"inner": {"module": "keras.layers", "class_name": "Dense"}},
    }  # fmt: skip


def test_a_given_class_is_found_by_its_name_even_under_a_public_module() -> None:
    stated = {"module": "keras.layers", "class_name": "Dense", "config": {}}
    assert without_modules(stated, frozenset({"Dense"}))["module"] is None
    assert without_modules(stated, frozenset())["module"] == "keras.layers"


def test_a_graph_s_operation_keeps_its_module_and_a_number_is_a_number() -> None:
    operation = {"module": "keras.src.ops.numpy", "class_name": "Mean", "config": {}, "inbound_nodes": []}
    assert without_modules([operation], frozenset()) == [operation]
    assert without_modules({"class_name": "__numpy__", "config": {"value": 6.0, "dtype": "float32"}}, frozenset()) == 6.0
    array = {"class_name": "__numpy__", "config": {"value": [6.0], "dtype": "float32"}}
    assert without_modules(array, frozenset()) == array


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"module": "keras.layers", "class_name": "Dense", "config": {}}, None),
        ({"module": "builtins", "class_name": "dict", "config": {}}, None),
        ({"module": "keras.src.ops.numpy", "class_name": "Mean", "config": {}}, None),
        ({"module": None, "class_name": "Gate", "config": {}}, None),
        ({"class_name": "Gate", "config": {}}, None),
        ({"module": "os", "class_name": "system", "config": {}}, "os.system"),
        ({"module": "my.code", "class_name": "Mine>Gate", "config": {}}, "my.code.Gate"),
        ({"module": "builtins", "class_name": "function", "config": "exec"}, None),
        ({"module": "my.code", "class_name": "function", "config": "gate"}, "my.code.gate"),
        ({"class_name": "__lambda__", "config": {}}, "__lambda__"),
        ({"module": "keras.layers", "class_name": "TFSMLayer", "config": {}}, "TFSMLayer"),
        ({"a": [{"b": {"module": "os", "class_name": "system"}}]}, "os.system"),
        (7, None),
    ],
)
def test_the_first_object_that_a_load_would_import_or_run_is_named(value: Any, named: str | None) -> None:
    assert imported_by_a_load(value, ()) == named


def test_what_the_user_gives_is_not_imported() -> None:
    assert imported_by_a_load({"module": "my.code", "class_name": "Mine>Gate", "config": {}}, {"Gate"}) is None
