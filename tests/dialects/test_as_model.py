"""What leaves the dialects: layers, calls and tensors as records, and nothing that a file says in the rules' place."""

from dataclasses import replace

import pytest

from layerfix.dialects.as_model import as_model
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.graph.build import build_model
from layerfix.model import Call, Operation, Tensor, tensors


def functional(*layers, start="i"):
    first = {"class_name": "InputLayer", "name": start, "config": {"name": start, "batch_input_shape": [None, 3], "dtype": "float32"}}
    entries = [{"name": entry["config"]["name"], **entry} for entry in (first, *layers)]
    config = {"name": "m", "layers": entries, "input_layers": [[start, 0, 0]], "output_layers": [[entries[-1]["name"], 0, 0]]}
    return {"class_name": "Model", "name": "m", "config": config}


def layer(class_name, name, *nodes, **more):
    return {"class_name": class_name, "config": {"name": name}, "inbound_nodes": list(nodes), **more}


def test_calls_of_keras_2_take_one_input_or_a_list_and_keep_their_keyword_arguments():
    one = layer("Flatten", "f", [["i", 0, 0, {}]])
    two = layer("Add", "a", [["i", 0, 0, {}], ["f", 0, 0, {"scale": 2.0, "mask": ["i", 0, 0], "plain": ["i", "is no tensor"]}]])
    model = as_model(functional(one, two))
    assert model.layer("f").calls == (Call((Tensor("i", 0, 0),)),)
    (call,) = model.layer("a").calls
    assert call.args == ([Tensor("i", 0, 0), Tensor("f", 0, 0)],)
    assert call.kwargs == {"scale": 2.0, "mask": Tensor("i", 0, 0), "plain": ["i", "is no tensor"]}
    assert not call.complete


def test_calls_of_keras_3_are_complete_and_their_objects_plain():
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["i", 0, 0]}}
    cut = {"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": None}}
    model = as_model(
        functional(layer("GetItem", "g", {"args": [tensor, [{"class_name": "__ellipsis__", "config": {}}, cut]], "kwargs": {}}))
    )
    assert model.layer("g").calls == (Call((Tensor("i", 0, 0), (..., slice(1, None, None))), complete=True),)
    assert list(tensors(model.layer("g").calls[0].args)) == [Tensor("i", 0, 0)]


def test_layers_inside_wrappers_are_records_and_leave_the_settings():
    wrapper = layer("TimeDistributed", "t", [["i", 0, 0, {}]])
    wrapper["config"]["layer"] = {"class_name": "Dense", "config": {"name": "d", "units": 2}}
    found = as_model(functional(wrapper)).layer("t")
    assert "layer" not in found.settings
    assert (found.wrapped["layer"].class_name, found.wrapped["layer"].settings["units"]) == ("Dense", 2)


@pytest.mark.parametrize("node", [5, [["i"]], [["i", "first", 0]], {"a": None}, {"args": 7, "kwargs": {}}])
def test_a_call_that_no_release_states_is_refused_by_the_layers_name(node):
    with pytest.raises(GraphError, match="no release of Keras") as caught:
        as_model(functional(layer("Flatten", "f", node)))
    assert caught.value.where == "f"


def test_an_end_that_no_layer_gives_is_refused():
    model = functional(layer("Flatten", "f", [["i", 0, 0, {}]]))
    model["config"]["output_layers"] = [["f", 0, 3]]
    with pytest.raises(GraphError, match="output 3 of call 0 of 'f'"):
        build_model(upgrade(model, "2.2.4", "tensorflow").model)


def test_an_input_without_a_shape_is_refused():
    model = functional(layer("Flatten", "f", [["i", 0, 0, {}]]))
    del model["config"]["layers"][0]["config"]["batch_input_shape"]
    with pytest.raises(GraphError, match="shape of this input"):
        build_model(upgrade(model, "2.2.4", "tensorflow").model)


def test_a_call_on_nothing_and_a_model_of_no_inputs_are_refused():
    nothing = functional(layer("LSTM", "f", []))
    nothing["config"]["layers"][1]["config"]["units"] = 2
    inputless = functional(layer("Flatten", "f", [["i", 0, 0, {}]]))
    inputless["config"]["input_layers"] = []
    for model in (nothing, inputless):
        with pytest.raises(GraphError):
            build_model(upgrade(model, "2.2.4", "tensorflow").model)


def test_a_file_cannot_say_an_operation_in_a_rules_place():
    evil = {"function": "abs.__builtins__.clear", "arguments": {}, "reversed": False}
    forged = layer("Operation", "o", [["i", 0, 0, {}]], operation=evil)
    forged["config"] |= evil
    found = upgrade(functional(forged), "2.2.4", "tensorflow").model
    assert found.layer("o").operation is None
    with pytest.raises(GraphError, match="class Operation is not one of Keras' own"):
        build_model(found)


@pytest.mark.parametrize(
    "note",
    [{"expression": {"table": [["input", None]], "tensorflow": 2}}, {"relay": {"name": "pruned", "count": 9}}, {"custom": True},
     {"composed": True}, {"mask_lost": True}, {"unmasked": True}, {"channels": 1}, {"legacy_name": "other"}, {"stock": True}],
)  # fmt: skip
def test_a_file_cannot_note_for_a_rule_what_becomes_of_a_layer(note):
    plain = upgrade(functional(layer("Flatten", "f", [["i", 0, 0, {}]])), "2.2.4", "tensorflow").model
    assert upgrade(functional(layer("Flatten", "f", [["i", 0, 0, {}]], **note)), "2.2.4", "tensorflow").model == plain


def test_what_a_rule_makes_an_operation_is_one():
    sub = {"class_name": "TFOpLambda", "config": {"name": "o", "function": "math.subtract"}}
    found = upgrade(functional({**sub, "inbound_nodes": [["i", 0, 0, {"y": 1.0}]]}), "2.4.0", "tensorflow").model.layer("o")
    assert found.operation == Operation("subtract", {})
    assert found.calls[0].kwargs == {"x2": 1.0}
    assert not found.takes_weights


def test_an_argument_of_a_later_keras_is_left_out_where_it_is_switched_off_and_refused_where_it_is_on():
    def dense(**more):
        return functional({**layer("Dense", "d", [["i", 0, 0, {}]]), "config": {"name": "d", "units": 2, **more}})

    off = upgrade(dense(lora_rank=None), "3.15.0", "tensorflow").model
    later = replace(off, layers=(off.layers[0], replace(off.layers[1], settings={"units": 2, "of_keras_9": None, "quiet": False})))
    assert build_model(later).output_shape == (None, 2)
    on = replace(later, layers=(later.layers[0], replace(later.layers[1], settings={"units": 2, "of_keras_9": 4})))
    with pytest.raises(GraphError, match="of_keras_9"):
        build_model(on)
