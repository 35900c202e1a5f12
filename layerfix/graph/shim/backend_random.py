"""`keras.backend`: random tensors. Each draw without a seed took one number from numpy (keras 2.2.4, backend/tensorflow_backend.py)."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from layerfix.graph.shim import initial
from layerfix.graph.shim.backend import t, variable
from layerfix.graph.tensors import Dtype, Held, Shape, Tensor
from layerfix.graph.trace import recorder


def _random(config: dict[str, Any], value: tf.Tensor) -> tf.Tensor:
    return initial.tag(value, config)


def random_uniform(shape: Shape, minval: float = 0.0, maxval: float = 1.0, dtype: Dtype = None, seed: int | None = None) -> tf.Tensor:
    config = {"class_name": "RandomUniform", "config": {"minval": minval, "maxval": maxval, "seed": seed}}
    return _random(config, tf.random.uniform(shape, minval, maxval, dtype or "float32"))


def random_normal(shape: Shape, mean: float = 0.0, stddev: float = 1.0, dtype: Dtype = None, seed: int | None = None) -> tf.Tensor:
    config = {"class_name": "RandomNormal", "config": {"mean": mean, "stddev": stddev, "seed": seed}}
    return _random(config, tf.random.normal(shape, mean, stddev, dtype or "float32"))


def truncated_normal(shape: Shape, mean: float = 0.0, stddev: float = 1.0, dtype: Dtype = None, seed: int | None = None) -> tf.Tensor:
    config = {"class_name": "TruncatedNormal", "config": {"mean": mean, "stddev": stddev, "seed": seed}}
    return _random(config, tf.random.truncated_normal(shape, mean, stddev, dtype or "float32"))


def random_binomial(shape: Shape, p: float = 0.0, dtype: Dtype = None, seed: int | None = None) -> tf.Tensor:
    drawn = random_uniform(shape, seed=seed)
    return tf.cast(drawn <= p, dtype or "float32")


def random_uniform_variable(
    shape: Shape, low: float, high: float, dtype: Dtype = None, name: str | None = None, seed: int | None = None
) -> Tensor:
    config = {"class_name": "RandomUniform", "config": {"minval": low, "maxval": high, "seed": seed}, "drawn": "wide"}
    return variable(_random(config, tf.random.uniform(shape, low, high)), dtype, name)


def random_normal_variable(
    shape: Shape, mean: float, scale: float, dtype: Dtype = None, name: str | None = None, seed: int | None = None
) -> Tensor:
    config = {"class_name": "RandomNormal", "config": {"mean": mean, "stddev": scale, "seed": seed}, "drawn": "wide"}
    return variable(_random(config, tf.random.normal(shape, mean, scale)), dtype, name)


def dropout(x: Held, level: float, noise_shape: Shape | None = None, seed: int | None = None) -> tf.Tensor:
    if seed is None:
        recorder.emit("draw", {"class_name": "RandomUniform", "config": {"seed": None}}, object())
    return tf.nn.dropout(t(x), level, noise_shape)
