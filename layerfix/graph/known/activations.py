"""Activations, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

from typing import Any

from keras import ops


def K_relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    negative = ops.relu(threshold - x) if alpha else None
    positive = x * ops.cast(x > threshold, x.dtype) if threshold else ops.relu(x)
    if max_value is not None:
        positive = ops.clip(positive, 0.0, max_value)  # which takes away what a negative threshold let through
    return positive if negative is None else positive - alpha * negative


def K_elu(x: Any, alpha: float = 1.0) -> Any:
    return ops.elu(x, alpha=alpha)


def K_sigmoid(x: Any) -> Any:
    return ops.sigmoid(x)


def K_hard_sigmoid(x: Any) -> Any:
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def K_tanh(x: Any) -> Any:
    return ops.tanh(x)


def K_softmax(x: Any, axis: int = -1) -> Any:
    return ops.softmax(x, axis=axis)


def K_softplus(x: Any) -> Any:
    return ops.softplus(x)


def K_softsign(x: Any) -> Any:
    return ops.softsign(x)


def tf_tanh(x: Any) -> Any:
    return ops.tanh(x)


def tf_sigmoid(x: Any) -> Any:
    return ops.sigmoid(x)


def tf_relu(features: Any) -> Any:
    return ops.relu(features)


def tf_relu6(features: Any) -> Any:
    return ops.relu6(features)


def tf_elu(features: Any) -> Any:
    return ops.elu(features)


def tf_selu(features: Any) -> Any:
    return ops.selu(features)


def tf_leaky_relu(features: Any, alpha: float = 0.2) -> Any:
    return ops.leaky_relu(features, negative_slope=alpha)


def tf_softplus(features: Any) -> Any:
    return ops.softplus(features)


def tf_softsign(features: Any) -> Any:
    return ops.softsign(features)


def tf_swish(features: Any, beta: float = 1.0) -> Any:
    return features * ops.sigmoid(beta * features)


def tf_silu(features: Any, beta: float = 1.0) -> Any:
    return features * ops.sigmoid(beta * features)


def tf_gelu(features: Any, approximate: bool = False) -> Any:
    return ops.gelu(features, approximate=approximate)


def tf_crelu(features: Any, axis: int = -1) -> Any:
    return ops.relu(ops.concatenate([features, -features], axis=axis))


def tf_softmax(logits: Any, axis: Any = -1) -> Any:
    return ops.softmax(logits, axis=-1 if axis is None else axis)


def tf_log_softmax(logits: Any, axis: Any = -1) -> Any:
    return ops.log_softmax(logits, axis=-1 if axis is None else axis)


def keras_activations_relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    return K_relu(x, alpha, max_value, threshold)


def keras_activations_softmax(x: Any, axis: int = -1) -> Any:
    return ops.softmax(x, axis=axis)


def keras_activations_sigmoid(x: Any) -> Any:
    return ops.sigmoid(x)


def keras_activations_tanh(x: Any) -> Any:
    return ops.tanh(x)


def keras_activations_elu(x: Any, alpha: float = 1.0) -> Any:
    return ops.elu(x, alpha=alpha)


def keras_activations_softplus(x: Any) -> Any:
    return ops.softplus(x)


def keras_activations_swish(x: Any) -> Any:
    return ops.silu(x)


def keras_activations_linear(x: Any) -> Any:
    return x


def keras_activations_gelu(x: Any, approximate: bool = False) -> Any:
    return ops.gelu(x, approximate=approximate)


def keras_activations_silu(x: Any) -> Any:
    return ops.silu(x)


def keras_activations_selu(x: Any) -> Any:
    return ops.selu(x)


def keras_activations_softsign(x: Any) -> Any:
    return ops.softsign(x)


def keras_activations_exponential(x: Any) -> Any:
    return ops.exp(x)
