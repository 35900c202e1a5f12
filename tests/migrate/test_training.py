"""Training settings in today's terms, and optimizer state by role."""

import numpy as np
import pytest

from layerfix.dialects.records import Source
from layerfix.dialects.training import state, training

KERAS = Source("2.2.4", "tensorflow")
TF = Source("2.4.0", "tensorflow")


def settings(name="Adam", loss="mse", metrics=("acc",), **config):
    return {"optimizer_config": {"class_name": name, "config": config}, "loss": loss, "metrics": list(metrics)}


def test_short_names_and_lr_are_today_s():
    found = training(settings(lr=0.01, decay=0.1), KERAS)
    assert (found.loss, found.metrics, found.arguments["learning_rate"], found.decay) == ("mean_squared_error", ["accuracy"], 0.01, 0.1)


def test_multi_backend_clipnorm_is_over_all_gradients():
    assert training(settings(lr=0.01, clipnorm=1.0), KERAS).arguments["global_clipnorm"] == 1.0
    assert training(settings(lr=0.01, clipnorm=1.0), TF).arguments["clipnorm"] == 1.0


def test_user_s_own_loss_is_named():
    assert "my_loss" in training(settings(loss="my_loss"), KERAS)


def test_unknown_metric_is_left_out_and_noted():
    found = training(settings(metrics=["acc", "f1"]), KERAS)
    assert found.metrics == ["accuracy"]
    assert "f1" in found.notes[0]


def test_unknown_optimizer_is_named():
    assert "AdaBound" in training(settings("AdaBound"), KERAS)


def arrays(*shapes):
    return [np.full(shape, at, np.float32) for at, shape in enumerate(shapes)]


def test_unnamed_slots_are_sorted_by_place():
    m, n, v, w, p, q = arrays((2, 3), (3,), (2, 3), (3,), (1,), (1,))
    stored = [("Adam/iterations:0", np.array(7)), *[(f"training/Adam/Variable_{i}:0", array) for i, array in enumerate((m, n, v, w, p, q))]]
    found = state("Adam", stored)
    assert found.iterations == 7
    assert [array is expected for array, expected in zip(found.slots["v"], (v, w), strict=True)] == [True, True]
    assert set(found.slots) == {"m", "v"}


@pytest.mark.parametrize("form", ["Adam/dense/{0}/{1}:0", "Adam/{1}/dense/{0}:0"])
def test_named_slots_are_sorted_by_name(form):
    stored = [("Adam/iter:0", np.array(3))]
    stored += [(form.format(weight, role), np.zeros(2, np.float32)) for weight in ("kernel", "bias") for role in ("m", "v")]
    found = state("Adam", stored)
    assert {role: len(slots) for role, slots in found.slots.items()} == {"m": 2, "v": 2}


def test_unknown_layout_is_no_state():
    assert state("Adam", [("a", np.zeros((2, 2))), ("b", np.zeros(3))]) is None
