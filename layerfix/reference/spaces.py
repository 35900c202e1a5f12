"""Pooling, padding, cropping and upsampling in numpy (keras 2.2.4, pooling.py, convolutional.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import Unsupported, windows
from layerfix.reference.preprocessing import resize
from layerfix.reference.registry import Config, Layer, back, last, registrar, whole

SPACES: dict[str, Layer] = {}
layer = registrar(SPACES)


def _pool(config: Config, x: Array, rank: int, best: bool) -> Array:
    size = whole(config.get("pool_size", 2), rank)
    strides = whole(config.get("strides") or size, rank)
    x = last(config, x)
    padding = config.get("padding", "valid")
    if best:
        seen = windows(x, size, strides, [1] * rank, padding, -np.inf)
        return back(config, seen.max(tuple(range(1 + rank, 1 + 2 * rank))))
    axes = tuple(range(1 + rank, 1 + 2 * rank))
    total = windows(x, size, strides, [1] * rank, padding).sum(axes)
    count = windows(np.ones_like(x), size, strides, [1] * rank, padding).sum(axes)
    return back(config, total / count)


for _rank in (1, 2, 3):
    layer(f"MaxPooling{_rank}D")(lambda config, inputs, weights, rank=_rank: _pool(config, inputs[0], rank, True))  # type: ignore[misc]
    layer(f"AveragePooling{_rank}D")(lambda config, inputs, weights, rank=_rank: _pool(config, inputs[0], rank, False))  # type: ignore[misc]


@layer("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D")
def global_max(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return _globally(config, inputs[0], np.max)


@layer("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D")
def global_average(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return _globally(config, inputs[0], np.mean)


def _globally(config: Config, x: Array, reduce: Callable[..., Any]) -> Array:
    if config.get("keepdims"):
        raise Unsupported("the reference does not know global pooling that keeps its dimensions")
    x = last(config, x)
    return np.asarray(reduce(x, axis=tuple(range(1, x.ndim - 1))))


@layer("UpSampling1D", "UpSampling2D", "UpSampling3D")
def upsampling(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = last(config, inputs[0])
    if config.get("interpolation", "nearest") != "nearest":
        if "half_pixels" not in config:
            raise Unsupported("the reference does not know whether TensorFlow 1 or 2 did this bilinear upsampling")
        wanted = tuple(int(size * times) for size, times in zip(x.shape[1:-1], whole(config.get("size", 2), 2), strict=True))
        return back(config, resize(x, wanted, config["interpolation"], 0.5 if config["half_pixels"] else 0.0))
    for axis, times in enumerate(whole(config.get("size", 2), x.ndim - 2), start=1):
        x = np.repeat(x, times, axis)
    return back(config, x)


def _sides(value: Any, rank: int) -> list[tuple[int, int]]:
    items = value if isinstance(value, list | tuple) else [value] * rank
    if rank == 1 and len(items) == 2 and not isinstance(items[0], list | tuple):
        items = [items]
    return [(item, item) if isinstance(item, int) else (item[0], item[1]) for item in items]


@layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = last(config, inputs[0])
    return back(config, np.pad(x, [(0, 0), *_sides(config["padding"], x.ndim - 2), (0, 0)]))


@layer("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = last(config, inputs[0])
    sides = _sides(config["cropping"], x.ndim - 2)
    return back(config, x[(slice(None), *(slice(a, size - b) for (a, b), size in zip(sides, x.shape[1:-1], strict=True)))])
