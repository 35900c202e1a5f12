"""Stock layers in numpy, written from keras 2.2.4: core.py, embeddings.py, merge.py, advanced_activations.py; and the table of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.convolutions import CONVOLUTIONS
from layerfix.reference.functions import activate, softmax
from layerfix.reference.libraries import LIBRARIES
from layerfix.reference.normalizations import NORMALIZATIONS
from layerfix.reference.registry import Config, Layer, last, registrar
from layerfix.reference.spaces import SPACES

LAYERS: dict[str, Layer] = {**CONVOLUTIONS, **LIBRARIES, **NORMALIZATIONS, **SPACES}
"""Evaluations by class name."""
layer = registrar(LAYERS)


@layer(
    "Identity", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "ActivityRegularization", "FixedDropout",
)  # fmt: skip
def identity(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return inputs[0]


@layer("Dense", "TimeDistributedDense")
def dense(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return activate(config.get("activation"), inputs[0] @ weights[0] + (weights[1] if len(weights) > 1 else 0))


@layer("Activation")
def activation(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return activate(config["activation"], inputs[0])


@layer("Flatten")
def flatten(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = last(config, inputs[0])
    return x.reshape(len(x), -1)


@layer("Reshape")
def reshape(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return inputs[0].reshape((len(inputs[0]), *config["target_shape"]))


@layer("Permute")
def permute(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return inputs[0].transpose((0, *config["dims"]))


@layer("RepeatVector")
def repeat_vector(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.repeat(inputs[0][:, None], config["n"], 1)


@layer("Embedding")
def embedding(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.asarray(weights[0][inputs[0].astype(np.int64)])


def _slope(value: Any) -> float:
    return float(value["value"] if isinstance(value, Mapping) else value)


@layer("LeakyReLU")
def leaky_relu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    slope = config["alpha"] if "alpha" in config else config["negative_slope"]
    return np.where(inputs[0] > 0, inputs[0], _slope(slope) * inputs[0])


@layer("PReLU")
def prelu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > 0, inputs[0], weights[0] * inputs[0])


@layer("ELU")
def elu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > 0, inputs[0], _slope(config.get("alpha", 1.0)) * np.expm1(np.minimum(inputs[0], 0)))


@layer("ThresholdedReLU")
def thresholded_relu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > _slope(config["theta"]), inputs[0], 0)


@layer("ReLU")
def relu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x, slope, threshold = inputs[0], _slope(config.get("negative_slope") or 0), _slope(config.get("threshold") or 0)
    ceiling = config.get("max_value")
    result = np.where(x >= threshold, x, slope * (x - threshold))
    return result if ceiling is None else np.minimum(result, _slope(ceiling))


@layer("Softmax")
def softmax_layer(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return softmax(inputs[0], config.get("axis", -1))


def _reduced(step: Callable[[Array, Array], Array]) -> Layer:
    def evaluate(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
        result = inputs[0]
        for other in inputs[1:]:
            result = step(result, other)
        return result

    return evaluate


LAYERS |= {"Add": _reduced(np.add), "Multiply": _reduced(np.multiply), "Subtract": _reduced(np.subtract)}
LAYERS |= {"Maximum": _reduced(np.maximum), "Minimum": _reduced(np.minimum)}


@layer("Average")
def average(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.asarray(sum(inputs) / len(inputs))


@layer("Concatenate")
def concatenate(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.concatenate(inputs, config.get("axis", -1))


@layer("Dot")
def dot(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    a, b = inputs
    axes: Sequence[int] = config["axes"] if isinstance(config["axes"], list | tuple) else [config["axes"]] * 2
    first, second = axes[0] % a.ndim, axes[1] % b.ndim
    if config.get("normalize"):
        a = a / np.sqrt(np.maximum((a * a).sum(first, keepdims=True), 1e-12))
        b = b / np.sqrt(np.maximum((b * b).sum(second, keepdims=True), 1e-12))
    left, right = "bijk"[: a.ndim], "bxyz"[: b.ndim]
    right = right[:second] + left[first] + right[second + 1 :]
    result: Array = np.einsum(f"{left},{right}->b{left[1:].replace(left[first], '')}{right[1:].replace(left[first], '')}", a, b)
    return result[:, None] if result.ndim == 1 else result


@layer("EinsumDense")
def einsum_dense(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    result: Array = np.einsum(config["equation"], inputs[0], weights[0])
    letters = config["equation"].partition("->")[2]
    if len(weights) > 1:
        kept = [result.shape[place - len(letters)] if letter in config["bias_axes"] else 1 for place, letter in enumerate(letters)]
        result = result + weights[1].reshape(kept)
    return activate(config.get("activation"), result)
