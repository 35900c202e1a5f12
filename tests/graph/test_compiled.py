"""A brought-over model goes on training as its file says, or it is told why not: files of legacy Keras and of Keras 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint
from layerfix.graph.compiled import Held, compile_as_saved
from layerfix.graph.compiling import objectives
from layerfix.model import Layer, Model

ARCHITECTURE = Model("Sequential", "m", (Layer("Dense", "a", {"units": 2}),))
ADAM = {"class_name": "Adam", "config": {"lr": 0.01, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.0, "epsilon": 1e-7, "amsgrad": False}}
SHAPES = [(3, 2), (2,)]


def model() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), layers.Dense(2, name="a")])


def legacy(training: dict[str, Any] | None) -> Checkpoint:
    return Checkpoint(Path("m.h5"), "keras-hdf5", "2.2.4", "tensorflow", {}, training, (), None)


def trained(**changes: Any) -> dict[str, Any]:
    return {
        "optimizer_config": ADAM,
        "loss": "mean_squared_error",
        "metrics": [],
        "sample_weight_mode": None,
        "loss_weights": None,
        **changes,
    }


def slots(start: float) -> list[tuple[str, Any]]:
    return [(f"training/Adam/Variable_{start + place}:0", np.full(shape, start + place, "float32")) for place, shape in enumerate(SHAPES)]


def held() -> Held:
    steps = ("Adam/iterations:0", np.asarray(7, "int64"))
    rest = [(f"training/Adam/Variable_{number}:0", np.zeros(1, "float32")) for number in (90, 91)]
    return Held({}, [steps, *slots(10), *slots(20), *rest])


def test_without_training_settings_nothing_is_compiled() -> None:
    made = model()
    (status, why), notes = compile_as_saved(legacy(None), made, ARCHITECTURE)
    assert (status, why, notes) == ("none", "the file has no training settings", ())
    assert not made.compiled


def test_settings_without_a_state_start_afresh_with_the_rate_of_the_file() -> None:
    made = model()
    (status, _), _ = compile_as_saved(legacy(trained()), made, ARCHITECTURE, Held({}, []))
    assert status == "fresh"
    assert float(made.optimizer.learning_rate) == pytest.approx(0.01)
    assert made.loss == "mean_squared_error"


def test_a_state_that_a_repair_hands_on_is_continued() -> None:
    made = model()
    (status, why), _ = compile_as_saved(legacy(trained()), made, ARCHITECTURE, held())
    assert (status, why.partition(";")[0]) == ("kept", "m, v")
    assert int(made.optimizer.iterations) == 7
    assert [float(np.ravel(one)[0]) for one in (*made.optimizer._momentums, *made.optimizer._velocities)] == [10, 11, 20, 21]


def test_a_state_of_other_weights_is_left_behind_and_that_is_said() -> None:
    wrong = Held({}, [(name, np.zeros(5, "float32")) if array.shape == (3, 2) else (name, array) for name, array in held().slots])
    (status, why), _ = compile_as_saved(legacy(trained()), model(), ARCHITECTURE, wrong)
    assert (status, why) == ("fresh", "the stored optimizer state does not fit the trainable weights")


def test_metrics_that_today_s_keras_does_not_take_are_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise ValueError("no such metric.\n\nArguments received by compile:\n  many")

    monkeypatch.setattr(keras.Model, "compile", refuses)
    outcome, _ = compile_as_saved(legacy(trained()), model(), ARCHITECTURE, Held({}, []))
    assert outcome == ("none", "today's Keras does not take the stored losses and metrics: ValueError: no such metric.")


def test_decay_is_a_schedule_today() -> None:
    decayed = {"class_name": "SGD", "config": {"lr": 0.1, "momentum": 0.0, "decay": 0.5, "nesterov": False}}
    made = model()
    compile_as_saved(legacy(trained(optimizer_config=decayed)), made, ARCHITECTURE, Held({}, []))
    made.optimizer.iterations.assign(2)
    assert float(made.optimizer.learning_rate) == pytest.approx(0.1 / (1 + 0.5 * 2))


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "SGD"])
def test_a_file_of_keras_3_goes_on_where_it_stopped(name: str, tmp_path: Path) -> None:
    wrote = model()
    wrote.compile(getattr(keras.optimizers, name)(0.05, **({"momentum": 0.9} if name == "SGD" else {})), "mse")
    wrote.fit(np.ones((4, 3)), np.ones((4, 2)), batch_size=2, verbose=0)
    wrote.save(tmp_path / "m.keras")
    made = model()
    (status, _), _ = compile_as_saved(read(tmp_path / "m.keras"), made, ARCHITECTURE)
    assert status == "kept"
    assert type(made.optimizer).__name__ == name
    pairs = zip(made.optimizer.variables, wrote.optimizer.variables, strict=True)
    assert all(np.allclose(one, other) for one, other in pairs)


@pytest.mark.parametrize("name", ["Nadam"])
def test_a_state_whose_order_changed_between_releases_is_not_carried_over(name: str, tmp_path: Path) -> None:
    wrote = model()
    wrote.compile(getattr(keras.optimizers, name)(), "mse")
    wrote.fit(np.ones((2, 3)), np.ones((2, 2)), verbose=0)
    wrote.save(tmp_path / "m.keras")
    (status, why), _ = compile_as_saved(read(tmp_path / "m.keras"), model(), ARCHITECTURE)
    assert (status, why) == ("fresh", "the stored optimizer state does not fit the trainable weights")


def test_losses_keep_their_structure_and_their_settings() -> None:
    huber = {"class_name": "Huber", "config": {"delta": 2.0}}
    found = objectives({"a": ["mse", huber], "b": None})
    assert (found["a"][0], found["b"]) == ("mse", None)
    assert float(found["a"][1](np.zeros((1, 1)), np.full((1, 1), 4.0))) == 6.0  # 2 ** 2 / 2 + 2 * (4 - 2)
