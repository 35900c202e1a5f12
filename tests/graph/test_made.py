"""The model that the user's own code makes: defaults of the release that wrote the weights, and what is said where that is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.errors import LayersError, UsageError
from layerfix.graph.made import automatic_stems, built, legacy_defaults, made_model, split_spec, uncertain_defaults


def gates(layer: Any, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What a layer's recurrent activation makes of numbers."""
    return np.asarray(keras.activations.get(layer.recurrent_activation)(x))


X = np.array([-4.0, -1.0, 0.0, 1.0, 2.6], np.float32)
SIGMOID = 1 / (1 + np.exp(-X.astype(float)))
OLD_HARD_SIGMOID = np.clip(0.2 * X + 0.5, 0, 1)


@pytest.mark.parametrize(
    ("version", "layer", "expected"),
    [
        ("2.2.4", "LSTM", OLD_HARD_SIGMOID),
        ("2.2.4", "GRUCell", OLD_HARD_SIGMOID),
        ("2.1.6-tf", "LSTMCell", OLD_HARD_SIGMOID),
        ("2.3.1", "LSTM", SIGMOID),
        ("2.4.0", "GRU", SIGMOID),
        (None, "LSTM", SIGMOID),
        ("3.0.5", "LSTM", SIGMOID),
    ],
)
def test_a_recurrent_layer_has_the_gates_of_its_release(version: str | None, layer: str, expected: np.ndarray[Any, Any]) -> None:
    with legacy_defaults(version):
        made = getattr(keras.layers, layer)(3)
    np.testing.assert_allclose(gates(made, X), expected, atol=1e-6)


@pytest.mark.parametrize(("version", "reset_after"), [("2.2.4", False), ("2.3.1", False), ("2.3.0-tf", True), ("3.1.0", True)])
def test_a_gru_resets_where_its_release_did(version: str, reset_after: bool) -> None:
    with legacy_defaults(version):
        assert keras.layers.GRU(3).reset_after is reset_after


@pytest.mark.parametrize("name", ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"])
def test_convolutional_gates_were_hard_before_keras_3(name: str) -> None:
    with legacy_defaults("2.15.0"):
        made = getattr(keras.layers, name)(2, 3)
    np.testing.assert_allclose(gates(made, X), OLD_HARD_SIGMOID, atol=1e-6)


def test_what_the_code_states_wins_and_today_s_defaults_come_back() -> None:
    with legacy_defaults("2.2.4"):
        stated = keras.layers.GRU(3, recurrent_activation="tanh", reset_after=True)
    np.testing.assert_allclose(gates(stated, X), np.tanh(X), atol=1e-6)
    assert stated.reset_after is True
    np.testing.assert_allclose(gates(keras.layers.GRU(3), X), SIGMOID, atol=1e-6)


def test_defaults_come_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), legacy_defaults("2.2.4"):
        raise ZeroDivisionError
    assert keras.layers.GRU(3).reset_after is True


def model(*layers: Any) -> keras.Model:
    return keras.Sequential([keras.Input((4, 2)), *layers])


@pytest.mark.parametrize(
    ("version", "kind", "layer", "told"),
    [
        ("2.2.4-tf", "keras", keras.layers.LSTM(2), "LSTM, LSTMCell had other defaults in older releases"),
        (None, "npz", keras.layers.GRU(2), "GRU, GRUCell had other defaults"),
        ("2.4.0", "keras", keras.layers.LSTM(2), ""),
        ("2.4.0", "keras", keras.layers.LSTM(2, recurrent_activation="hard_sigmoid"), "hard_sigmoid is another function in Keras 3"),
        ("2.4.0", "keras", keras.layers.Dense(2, activation="hard_sigmoid"), "hard_sigmoid is another function in Keras 3"),
        ("3.0.5", "keras", keras.layers.Dense(2, activation="hard_sigmoid"), ""),
        ("2.2.4-tf", "keras", keras.layers.Dense(2), ""),
    ],
)
def test_what_depends_on_an_open_release_is_told(version: str | None, kind: str, layer: Any, told: str) -> None:
    found = uncertain_defaults(model(layer), version, kind)
    assert (told in found) if told else found == ""


def test_stems_of_automatic_names() -> None:
    stems = automatic_stems()
    assert {"dense", "conv2d", "lstm_cell", "functional", "attention_output"} <= stems
    assert "encoder" not in stems


def test_a_function_is_named_behind_its_file() -> None:
    assert split_spec("a/build.py:make_model") == (Path("a/build.py"), "make_model")


@pytest.mark.parametrize("spec", ["build.py", "build.py:", "build.py:make-model", "build.py:make()"])
def test_a_file_without_a_function_is_refused_with_an_example(spec: str) -> None:
    with pytest.raises(UsageError, match="names no function or class") as refused:
        split_spec(spec)
    assert "--model build.py:make_model" in str(refused.value.hint)


SOURCE = """
import keras
def small(): return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="last")])
def takes(units, size=3): return None
def broken(): return 1 / 0
def other(): return {"no": "model"}
"""


def source(tmp_path: Path) -> str:
    (tmp_path / "build.py").write_text(SOURCE)
    return str(tmp_path / "build.py")


def test_the_user_s_function_makes_the_model(tmp_path: Path) -> None:
    made, found = made_model(f"{source(tmp_path)}:small", [], "2.2.4")
    assert [layer.name for layer in made.layers] == ["last"]
    assert {"small", "takes", "broken", "other"} <= found.keys()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("absent", "defines no function or class 'absent'"),
        ("takes", "takes cannot be called without units"),
        ("broken", r"broken\(\) fails: ZeroDivisionError: division by zero"),
        ("other", r"other\(\) gives a dict, which is no Keras model"),
    ],
)
def test_a_function_that_gives_no_model_is_told_from_one_that_does(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(LayersError, match=told):
        made_model(f"{source(tmp_path)}:{name}", [], "2.4.0")


class Twice(keras.Model):
    """A model that says nothing of its input."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = [keras.layers.Dense(5, name="a"), keras.layers.Dense(2, name="b")]

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return x


def test_a_model_is_built_by_the_shape_of_its_first_stored_weight() -> None:
    made = Twice()
    assert built(made, None, (), [(7, 5), (5,), (5, 2), (2,)]) == [((None, 7), "float32")]
    assert [tuple(weight.shape) for weight in made.weights] == [(7, 5), (5,), (5, 2), (2,)]


def test_what_the_user_states_of_the_input_comes_first() -> None:
    assert built(Twice(), None, [(6,)], [(7, 5)]) == [((None, 6), "float32")]
    assert built(Twice(), [np.zeros((9, 4), np.float32)], (), [(7, 5)]) == [((None, 4), "float32")]


def test_a_model_that_nothing_builds_is_told_so_with_the_options_that_help() -> None:
    with pytest.raises(LayersError, match="could not be built: nothing tells the shape") as refused:
        built(Twice(), None, (), [])
    assert "--input-shape" in str(refused.value.hint)
