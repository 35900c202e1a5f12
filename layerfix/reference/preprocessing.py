"""Preprocessing layers in numpy, at inference (tensorflow 2.15, keras/layers/preprocessing)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import Unsupported

Config = Mapping[str, Any]
Layer = Callable[[Config, list[Array], list[Array]], Array]


def _same(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return inputs[0]


def _rescaling(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = inputs[0] if inputs[0].dtype.kind == "f" else inputs[0].astype(np.float64)  # pictures of whole numbers become floats first
    return np.asarray(x * np.asarray(config["scale"], x.dtype) + np.asarray(config.get("offset", 0), x.dtype))


def _normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """Stored: mean, variance, count; or mean and variance in the config. The deviation is at least 1e-7."""
    x = inputs[0]
    axis = config.get("axis", -1)
    axes = [] if axis is None else [number % x.ndim for number in (axis if isinstance(axis, list) else [axis])]
    shape = [size if place in axes else 1 for place, size in enumerate(x.shape)]
    stated = weights[:2] if weights else [np.asarray(config["mean"], x.dtype), np.asarray(config["variance"], x.dtype)]
    mean, variance = (np.broadcast_to(value.reshape(shape) if value.size == np.prod(shape) else value, shape) for value in stated)
    deviation = np.maximum(np.sqrt(variance), 1e-7)
    return np.asarray(x * deviation + mean if config.get("invert") else (x - mean) / deviation)


def _resizing(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    if config.get("crop_to_aspect_ratio") or config.get("pad_to_aspect_ratio") or config.get("data_format") == "channels_first":
        raise Unsupported("the reference does not know this setting of Resizing")
    return resize(inputs[0], (config["height"], config["width"]), config.get("interpolation", "bilinear"))


def resize(x: Array, size: tuple[int, ...], interpolation: str, centre: float = 0.5) -> Array:
    """Images (batch, height, width, channels), centres of pixels half a pixel in (TensorFlow 2's resize) or nowhere in (TensorFlow 1's)."""
    for axis, wanted in enumerate(size, start=1):
        held = x.shape[axis]
        place = (np.arange(wanted) + centre) * held / wanted
        if interpolation == "nearest":
            x = np.take(x, np.minimum(np.floor(place).astype(int), held - 1), axis)
            continue
        if interpolation != "bilinear":
            raise Unsupported(f"the reference does not know {interpolation} resizing")
        low = np.floor(place - centre).astype(int)
        part = (place - centre - low).astype(x.dtype).reshape([-1 if number == axis else 1 for number in range(x.ndim)])
        first, second = (np.take(x, np.clip(low + step, 0, held - 1), axis) for step in (0, 1))
        x = first * (1 - part) + second * part
    return x


def _center_crop(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = inputs[0]
    height, width = config["height"], config["width"]
    if x.shape[1] < height or x.shape[2] < width or config.get("data_format") == "channels_first":
        raise Unsupported("the reference does not know this setting of CenterCrop")
    top, left = int((x.shape[1] - height) / 2), int((x.shape[2] - width) / 2)
    return x[:, top : top + height, left : left + width]


def _category_encoding(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    tokens = config.get("num_tokens") or config.get("max_tokens")
    mode = {"binary": "multi_hot"}.get(config["output_mode"], config["output_mode"])
    if len(inputs) > 1 or config.get("sparse") or not tokens:
        raise Unsupported("the reference does not know this setting of CategoryEncoding")
    one_hot = np.eye(tokens)[inputs[0].astype(int)]
    if mode == "one_hot":
        return np.asarray(one_hot[:, 0] if inputs[0].ndim == 2 and inputs[0].shape[1] == 1 else one_hot)
    if mode not in {"multi_hot", "count"} or one_hot.ndim != 3:
        raise Unsupported(f"the reference does not know the output {mode} of CategoryEncoding")
    return np.asarray(one_hot.max(1) if mode == "multi_hot" else one_hot.sum(1))


def _discretization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    bounds = config.get("bin_boundaries")
    if not bounds or config.get("output_mode", "int") != "int":
        raise Unsupported("the reference does not know this setting of Discretization")
    return np.searchsorted(np.asarray(bounds, inputs[0].dtype), inputs[0], side="right")


def _lookup(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    words, unknown = config.get("vocabulary"), config.get("num_oov_indices", 1)
    settled = (
        words
        and unknown == 1
        and config.get("mask_token", config.get("mask_value")) is None
        and config.get("output_mode", "int") == "int"
        and not config.get("invert")
    )
    if not settled or not isinstance(words, list):
        raise Unsupported("the reference does not know this setting of a lookup")
    # A vocabulary may begin with the word for unknown ones, which is not counted twice (keras 3.15, index_lookup.py, `set_vocabulary`).
    known = words[1:] if words[0] == config.get("oov_token", "[UNK]") else words
    numbers = {word: index + 1 for index, word in enumerate(known)}
    said = [word.decode() if isinstance(word, bytes) else word for word in inputs[0].ravel().tolist()]
    return np.asarray([numbers.get(word, 0) for word in said]).reshape(inputs[0].shape)


PREPROCESSING: Mapping[str, Layer] = {
    **dict.fromkeys(["RandomBrightness", "RandomContrast", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom"], _same),
    "Rescaling": _rescaling,
    "Normalization": _normalization,
    "Resizing": _resizing,
    "CenterCrop": _center_crop,
    "CategoryEncoding": _category_encoding,
    "Discretization": _discretization,
    "IntegerLookup": _lookup,
    "StringLookup": _lookup,
}
