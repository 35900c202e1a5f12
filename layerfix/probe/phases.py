"""How a model normalised when evidence was laid down: moving statistics and labels stem from training, recorded predictions from use.

In training, legacy Keras normalised by the batch and only then updated the moving statistics. A BatchNormalization that the file lost was
never updated at all: in use it divides by its initial variance, in training it did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint
from layerfix.containers.tensors import open_tensors
from layerfix.graph.rebuilt import Rebuilt
from layerfix.legacy.versions import release
from layerfix.probe.evidence import Kind

UNBIASED_FROM = (2, 1, 3)
"""Before, moving averages kept a share of their initial value (`zero_debias=False` in keras 2.0.0-2.1.2, backend/tensorflow_backend.py)."""


def by_batch(rebuilt: Rebuilt, kind: Kind) -> list[Any]:
    """The BatchNormalization layers that went by the batch when evidence of this kind came about."""
    norms = [layer for layer in rebuilt.model._flatten_layers() if has_statistics(layer)]
    if kind in ("statistics", "synthetic"):
        return norms
    lost = {id(rebuilt.variables[spec.key]) for spec in rebuilt.blueprint.hidden if spec.key in rebuilt.variables}
    return [] if kind == "predictions" else [layer for layer in norms if id(layer.moving_mean) in lost]


@contextmanager
def normalising(layers: Sequence[object], groups: object = 1) -> Iterator[None]:
    """Let some BatchNormalization layers go by the batch for a while, each of `groups` equal parts of it by itself."""
    with ExitStack() as stack:
        for layer in layers:
            stack.enter_context(instead(layer, lambda value, *_, layer=layer, **__: _normalised(layer, value, groups)))
        yield


def _normalised(layer: keras.layers.Layer, value: Any, groups: Any) -> Any:
    parts = tf.reshape(value, tf.concat([[groups, -1], tf.shape(value)[1:]], 0))
    kept = (layer.axis % len(value.shape)) + 1
    mean, variance = tf.nn.moments(parts, [i for i in range(1, len(value.shape) + 1) if i != kept], keepdims=True)
    shape = [1] * kept + [-1] + [1] * (len(value.shape) - kept)
    scale = tf.reshape(tf.convert_to_tensor(layer.gamma), shape) if layer.scale else None
    offset = tf.reshape(tf.convert_to_tensor(layer.beta), shape) if layer.center else None
    return tf.reshape(tf.nn.batch_normalization(parts, mean, variance, offset, scale, layer.epsilon), tf.shape(value))


@contextmanager
def instead(layer: keras.layers.Layer, call: object) -> Iterator[None]:
    """Replace what a layer's call does, for a while."""
    object.__setattr__(layer, "call", call)
    try:
        yield
    finally:
        object.__delattr__(layer, "call")


def has_statistics(layer: keras.layers.Layer) -> bool:
    """Whether a layer is a BatchNormalization with moving statistics."""
    return isinstance(layer, keras.layers.BatchNormalization) and layer.moving_mean is not None


def from_before(rebuilt: Rebuilt, norms: Iterable[Any]) -> bool:
    """Whether stored statistics may stem from a session before the last one: a frozen BatchNormalization is not updated (keras 2.2.4,
    engine/base_layer.py, `Layer.updates`), and a session that loads a model draws its hidden weights anew.

    A nested model that was frozen as a whole says so in no config; the optimizer then remembers fewer weights than are trained.
    """
    return any(not layer.trainable for layer in norms) or _trains_less(rebuilt)


def _trains_less(rebuilt: Rebuilt) -> bool:
    optimizer = rebuilt.checkpoint.optimizer
    slots = [weight.shape for weight in optimizer.weights if len(weight.shape) > 0] if optimizer is not None else []
    stored = {weight.key for weight in rebuilt.checkpoint.weights}
    trained = [spec.shape for spec in rebuilt.blueprint.weights if spec.trainable and spec.key in stored]
    return bool(slots) and slots[: len(trained)] != trained


def learnt_statistics(checkpoint: Checkpoint, layer: keras.layers.Layer) -> tuple[Array, Array]:
    """Mean and variance that a BatchNormalization saw, without what old moving averages kept of their start at 0 and 1: (channels,)."""
    mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
    share = float(layer.momentum) ** _steps(checkpoint) if _biased(checkpoint) else 0.0
    # A variance below the start's share cannot be an average that began at 1: the steps counted are
    # not those of these statistics.
    if not 0 < share < 1 or variance.min() <= share:
        return mean, variance
    return mean / (1 - share), (variance - share) / (1 - share)


def _biased(checkpoint: Checkpoint) -> bool:
    stated = release(checkpoint.keras_version)
    return stated is not None and stated.family == "keras2" and stated.numbers < UNBIASED_FROM


def _steps(checkpoint: Checkpoint) -> int:
    """Steps that the optimizer counted; 0 where the file does not tell."""
    counted = [weight.name for weight in (checkpoint.optimizer.weights if checkpoint.optimizer else ()) if weight.shape == ()]
    if not counted:
        return 0
    with open_tensors(checkpoint) as tensors:
        return int(tensors.optimizer(counted[0]))
