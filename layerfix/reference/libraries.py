"""Layers of libraries in numpy, by their own sources, told by their class and by what their configs state."""

from __future__ import annotations

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import ACTIVATIONS, Unsupported, softmax
from layerfix.reference.longer import gelu
from layerfix.reference.normalizations import group_normalization
from layerfix.reference.registry import Config, Layer, registrar

LIBRARIES: dict[str, Layer] = {}
layer = registrar(LIBRARIES)


@layer("SeqWeightedAttention")
def seq_weighted_attention(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """Without a mask."""
    return weighed(config, inputs[0], weights, None)


def weighed(config: Config, x: Array, weights: list[Array], mask: Array | None) -> Array:
    """keras_self_attention 0.51, seq_weighted_attention.py: (b, t, d) to (b, d)."""
    if config.get("return_attention"):
        raise Unsupported("the reference does not know SeqWeightedAttention with its weights")
    logits = (x @ weights[0])[..., 0] + (weights[1] if config.get("use_bias", True) else 0)
    logits = logits - (0 if mask is None else 1e4 * ~mask)
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    shares = shares / (shares.sum(1, keepdims=True) + 1e-7)
    return np.asarray((x * shares[..., None]).sum(1))


@layer("SeqSelfAttention")
def seq_self_attention(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """Without a mask."""
    return attended(config, inputs[0], weights, None)


def attended(config: Config, x: Array, weights: list[Array], mask: Array | None) -> Array:
    """keras_self_attention 0.47 to 0.51, seq_self_attention.py: (b, t, d) to (b, t, d)."""
    if config.get("return_attention"):
        raise Unsupported("the reference does not know SeqSelfAttention with its weights")
    rest = list(weights)
    if config["attention_type"] == "additive":
        pairs = (x @ rest.pop(0))[:, :, None] + (x @ rest.pop(0))[:, None]
        pairs = pairs + (rest.pop(0) if config.get("use_additive_bias", True) else 0)
        scores = (np.tanh(pairs) @ rest.pop(0))[..., 0]
    else:
        scores = np.einsum("btd,de,bse->bts", x, rest.pop(0), x)
    scores = scores + (rest.pop(0)[0] if config.get("use_attention_bias", True) else 0)
    if config.get("attention_activation") not in (None, "linear"):
        scores = ACTIVATIONS[config["attention_activation"]](scores)
    away = 0 if mask is None else 1e4 * (~mask[:, :, None] & ~mask[:, None])
    result: Array = softmax(scores - 1e4 * ~_window(config, x.shape[1]) - away) @ x
    return result


def _window(config: Config, steps: int) -> Array:
    """Which steps (columns) each step (rows) attends to."""
    width, past = config.get("attention_width"), config.get("history_only")
    place = np.arange(steps)
    if width is None and not past:
        return np.ones((steps, steps), bool)
    width = int(1e9) if width is None else width
    first = (place - (width - 1 if past else width // 2))[:, None]
    return np.asarray((first <= place) & (place < first + width))


@layer("InstanceNormalization")
def instance_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """keras_contrib's divides by deviation plus epsilon, over all axes but the sample's and its own; tensorflow_addons' (0.23) states
    groups, and has one for each channel."""
    if "groups" in config:
        return group_normalization({**config, "groups": -1}, inputs, weights)
    x, axis = inputs[0], config.get("axis")
    kept = {0} if axis is None else {0, axis % x.ndim}
    axes = tuple(number for number in range(x.ndim) if number not in kept)
    normal = (x - x.mean(axes, keepdims=True)) / (x.std(axes, keepdims=True) + config.get("epsilon", 1e-3))
    shape = [size if place in kept and place else 1 for place, size in enumerate(x.shape)]
    rest = [weight.reshape(shape) for weight in weights]
    gamma = rest.pop(0) if config.get("scale", True) else 1.0
    return np.asarray(normal * gamma + (rest.pop(0) if config.get("center", True) else 0.0))


@layer("GELU")
def gelu_layer(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """tensorflow_addons 0.23, layers/gelu.py."""
    return np.asarray(gelu(inputs[0], bool(config["approximate"])))


@layer("Mish")
def mish(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """x tanh(softplus(x)) (efficientnet and tensorflow_addons 0.23, activations/mish.py)."""
    return np.asarray(inputs[0] * np.tanh(ACTIVATIONS["softplus"](inputs[0])))


@layer("Swish")
def swish(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """x sigmoid(x)."""
    return np.asarray(ACTIVATIONS["swish"](inputs[0]))
