"""Training settings in today's terms."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.dialects.records import Source
from layerfix.dialects.training import Training, training

KERAS = Source("2.2.4", "tensorflow")
TF = Source("2.4.0", "tensorflow")
LATE = {"jit_compile": False, "use_ema": False, "weight_decay": None, "ema_momentum": 0.99, "ema_overwrite_frequency": None}
"""What optimizers state since Keras 2.11."""


def settings(name: str = "Adam", loss: Any = "mse", metrics: Any = ("acc",), **config: Any) -> dict[str, Any]:
    return {"optimizer_config": {"class_name": name, "config": config}, "loss": loss, "metrics": list(metrics)}


def told(source: Source = TF, **stated: Any) -> Training:
    found = training(settings(**stated), source)
    assert isinstance(found, Training), found
    return found


def test_short_names_and_lr_are_today_s() -> None:
    found = told(KERAS, lr=0.01, decay=0.1)
    assert (found.loss, found.metrics, found.arguments["learning_rate"], found.decay) == ("mean_squared_error", ["accuracy"], 0.01, 0.1)


def test_multi_backend_clipnorm_is_over_all_gradients() -> None:
    assert told(KERAS, lr=0.01, clipnorm=1.0).arguments["global_clipnorm"] == 1.0
    assert told(TF, lr=0.01, clipnorm=1.0).arguments["clipnorm"] == 1.0


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (None, "the file has no training settings"),
        ({}, "the file has no training settings"),
        ({"loss": "mse"}, "the file names no optimizer"),
        (settings("AdaBound"), "optimizer AdaBound is not one of Keras' own"),
        (settings("Adafactor"), "optimizer Adafactor is not carried over"),
        (settings("Addons>AdamW", weight_decay=0.1), "optimizer AdamW is not one of Keras' own"),
        (settings("Addons>SGDW", weight_decay=0.1), "optimizer SGDW is not one of Keras' own"),
        (settings(loss="my_loss"), "loss 'my_loss' is the user's own, or has settings that are not known"),
        (settings(learning_rate={"class_name": "MyDecay", "config": {}}), "its learning rate schedule is not carried over"),
    ],
)
def test_what_cannot_be_carried_over_is_a_clause(stated: Any, why: str) -> None:
    assert training(stated, TF) == why


def test_unknown_metric_is_left_out_and_noted() -> None:
    found = told(KERAS, metrics=["acc", "f1"])
    assert found.metrics == ["accuracy"]
    assert found.notes == ("metric f1 is left out",)


@pytest.mark.parametrize(
    ("name", "config", "epsilon"),
    [
        ("RMSprop", {"epsilon": 1e-3}, 1e-6),
        ("RMSprop", {}, 1e-14),
        ("RMSprop", {"epsilon": 1e-3, "momentum": 0.9}, 1e-3),
        ("RMSprop", {"epsilon": 1e-3, **LATE}, 1e-3),
        ("Adagrad", {"epsilon": 1e-3}, 1e-6),
        ("Adam", {"epsilon": 1e-3}, 1e-3),
        ("Adadelta", {"epsilon": 1e-3}, 1e-3),
    ],
)
def test_epsilon_beside_a_root_is_its_square_under_it(name: str, config: dict[str, Any], epsilon: float) -> None:
    """tf.keras 2.4, optimizer_v2/rmsprop.py: sqrt(v) + epsilon without momentum, sqrt(v + epsilon) with it; adagrad.py the former."""
    assert told(name=name, **config).arguments["epsilon"] == pytest.approx(epsilon)


def test_what_later_optimizers_can_do_goes_along_where_it_is_on() -> None:
    assert not told(**LATE).arguments.keys() & {"weight_decay", "use_ema", "ema_momentum"}
    assert told(**{**LATE, "weight_decay": 0.1}).arguments["weight_decay"] == 0.1
    averaged = told(**{**LATE, "use_ema": True, "ema_momentum": 0.5}).arguments
    assert (averaged["use_ema"], averaged["ema_momentum"]) == (True, 0.5)
    assert "ema_overwrite_frequency" not in averaged
    assert told(**{**LATE, "gradient_accumulation_steps": 4}).arguments["gradient_accumulation_steps"] == 4


def test_the_schedule_of_nadam_is_noted_where_it_was_another() -> None:
    assert "momentum schedule differs" in told(KERAS, name="Nadam", lr=0.002).notes[0]
    assert told(name="Nadam", **LATE).notes == ()


def test_an_optimizer_by_its_name_alone_has_today_s_defaults() -> None:
    """Keras 2.12 and later: compile("rmsprop") leaves {"optimizer": "rmsprop"} in the compile_config."""
    found = training({"optimizer": "rmsprop", "loss": "mse", "metrics": None}, Source("3.3.0", "tensorflow"))
    assert isinstance(found, Training)
    assert (found.optimizer, dict(found.arguments)) == ("RMSprop", {"learning_rate": 0.001})


@pytest.mark.parametrize("class_name", ["LossScaleOptimizer", "LossScaleOptimizerV3", "Custom>LossScaleOptimizer"])
def test_the_optimizer_of_mixed_precision_is_the_inner_one(class_name: str) -> None:
    inner = {"class_name": "SGD", "config": {"learning_rate": 0.5, "momentum": 0.9}}
    found = told(name=class_name, inner_optimizer=inner)
    assert (found.optimizer, found.arguments) == ("SGD", {"momentum": 0.9, "learning_rate": 0.5})


def test_optimizers_of_keras_2_11_are_registered_and_still_keras_own() -> None:
    assert told(name="Custom>Adam", learning_rate=0.01, beta_1=0.8, **LATE).arguments == {"beta_1": 0.8, "learning_rate": 0.01}


def test_weights_of_losses_are_as_stored() -> None:
    found = training({**settings(loss={"a": "mse", "b": "mae"}), "loss_weights": {"a": 2.0}}, TF)
    assert isinstance(found, Training)
    assert (found.loss, found.loss_weights) == ({"a": "mean_squared_error", "b": "mean_absolute_error"}, {"a": 2.0})


def test_a_schedule_without_a_name_states_none_so_that_todays_keras_takes_it() -> None:
    stated = {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.0, "name": None}}
    rate = told(TF, learning_rate=stated).arguments["learning_rate"]
    assert rate == {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.0}}
