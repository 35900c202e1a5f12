"""The reference reads a stored config by itself: calls counted from 0, tensors in place of references, what it can't follow refused."""

import pytest

from layerfix.model import Operation, StatedOperation, Tensor
from layerfix.reference.functions import Unsupported
from layerfix.reference.reading import stated_model


def functional(*layers, ends):
    entries = [{"name": entry["config"]["name"], **entry} for entry in layers]
    return {"class_name": "Model", "config": {"name": "m", "layers": entries, "input_layers": [["i", 0, 0]], "output_layers": ends}}


def layer(class_name, name, *nodes, **more):
    return {"class_name": class_name, "config": {"name": name, **more}, "inbound_nodes": list(nodes)}


START = layer("InputLayer", "i", batch_input_shape=[None, 3])
INNER = functional(START, layer("Dense", "d", [["i", 0, 0, {}]], units=3), ends=[["d", 0, 0]])


def test_calls_of_a_nested_model_are_counted_from_zero_as_keras_2_counts_them_from_one():
    nested = {**INNER, "name": "inner", "inbound_nodes": [[["i", 0, 0, {}]], [["inner", 1, 0, {}]]]}
    nested["config"] = {**INNER["config"], "name": "inner"}
    model = stated_model(functional(START, nested, ends=[["inner", 2, 0]]))
    assert model.outputs == [Tensor("inner", 1, 0)]
    assert [call.args for call in model.layer("inner").calls] == [(Tensor("i", 0, 0),), (Tensor("inner", 0, 0),)]
    assert model.layer("inner").model.layer("d").settings["units"] == 3


def test_settings_stay_in_the_words_of_the_file():
    bare = {"class_name": "Sequential", "config": [layer("LeakyReLU", "l", alpha=0.2)]}
    assert stated_model(bare).layers[0].settings["alpha"] == 0.2


def test_functions_called_on_tensors_are_operations_with_the_tensors_one_by_one():
    joined = layer("TFOpLambda", "o", [["i", 0, 0, {"axis": 1}], ["i", 0, 0, {}]], function="concat")
    found = stated_model(functional(START, joined, ends=[["o", 0, 0]])).layer("o")
    assert found.operation == Operation("concat", {})
    assert (found.calls[0].args, found.calls[0].kwargs) == ((Tensor("i", 0, 0), Tensor("i", 0, 0)), {"axis": 1})


def test_operations_of_keras_3_are_known_by_their_module():
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["i", 0, 0]}}
    add = {**layer("Add", "a", {"args": [tensor, 2.0], "kwargs": {}}), "module": "keras.src.ops.numpy"}
    found = stated_model(functional(START, add, ends=[["a", 0, 0]])).layer("a")
    assert isinstance(found.operation, StatedOperation)
    assert found.calls[0].args == (Tensor("i", 0, 0), 2.0)


@pytest.mark.parametrize(
    ("node", "reason"),
    [({"a": ["i", 0, 0]}, "a structure of inputs"), ([["_CONSTANT_VALUE", -1, 2.0, {}]], "a call on a constant")],
)
def test_what_it_cannot_follow_is_refused_with_the_reason(node, reason):
    with pytest.raises(Unsupported, match=reason):
        stated_model(functional(START, layer("Dense", "d", node), ends=[["d", 0, 0]]))


def test_models_that_give_a_structure_are_refused():
    with pytest.raises(Unsupported, match="take or give a structure"):
        stated_model(functional(START, ends={"a": ["i", 0, 0]}))
