"""Normalizations in numpy, at inference (keras 2.2.4, normalization.py; keras 2.15, layers/normalization)."""

from __future__ import annotations

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import Unsupported
from layerfix.reference.registry import Config, Layer, registrar
from layerfix.reference.setting import Setting

NORMALIZATIONS: dict[str, Layer] = {}
layer = registrar(NORMALIZATIONS)


@layer("BatchNormalization", "SyncBatchNormalization")
def batch_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) else axis
    if config.get("virtual_batch_size") is not None:
        axis -= axis > 0  # counted behind the axis of virtual batches
    shape = [1] * inputs[0].ndim
    shape[axis] = -1
    rest = [weight.reshape(shape) for weight in weights]
    gamma = rest.pop(0) if config.get("scale", True) else 1.0
    beta = rest.pop(0) if config.get("center", True) else 0.0
    mean, variance = rest[:2]  # renorm keeps two more, for training
    return np.asarray((inputs[0] - mean) / np.sqrt(variance + config.get("epsilon", 1e-3)) * gamma + beta)


def by_the_batch(config: Config, x: Array, weights: list[Array], setting: Setting) -> list[Array]:
    """The weights of a BatchNormalization called with `training=True`: its batch's mean and variance in place of the moving ones (keras
    2.2.4, normalization.py, `normalize_batch_in_training`); in TensorFlow 2 not where it is frozen.

    Raises:
        Unsupported: where the release does not tell what freezing does.
    """
    if setting.tf_keras and not config.get("trainable", True):
        if setting.release < (2, 3):
            raise Unsupported("the reference does not know what a frozen BatchNormalization called with training=True did in this release")
        return weights
    if config.get("renorm") or config.get("virtual_batch_size") is not None:
        raise Unsupported("the reference does not know renorm or virtual batches in training")
    axis = config.get("axis", -1)
    axis = (axis[0] if isinstance(axis, list) else axis) % x.ndim
    others = tuple(place for place in range(x.ndim) if place != axis)
    return [*weights[:-2], x.mean(others), x.var(others)]


@layer("LayerNormalization")
def layer_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = inputs[0]
    if config.get("rms_scaling") or config.get("use_rms_scaling"):
        raise Unsupported("the reference does not know LayerNormalization by the root mean square")
    axis = config.get("axis", -1)
    axes = tuple(sorted(number % x.ndim for number in (axis if isinstance(axis, list) else [axis])))
    shape = [size if place in axes else 1 for place, size in enumerate(x.shape)]
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return _scaled(config, (x - mean) / np.sqrt(variance + config.get("epsilon", 1e-3)), weights, shape)


def _scaled(config: Config, x: Array, weights: list[Array], shape: list[int]) -> Array:
    rest = [weight.reshape(shape) for weight in weights]
    gamma = rest.pop(0) if config.get("scale", True) else 1.0
    return np.asarray(x * gamma + (rest.pop(0) if config.get("center", True) else 0.0))


@layer("GroupNormalization")
def group_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x, groups = inputs[0], config["groups"]
    if config.get("axis", -1) not in (-1, x.ndim - 1):
        raise Unsupported("the reference does not know GroupNormalization over other axes than the last")
    parts = x.reshape((*x.shape[:-1], x.shape[-1] if groups == -1 else groups, -1))
    axes = (*range(1, x.ndim - 1), x.ndim)
    mean, variance = parts.mean(axes, keepdims=True), parts.var(axes, keepdims=True)
    normal = ((parts - mean) / np.sqrt(variance + config.get("epsilon", 1e-3))).reshape(x.shape)
    return _scaled(config, normal, weights, [1] * (x.ndim - 1) + [-1])


@layer("UnitNormalization")
def unit_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    axis = config.get("axis", -1)
    axes = tuple(axis) if isinstance(axis, list) else axis
    return np.asarray(inputs[0] / np.sqrt(np.maximum((inputs[0] ** 2).sum(axes, keepdims=True), 1e-12)))
