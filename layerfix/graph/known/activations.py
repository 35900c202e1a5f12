"""Activations, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

from keras import ops

from layerfix.graph.tensors import Axis, Tensor


def K_relu(x: Tensor, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    negative = ops.relu(threshold - x) if alpha else None
    positive = x * ops.cast(x > threshold, x.dtype) if threshold else ops.relu(x)
    if max_value is not None:
        positive = ops.clip(positive, 0.0, max_value)  # which takes away what a negative threshold let through
    return positive if negative is None else positive - alpha * negative


def K_elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return ops.elu(x, alpha=alpha)


def K_sigmoid(x: Tensor) -> Tensor:
    return ops.sigmoid(x)


def K_hard_sigmoid(x: Tensor) -> Tensor:
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def K_tanh(x: Tensor) -> Tensor:
    return ops.tanh(x)


def K_softmax(x: Tensor, axis: int = -1) -> Tensor:
    return ops.softmax(x, axis=axis)


def K_softplus(x: Tensor) -> Tensor:
    return ops.softplus(x)


def K_softsign(x: Tensor) -> Tensor:
    return ops.softsign(x)


def tf_tanh(x: Tensor) -> Tensor:
    return ops.tanh(x)


def tf_sigmoid(x: Tensor) -> Tensor:
    return ops.sigmoid(x)


def tf_relu(features: Tensor) -> Tensor:
    return ops.relu(features)


def tf_relu6(features: Tensor) -> Tensor:
    return ops.relu6(features)


def tf_elu(features: Tensor) -> Tensor:
    return ops.elu(features)


def tf_selu(features: Tensor) -> Tensor:
    return ops.selu(features)


def tf_leaky_relu(features: Tensor, alpha: float = 0.2) -> Tensor:
    return ops.leaky_relu(features, negative_slope=alpha)


def tf_softplus(features: Tensor) -> Tensor:
    return ops.softplus(features)


def tf_softsign(features: Tensor) -> Tensor:
    return ops.softsign(features)


def tf_swish(features: Tensor, beta: float = 1.0) -> Tensor:
    return features * ops.sigmoid(beta * features)


def tf_silu(features: Tensor, beta: float = 1.0) -> Tensor:
    return features * ops.sigmoid(beta * features)


def tf_gelu(features: Tensor, approximate: bool = False) -> Tensor:
    return ops.gelu(features, approximate=approximate)


def tf_crelu(features: Tensor, axis: int = -1) -> Tensor:
    return ops.relu(ops.concatenate([features, -features], axis=axis))


def tf_softmax(logits: Tensor, axis: Axis = -1) -> Tensor:
    return ops.softmax(logits, axis=-1 if axis is None else axis)


def tf_log_softmax(logits: Tensor, axis: Axis = -1) -> Tensor:
    return ops.log_softmax(logits, axis=-1 if axis is None else axis)


def keras_activations_relu(x: Tensor, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    return K_relu(x, alpha, max_value, threshold)


def keras_activations_softmax(x: Tensor, axis: int = -1) -> Tensor:
    return ops.softmax(x, axis=axis)


def keras_activations_sigmoid(x: Tensor) -> Tensor:
    return ops.sigmoid(x)


def keras_activations_tanh(x: Tensor) -> Tensor:
    return ops.tanh(x)


def keras_activations_elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    return ops.elu(x, alpha=alpha)


def keras_activations_softplus(x: Tensor) -> Tensor:
    return ops.softplus(x)


def keras_activations_swish(x: Tensor) -> Tensor:
    return ops.silu(x)


def keras_activations_linear(x: Tensor) -> Tensor:
    return x


def keras_activations_gelu(x: Tensor, approximate: bool = False) -> Tensor:
    return ops.gelu(x, approximate=approximate)


def keras_activations_silu(x: Tensor) -> Tensor:
    return ops.silu(x)


def keras_activations_selu(x: Tensor) -> Tensor:
    return ops.selu(x)


def keras_activations_softsign(x: Tensor) -> Tensor:
    return ops.softsign(x)


def keras_activations_exponential(x: Tensor) -> Tensor:
    return ops.exp(x)
