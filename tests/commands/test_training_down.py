"""The way down of training: settings by the older names, state by role and in the older order, and what has no equal is named."""

from __future__ import annotations

import json

import h5py
import keras
import numpy as np
import pytest
from keras import Input, Sequential, layers, optimizers

from layerfix.commands.migrate import migrate
from layerfix.dialects.down.slots import slots
from layerfix.dialects.down.targets import target_of
from layerfix.dialects.down.training import say_training
from layerfix.dialects.records import Source
from layerfix.dialects.slots import State
from layerfix.dialects.slots import state as read_state
from layerfix.dialects.training import training
from layerfix.errors import GraphError

TRAINED = [("dense/kernel", (2, 3)), ("dense/bias", (3,))]


def trained(name="Adam", loss="mean_squared_error", metrics=("accuracy",), **settings):
    optimizer = {"class_name": name, "config": {"learning_rate": 0.01, "use_ema": False, **settings}}
    found = training({"optimizer": optimizer, "loss": loss, "metrics": list(metrics)}, Source("3.15.1", None))
    assert not isinstance(found, str)
    return found


def said(target, *args, **settings):
    return say_training(trained(*args, **settings), target_of(target), archive=False)


def state(*roles):
    return State(7, {role: tuple(np.full(shape, place + 1.0, np.float32) for _, shape in TRAINED) for place, role in enumerate(roles)})


def names(optimizer, held, target):
    return [name for name, _ in slots(optimizer, held, TRAINED, target_of(target))]


def test_the_learning_rate_has_the_name_of_the_release():
    assert said("keras2.2.4").config["optimizer_config"]["config"]["lr"] == 0.01
    assert said("keras2.3.1").config["optimizer_config"]["config"]["learning_rate"] == 0.01
    assert said("tf2.10").config["optimizer_config"]["config"]["learning_rate"] == 0.01


def test_nadam_of_keras2_takes_no_decay():
    assert "decay" not in said("keras2.2.4", "Nadam").config["optimizer_config"]["config"]
    assert said("keras2.2.4", "Adam").config["optimizer_config"]["config"]["decay"] == 0.0


def test_adam_of_keras2_ends_with_placeholders():
    found = slots("Adam", state("m", "v"), TRAINED, target_of("keras2.2.4"))
    assert [array.shape for _, array in found] == [(), (2, 3), (3,), (2, 3), (3,), (1,), (1,)]
    assert found[0][1] == 7


def test_rmsprop_of_keras2_2_keeps_no_steps_and_that_of_2_3_does():
    assert len(names("RMSprop", state("rms"), "keras2.2.4")) == 2
    assert len(names("RMSprop", state("rms"), "keras2.3.1")) == 3


def test_tf_keras_before_2_11_goes_role_by_role_and_later_weight_by_weight():
    by_role = ["Adam/iter:0", "Adam/dense/kernel/m:0", "Adam/dense/bias/m:0", "Adam/dense/kernel/v:0", "Adam/dense/bias/v:0"]
    by_weight = ["iteration:0", "Adam/m/dense/kernel:0", "Adam/v/dense/kernel:0", "Adam/m/dense/bias:0", "Adam/v/dense/bias:0"]
    assert names("Adam", state("m", "v"), "tf2.10") == by_role
    assert names("Adam", state("m", "v"), "tf2.15") == by_weight


def test_rmsprop_of_tf_2_15_is_read_back_by_role():
    held = state("rms", "momentum", "mg")
    again = read_state("RMSprop", slots("RMSprop", held, TRAINED, target_of("tf2.15")))
    assert again.iterations == 7
    found = {role: [array.max() for array in arrays] for role, arrays in again.slots.items()}
    assert found == {"rms": [1, 1], "momentum": [2, 2], "mg": [3, 3]}


def test_the_optimizer_of_an_h5_of_keras_2_13_is_the_new_one_by_its_registered_name():
    assert said("tf2.15").config["optimizer_config"]["class_name"] == "Custom>Adam"
    assert said("tf2.10").config["optimizer_config"]["class_name"] == "Adam"
    with pytest.raises(GraphError, match="not tried"):
        said("tf2.12")


def test_sgd_without_momentum_has_zeros_where_the_release_keeps_them():
    assert [len(names("SGD", State(1, {}), target)) for target in ("keras2.2.4", "tf2.4", "tf2.15")] == [3, 1, 3]


@pytest.mark.parametrize(
    ("target", "name", "settings", "told"),
    [
        ("tf2.10", "Adam", {"weight_decay": 0.1}, "no weight_decay of Adam"),
        ("tf2.10", "AdamW", {}, "no optimizer AdamW"),
        ("keras2.2.4", "Ftrl", {}, "no optimizer Ftrl"),
        ("keras2.2.4", "RMSprop", {"momentum": 0.5}, "no momentum of RMSprop"),
        ("keras2.2.4", "Adam", {"clipnorm": 1.0}, "no clipnorm of Adam"),
        ("tf2.15", "Adam", {"gradient_accumulation_steps": 4}, "no gradient_accumulation_steps"),
    ],
)
def test_a_setting_without_an_equal_is_named(target, name, settings, told):
    with pytest.raises(GraphError, match=told):
        said(target, name, **settings)


def test_a_loss_keeps_its_settings_or_is_named():
    loss = {"class_name": "BinaryCrossentropy", "config": {"from_logits": True, "label_smoothing": 0.0, "axis": -1}}
    assert said("tf2.4", loss=loss).config["loss"] == {"class_name": "BinaryCrossentropy", "config": {"from_logits": True}}
    with pytest.raises(GraphError, match="no BinaryCrossentropy with from_logits=True"):
        said("keras2.2.4", loss=loss)


