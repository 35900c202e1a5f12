"""BatchNormalization of Keras 1, release by release, against its own formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from architectures import built, sequential

from layerfix.dialects.relay import relaid
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.model import Layer, Relay

RNG = np.random.default_rng(11)
X = RNG.normal(3.0, 2.0, (4, 8, 3)).astype("float32")


def config(**more: Any) -> dict[str, Any]:
    return {"mode": 0, "axis": -1, "epsilon": 0.01, "momentum": 0.9, "gamma_regularizer": None, "beta_regularizer": None, **more}


def normalization(version: str | None, backend: str | None = "theano", **more: Any) -> Layer:
    words = ("Dense", {"output_dim": 2, "W_regularizer": None})
    return upgrade(sequential(("BatchNormalization", config(**more)), words), version, backend).model.layers[1]


@pytest.mark.parametrize(
    ("version", "backend", "deviation"),
    [
        ("1.0.4", "theano", True),
        ("1.0.5", "tensorflow", True),
        ("1.0.5", None, True),
        ("1.0.6", "theano", True),
        ("1.0.6", "tensorflow", False),
        ("1.0.7", "theano", False),
        ("1.0.8", None, False),
        ("1.2.2", "theano", False),
    ],
)
def test_a_deviation_was_stored_until_1_0_6_by_theano_and_until_1_0_5_by_both(version: str, backend: str | None, deviation: bool) -> None:
    relay = normalization(version, backend).relay
    assert (relay == Relay("keras1_deviation", 4, untrained=2, epsilon=0.01)) is deviation
    assert (relay is None) is not deviation


def test_a_stored_deviation_normalises_as_keras_1_0_5_did() -> None:
    gamma, beta, mean, deviation = (RNG.uniform(0.5, 2.0, 3).astype("float32") for _ in range(4))
    expected = gamma * (X - mean) / (deviation + 0.01) + beta  # keras 1.0.5, normalization.py, call, test mode
    record = normalization("1.0.5")
    model = built(sequential(("BatchNormalization", config()), ("Dense", {"output_dim": 2, "W_regularizer": None})), "1.0.5")
    layer = model.layers[0]
    layer.set_weights(relaid(record, [gamma, beta, mean, deviation], [(3,)] * 4))
    np.testing.assert_allclose(layer(X), expected, rtol=2e-6, atol=2e-6)


def test_a_deviation_of_nothing_stays_a_number_behind_epsilon() -> None:
    zero = np.zeros(1, "float32")
    layer = Layer("BatchNormalization", "b", {}, relay=Relay("keras1_deviation", 4, epsilon=1e-6))
    variance = relaid(layer, [zero] * 4, [(1,)] * 4)[3]
    assert np.sqrt(variance.astype("float64") + 1e-6)[0] == pytest.approx(1e-6, rel=0.02)  # a float32 near -1e-6 has steps of 1e-13


@pytest.mark.parametrize(
    ("version", "backend", "more", "told"),
    [
        (None, "theano", {}, "does not tell its release"),
        ("1.0.6", None, {}, "does not tell its backend"),
        ("1.0.5", "theano", {"mode": 1}, "mode 1 of Keras before 1.0.7"),
        ("1.0.5", "theano", {"mode": 2}, "mode 2 of Keras before 1.0.7"),
        ("1.2.2", "theano", {"mode": 3}, "mode 3 has no equal"),
    ],
)
def test_what_the_file_does_not_tell_is_asked_for(version: str | None, backend: str | None, more: dict[str, Any], told: str) -> None:
    with pytest.raises(GraphError, match=told) as refused:
        normalization(version, backend, **more)
    assert refused.value.where == "layer_0"


def test_the_hint_names_the_key_that_states_it() -> None:
    with pytest.raises(GraphError) as refused:
        normalization(None)
    assert '"keras_version"' in str(refused.value.hint)
    with pytest.raises(GraphError) as refused:
        normalization("1.0.6", None)
    assert '"backend"' in str(refused.value.hint)


def weighted(mode: int, arrays: list[Any], axis: int = -1) -> Any:
    """The migrated layer's outputs on X."""
    stated = sequential(("BatchNormalization", config(mode=mode, axis=axis)), ("Flatten", {}), shape=[8, 3])
    record = upgrade(stated, "1.2.2", "tensorflow").model.layers[1]
    layer = built(stated, "1.2.2").layers[0]
    layer.set_weights(relaid(record, arrays, [(arrays[0].size,)] * 2))
    return np.asarray(layer(X))


def test_mode_1_normalises_each_sample_by_its_own_numbers() -> None:
    gamma, beta = np.array([1.0, 2.0, 0.5], "float32"), np.array([0.0, 1.0, -1.0], "float32")
    unused = np.full(3, 7.0, "float32")
    mean, deviation = X.mean(-1, keepdims=True), np.sqrt(X.var(-1, keepdims=True) + 0.01)
    expected = gamma * (X - mean) / (deviation + 0.01) + beta  # keras 1.2.2, normalization.py, call, mode 1
    np.testing.assert_allclose(weighted(1, [gamma, beta, unused, unused]), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("axis", [-1, 1])
def test_mode_2_normalises_by_the_batch_even_when_predicting(axis: int) -> None:
    size = X.shape[axis]
    gamma, beta = RNG.uniform(0.5, 2.0, size).astype("float32"), RNG.normal(size=size).astype("float32")
    others = tuple(place for place in range(3) if place != axis % 3)
    mean, variance = X.mean(others, keepdims=True), X.var(others, keepdims=True)
    shape = [1, 1, 1]
    shape[axis] = size
    expected = gamma.reshape(shape) * (X - mean) / np.sqrt(variance + 0.01) + beta.reshape(shape)
    np.testing.assert_allclose(weighted(2, [gamma, beta, mean.ravel(), variance.ravel()], axis), expected, rtol=1e-5, atol=1e-5)
