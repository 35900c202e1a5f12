"""What stands in a model's way is told in one answer: each thing once, with what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint
from layerfix.dialects.obstacles import names_defined, obstacles, refuse_obstacles, without_architecture
from layerfix.errors import GraphError
from layerfix.model import Expression

FILE = Path(__file__).parents[1] / "migrate" / "files" / "k224-thresholdedrelu.h5"


def layer(class_name: str, name: str, **more: Any) -> dict[str, Any]:
    config_lost = {"config_lost": True} if more.pop("config_lost", False) else {}
    return {"class_name": class_name, "name": name, "config": {"name": name, **more}, **config_lost}


def checkpoint(*layers: dict[str, Any], version: str = "2.4.0") -> Checkpoint:
    start = layer("InputLayer", "i", batch_input_shape=[None, 3], dtype="float32")
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [start, *layers]}}
    return replace(read(FILE), config=config, keras_version=version)


def told(*layers: dict[str, Any], given: tuple[str, ...] = ()) -> list[tuple[str | None, str]]:
    return [(error.where, error.message) for error in obstacles(checkpoint(*layers), given)]


def test_a_model_of_stock_layers_has_nothing_in_its_way() -> None:
    assert told(layer("Dense", "d", units=2), layer("ReLU", "r")) == []


def test_a_class_is_asked_for_once_however_many_layers_it_has() -> None:
    found = told(layer("Gate", "a"), layer("Other", "o"), layer("Gate", "b"), layer("Gate", "c"))
    assert found == [
        ("a", "class Gate is not one of Keras' own layers (2 more layers are of it)."),
        ("o", "class Other is not one of Keras' own layers."),
    ]


def test_what_is_given_is_no_obstacle() -> None:
    assert told(layer("Gate", "a"), layer("Lambda", "l", function="halve", function_type="function"), given=("Gate", "halve")) == []


def drawing(*calls: list[Any]) -> dict[str, Any]:
    made = layer("Lambda", "l", function=["", None, None], function_type="lambda")
    return {**made, "expression": Expression([["input", None], *calls, len(calls)], 2)}


def test_a_function_that_draws_at_random_is_told_before_anything_is_built() -> None:
    drawn = drawing(["call", "tf.random.normal", [0], []], ["call", "operator.add", [0, 1], []])
    assert told(drawn) == [("l", "tf.random.normal draws at random, which no operation in a file of today's Keras does.")]
    assert told(drawn, given=("l",)) == []


def test_a_draw_that_a_branch_may_leave_out_is_no_obstacle_yet() -> None:
    assert told(drawing(["call", "tf.random.normal", [0], []], ["choice", 0, 1, 0])) == []


def test_a_library_s_class_says_where_it_comes_from() -> None:
    assert "keras_contrib or tensorflow_addons" in told(layer("CRF", "crf", units=3))[0][1]


def test_a_setting_without_an_equal_is_told_beside_the_classes() -> None:
    found = told(layer("LSTM", "l", units=2, time_major=True), layer("Gate", "a"))
    assert [where for where, _ in found] == ["l", "a"]
    assert "time_major=True" in found[0][1]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"function": "halve", "function_type": "function"}, "the file holds the name of its function alone, and no code."),
        (
            {"function": ["AAAA", None, None], "function_type": "lambda"},
            "a Lambda layer's code in a file is never run (SHA-256 709e80c88487).",
        ),
    ],
)
def test_a_lambda_asks_for_its_function(config: dict[str, Any], sentence: str) -> None:
    (found,) = obstacles(checkpoint(layer("Lambda", "lambda", **config)), ())
    assert (found.where, found.message) == ("lambda", sentence)
    assert "Give a function named lambda_" in str(found.hint)


QUANTISED = {"module": "keras.dtype_policies", "class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}}


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"dtype": QUANTISED}, "its weights are quantised (int8), which layerfix does not read."),
     ({"lora_rank": 2}, "its weights are adapted by LoRA (rank 2), which layerfix does not read.")],
)  # fmt: skip
def test_weights_that_keras_3_quantised_or_adapted_are_told_by_what_they_are(settings: dict[str, Any], message: str) -> None:
    """In a wrapper too. They were called weights that do not fit, and the user sent to look for a class."""
    dense = layer("Dense", "d", units=2, **settings)
    for entry in (dense, layer("TimeDistributed", "t", layer=dense)):
        (found,) = obstacles(checkpoint(entry, version="3.9.2"), ())
        assert found.message == message
        assert "keras.models.load_model" in (found.hint or "")


def test_several_things_that_no_source_helps_with_share_their_advice() -> None:
    both = checkpoint(*(layer("Dense", name, units=2, lora_rank=2) for name in "de"), version="3.9.2")
    with pytest.raises(GraphError, match="2 things stand in the way") as refused:
        refuse_obstacles(both, [])
    assert refused.value.hint == "Keras 3 itself loads the file as it is: keras.models.load_model(FILE)."


def test_a_layer_inside_a_wrapper_is_told_by_its_path() -> None:
    inner = {"class_name": "Gate", "config": {"name": "g"}}
    assert told(layer("TimeDistributed", "steps", layer=inner))[0][0] == "steps/g"


@pytest.mark.parametrize(
    ("vocabulary", "where"), [(None, "neither in the config nor beside it"), ("words.txt", "in the file 'words.txt', which is not read")]
)
def test_a_lookup_without_its_words_is_refused(vocabulary: str | None, where: str) -> None:
    (found,) = obstacles(checkpoint(layer("StringLookup", "s", vocabulary=vocabulary)), ())
    assert where in found.message


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("class A: pass\ndef f(): pass\nB = C = 1", {"A", "f", "B", "C"}),
        ("import keras.layers as kl, os.path\nfrom x import y as z, w", {"kl", "os", "z", "w"}),
        ("def outer():\n  class Inner: pass", {"outer", "Inner"}),
        ("D: int = 1\nREGISTRY['Gate'] = make()", {"D", "Gate"}),
        ("from x import *", None),
        ("def broken(:", None),
        ("x = '\0'", None),
    ],
)
def test_names_of_a_source_are_told_from_its_text(tmp_path: Path, source: str, names: set[str] | None) -> None:
    path = tmp_path / "layers.py"
    path.write_text(source)
    assert names_defined([path]) == names


def test_a_source_that_is_not_there_tells_nothing(tmp_path: Path) -> None:
    assert names_defined([tmp_path / "none.py"]) is None
    assert names_defined([]) == set()


def test_one_obstacle_keeps_its_words_and_several_are_counted(tmp_path: Path) -> None:
    source = tmp_path / "layers.py"
    source.write_text("class Other: pass")
    with pytest.raises(GraphError) as one:
        refuse_obstacles(checkpoint(layer("Gate", "a")), [source])
    assert (one.value.where, one.value.message) == ("a", "class Gate is not one of Keras' own layers.")
    assert str(one.value.hint).startswith(f"{source} was looked through.")
    with pytest.raises(GraphError, match=r"2 things stand in the way: a: class Gate .* own layers; b: class Mine") as both:
        refuse_obstacles(checkpoint(layer("Gate", "a"), layer("Mine", "b")), [])
    assert both.value.where == str(FILE)


def test_an_obstacle_without_advice_says_no_none() -> None:
    function = layer("TFOpLambda", "tf.image.transpose", function="image.transpose")
    with pytest.raises(GraphError) as refused:
        refuse_obstacles(checkpoint(function), [])
    assert refused.value.hint is None
    assert str(refused.value).endswith("known here.")


def test_a_source_whose_names_are_open_refuses_nothing_before_it_ran(tmp_path: Path) -> None:
    source = tmp_path / "layers.py"
    with pytest.raises(GraphError, match="Gate"):
        refuse_obstacles(checkpoint(layer("Gate", "a")), [])
    source.write_text("from somewhere import *")
    refuse_obstacles(checkpoint(layer("Gate", "a")), [source])  # it may well define Gate


@pytest.mark.parametrize(
    ("stated", "missing"),
    [
        ({}, "filters, rate"),
        ({"g": {"filters": 2}}, "rate"),
        ({"*": {"filters": 2}, "Gate": {"rate": 0.1}}, None),
    ],
)
def test_arguments_that_a_class_could_not_tell_are_asked_for(tmp_path: Path, stated: dict[str, Any], missing: str | None) -> None:
    source = tmp_path / "layers.py"
    source.write_text("class Gate(Layer):\n    def __init__(self, filters, rate, **kwargs): pass")
    lost = checkpoint(layer("Gate", "g", config_lost=True))
    if missing is None:
        refuse_obstacles(lost, [source], arguments=stated)
        return
    with pytest.raises(GraphError, match=f"could not tell its config, so that {missing} is in no file") as refused:
        refuse_obstacles(lost, [source], arguments=stated)
    assert f"--set Gate.{missing.split(', ')[0]}=VALUE" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("own", "message"), [(None, "holds weights without an architecture."), ("Net", "how its class Net calls its layers is code")]
)
def test_a_file_that_tells_no_layers_says_what_it_is(own: str | None, message: str) -> None:
    refused = without_architecture(replace(checkpoint(), own_class=own))
    assert message in refused.message
    assert refused.where == str(FILE)