def test_losses_have_their_older_names():
    assert said("keras2.2.4", loss="kl_divergence").config["loss"] == "kullback_leibler_divergence"
    with pytest.raises(GraphError, match="no huber"):
        said("keras2.2.4", loss="huber")


def test_a_schedule_is_a_decay_or_is_named():
    def schedule(name, **config):
        return {"class_name": name, "config": config}

    inverse = schedule("InverseTimeDecay", initial_learning_rate=0.1, decay_steps=4, decay_rate=0.2, staircase=False)
    config = said("keras2.2.4", "SGD", learning_rate=inverse).config["optimizer_config"]["config"]
    assert (config["lr"], config["decay"]) == (0.1, pytest.approx(0.05))
    falling = schedule("ExponentialDecay", initial_learning_rate=0.1, decay_steps=4, decay_rate=0.2, staircase=False)
    assert said("tf2.4", "SGD", learning_rate=falling).config["optimizer_config"]["config"]["learning_rate"] == falling
    with pytest.raises(GraphError, match="no learning rate schedule ExponentialDecay"):
        said("keras2.2.4", "SGD", learning_rate=falling)


def test_epsilon_behind_the_root_is_noted():
    assert said("tf2.10", "RMSprop", epsilon=1e-8).config["optimizer_config"]["config"]["epsilon"] == pytest.approx(1e-4)
    assert "behind the root" in said("tf2.10", "RMSprop").notes[0]
    assert said("tf2.15", "RMSprop").notes == ()


@pytest.mark.parametrize(("target", "noted"), [("keras2.2.4", True), ("keras2.3.1", False), ("tf2.10", False)])
def test_hinge_of_keras_2_2_takes_other_labels(target, noted):
    notes = said(target, loss={"a": "hinge", "b": "mean_squared_error"}).notes
    assert [note for note in notes if note.startswith("hinge takes the labels 1 and -1 alone")] == list(notes) * noted


@pytest.mark.parametrize(("target", "told"), [("keras2.2.4", "zero_debias"), ("keras2.3.1", "n / (n - 1)"), ("tf2.10", "n / (n - 1)")])
def test_statistics_that_move_otherwise_in_the_next_step_are_noted(tmp_path, target, told):
    model = Sequential([Input((4, 4, 1)), layers.BatchNormalization(), layers.Flatten(), layers.Dense(2)])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((2, 4, 4, 1), np.float32), np.zeros((2, 2), np.float32))
    model.save(tmp_path / "new.keras")
    result = migrate(tmp_path / "new.keras", tmp_path / "old.h5", older=target)
    assert result.optimizer[0] == "kept"
    assert len([note for note in result.notes if "BatchNormalization" in note and told in note]) == 1


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("trained") / "new.keras"
    keras.utils.set_random_seed(3)
    model = Sequential([Input((4,)), layers.Dense(3, "tanh", name="first"), layers.Dense(2, name="last")])
    model.compile(optimizers.Adam(0.01), "mse", metrics=["mae"])
    model.train_on_batch(np.ones((4, 4), np.float32), np.zeros((4, 2), np.float32))
    model.save(path)
    return path, model


@pytest.mark.parametrize("target", ["keras2.2.4", "tf2.10", "tf2.15"])
def test_the_state_is_written_and_read_back(source, tmp_path, target):
    path, model = source
    result = migrate(path, tmp_path / "old.h5", older=target)
    assert result.optimizer == ("kept", "m, v")
    cautions = [note for note in result.notes if "orders no updates" in note]
    assert len(cautions) == (target == "keras2.2.4")
    with h5py.File(tmp_path / "old.h5") as file:
        stated = json.loads(file.attrs["training_config"])
        group = file["optimizer_weights"]
        held = [np.asarray(group[name]) for name in group.attrs["weight_names"]]
    assert stated["loss"] == "mean_squared_error"
    first = [np.asarray(slots[0]) for slots in (model.optimizer._momentums, model.optimizer._velocities)]
    assert all(any(np.array_equal(one, array) for array in held) for one in first)


def test_weights_alone_take_no_training_along(source, tmp_path):
    result = migrate(source[0], tmp_path / "old.weights.h5", older="tf2.10")
    assert result.optimizer == ("none", "weights alone are written")
    with h5py.File(tmp_path / "old.weights.h5") as file:
        assert list(file.attrs["layer_names"]) == [b"first", b"last"]


def test_an_archive_of_tensorflow_2_15_numbers_layers_by_class(source, tmp_path):
    migrate(source[0], tmp_path / "old.keras", older="tf2.15")
    again = migrate(tmp_path / "old.keras", tmp_path / "new.keras")
    assert again.keras_version == "2.15.0"
    assert again.optimizer[0] == "kept"


def test_weights_that_become_others_end_the_state(tmp_path):
    model = Sequential([Input((4,)), layers.Dense(3, "hard_sigmoid", name="gate")])
    model.compile(optimizers.Adam(0.01), "mse")
    model.train_on_batch(np.ones((4, 4), np.float32), np.zeros((4, 3), np.float32))
    model.save(tmp_path / "new.keras")
    status, why = migrate(tmp_path / "new.keras", tmp_path / "old.h5", older="tf2.10").optimizer
    assert status == "fresh"
    assert "gate" in why
