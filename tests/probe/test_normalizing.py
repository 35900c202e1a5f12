"""How a BatchNormalization normalises while evidence of one kind is weighed, and what its stored statistics say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from small import KEY, X, checkpoint, model, rebuilt, spec

from layerfix.containers.records import LayerEntry, OptimizerEntry, WeightEntry
from layerfix.probe import phases
from layerfix.probe.phases import by_batch, from_before, has_statistics, instead, learnt_statistics, normalising


def normalization(axis: int = -1, **settings: Any) -> Any:
    layer = layers.BatchNormalization(axis=axis, epsilon=1e-3, momentum=0.9, **settings)
    layer.build((None, 4, 3))
    for variable in layer.weights:
        variable.assign(np.random.default_rng(len(variable.name)).uniform(0.5, 2, variable.shape))
    return layer


def by_hand(layer: Any, value: np.ndarray[Any, Any], axes: tuple[int, ...]) -> np.ndarray[Any, Any]:
    mean, variance = value.mean(axes, keepdims=True), value.var(axes, keepdims=True)
    shape = [1 if axis in axes else -1 for axis in range(value.ndim)]
    gamma = np.asarray(layer.gamma).reshape(shape) if layer.scale else 1.0
    beta = np.asarray(layer.beta).reshape(shape) if layer.center else 0.0
    return np.asarray((value - mean) / np.sqrt(variance + layer.epsilon) * gamma + beta)


@pytest.mark.parametrize(
    ("axis", "others", "settings"),
    [(-1, (0, 1), {}), (1, (0, 2), {}), (-1, (0, 1), {"scale": False}), (2, (0, 1), {"center": False, "scale": False})],
)
def test_by_the_batch_means_by_its_own_mean_and_variance_in_each_channel(axis: int, others: Any, settings: dict[str, Any]) -> None:
    layer, value = normalization(axis, **settings), np.random.default_rng(1).normal(2, 3, (6, 4, 3)).astype(np.float32)
    stored = np.asarray(layer(value, training=False))
    with normalising([layer]):
        found = np.asarray(layer(value, training=False))
    np.testing.assert_allclose(found, by_hand(layer, value, others), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.asarray(layer(value, training=False)), stored), "as before, once it is over"


def test_groups_of_a_batch_go_by_themselves() -> None:
    layer, value = normalization(), np.random.default_rng(1).normal(2, 3, (6, 4, 3)).astype(np.float32)
    with normalising([layer], groups=2):
        found = np.asarray(layer(value, training=False))
    halves = [by_hand(layer, value[:3], (0, 1)), by_hand(layer, value[3:], (0, 1))]
    np.testing.assert_allclose(found, np.concatenate(halves), rtol=1e-4, atol=1e-5)


def test_what_stands_in_for_a_call_leaves_with_its_error() -> None:
    layer = layers.Dense(2)
    expected = np.asarray(layer(X))
    with pytest.raises(ZeroDivisionError), instead(layer, lambda *_, **__: 1 / 0):
        layer(X)
    np.testing.assert_array_equal(np.asarray(layer(X)), expected)


def test_only_a_built_batch_normalization_has_statistics() -> None:
    assert [has_statistics(layer) for layer in model().layers] == [False, True, False, True, False]
    assert not has_statistics(layers.BatchNormalization())


def test_statistics_come_from_training_predictions_from_use_and_a_lost_normalization_was_never_updated() -> None:
    made = model()
    graph = rebuilt(made)
    before, behind = made.get_layer("before"), made.get_layer("behind")
    assert by_batch(graph, "statistics") == [before, behind]
    assert by_batch(graph, "synthetic") == [before, behind]
    assert by_batch(graph, "labels") == []
    graph.variables[KEY] = behind.moving_mean
    assert by_batch(graph, "labels") == [behind]
    assert by_batch(graph, "predictions") == []


def optimizer(*shapes: tuple[int, ...]) -> OptimizerEntry:
    return OptimizerEntry("Adam", {}, tuple(WeightEntry("optimizer_weights", f"w{n}", shape, "float32") for n, shape in enumerate(shapes)))


@pytest.mark.parametrize(("slots", "stale"), [((), False), (((), (3, 2), (2,)), False), (((), (2,), (2,)), True), (((), (3, 2)), True)])
def test_an_optimizer_that_remembers_fewer_weights_than_are_trained_tells_of_a_frozen_part(slots: Any, stale: bool) -> None:
    entries = (WeightEntry("a", "k", (3, 2), "float32"), WeightEntry("a", "b", (2,), "float32"))
    held = checkpoint()
    held = type(held)(
        held.path, held.format, "2.2.4", "tensorflow", {}, None, (LayerEntry("a", entries),), optimizer(*slots) if slots else None
    )
    weights = (
        spec(("a", "k"), (3, 2), hidden=False),
        spec(("a", "b"), (2,), hidden=False),
        spec(("a", "s"), (2,), hidden=False, trainable=False),
    )
    graph = SimpleNamespace(checkpoint=held, blueprint=SimpleNamespace(weights=weights))
    assert from_before(graph, []) is stale  # type: ignore[arg-type]


def test_a_frozen_normalization_was_not_updated_in_the_last_session() -> None:
    made = model()
    graph = rebuilt(made)
    assert not from_before(graph, [made.get_layer("behind")])
    made.get_layer("behind").trainable = False
    assert from_before(graph, [made.get_layer("behind")])


@pytest.mark.parametrize(
    ("version", "steps", "freed"), [("2.1.2", 10, True), ("2.1.3", 10, False), ("2.1.2", 0, False), ("2.1.2-tf", 10, False)]
)
def test_old_moving_averages_are_freed_of_their_start(monkeypatch: pytest.MonkeyPatch, version: str, steps: int, freed: bool) -> None:
    """Keras before 2.1.3 averaged from 0 and 1 on, and kept a share of momentum ** steps of them."""
    layer, share = normalization(), 0.9**10
    true_mean, true_variance = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    layer.moving_mean.assign((1 - share) * true_mean)
    layer.moving_variance.assign((1 - share) * true_variance + share)
    monkeypatch.setattr(phases, "_steps", lambda checkpoint: steps)
    mean, variance = learnt_statistics(checkpoint(version), layer)
    expected = (true_mean, true_variance) if freed else (np.asarray(layer.moving_mean), np.asarray(layer.moving_variance))
    np.testing.assert_allclose(mean, expected[0], rtol=1e-5)
    np.testing.assert_allclose(variance, expected[1], rtol=1e-5)


def test_a_variance_that_is_less_than_its_start_s_share_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = normalization()
    layer.moving_variance.assign([0.1, 5.0, 5.0])
    monkeypatch.setattr(phases, "_steps", lambda checkpoint: 10)
    np.testing.assert_array_equal(learnt_statistics(checkpoint("2.0.9"), layer)[1], np.asarray(layer.moving_variance))


def test_a_model_is_no_layer_with_statistics() -> None:
    assert not has_statistics(keras.Sequential([layers.BatchNormalization()]))
