"""What an optimizer remembers: the squared gradients of the last steps, which a candidate for a hidden kernel must be able to explain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples
from layerfix.containers.tensors import open_tensors
from layerfix.graph.rebuilt import Rebuilt
from layerfix.legacy.optimizers import OPTIMIZERS
from layerfix.probe.fitting import loss_of

BATCH = 8


def remembered_squares(checkpoint: Checkpoint, rebuilt: Rebuilt) -> dict[WeightKey, Array]:
    """The optimizer's average of squared gradients for each tracked weight of the model, or {} where the file does not hold them."""
    optimizer = checkpoint.optimizer
    known = OPTIMIZERS.get(optimizer.class_name or "") if optimizer is not None else None
    if optimizer is None or known is None or known.squares is None:
        return {}
    stored = {weight.key for weight in checkpoint.weights}
    trained = [spec for spec in rebuilt.blueprint.weights if spec.trainable and spec.key in stored]
    slots = [weight for weight in optimizer.weights if len(weight.shape) > 0]
    group = known.roles.index(known.squares)
    held = slots[group * len(trained) : (group + 1) * len(trained)]
    if [weight.shape for weight in held] != [spec.shape for spec in trained]:
        return {}
    with open_tensors(checkpoint) as tensors:
        read = {spec.key: tensors.optimizer(weight.name) for spec, weight in zip(trained, held, strict=True)}
    return {key: value for key, value in read.items() if key in rebuilt.variables}


class Moments:
    """Compares what an optimizer remembers with the gradients that the model now has on samples.

    Args:
        rebuilt: the model; its weights are read anew at every call.
        remembered: of `remembered_squares`, those to compare.
        parts: samples with labels or recorded predictions; of each a multiple of `BATCH` is used.
    """

    def __init__(self, rebuilt: Rebuilt, remembered: Mapping[WeightKey, Array], *parts: Samples) -> None:
        self._model = rebuilt.model
        self._ranks = [_ranks(value) for value in remembered.values()]
        self._variables = [rebuilt.variables[key].value for key in remembered]
        self._parts = [list(_batches(part)) for part in parts]
        self._squares = tf.function(self._sums_of_squares, autograph=False)

    def agreements(self) -> list[float]:
        """Sum over tensors of Fisher-transformed rank correlations between remembered and present squared gradients; larger is better.

        One number for the gradients on each part of the samples, and one for those on all.
        """
        parts = [[np.asarray(total) for total in part] for part in self._squares()]
        return [self._agreement(part) for part in [*parts, [sum(totals) for totals in zip(*parts, strict=True)]]]

    def _agreement(self, squares: Sequence[Any]) -> float:
        correlations = [_correlation(ranks, _ranks(total)) for ranks, total in zip(self._ranks, squares, strict=True)]
        # One tensor that agrees wholly must not outweigh all others: arctanh has no bound.
        return float(np.arctanh(np.clip(correlations, -0.999, 0.999)).sum())

    def _sums_of_squares(self) -> list[list[Any]]:
        found = []
        for batches in self._parts:
            totals = [tf.zeros(variable.shape) for variable in self._variables]
            for batch in batches:
                totals = [total + tf.square(gradient) for total, gradient in zip(totals, self._gradients(batch), strict=True)]
            found.append(totals)
        return found

    def _gradients(self, batch: Samples) -> Sequence[Any]:
        inputs = [tf.convert_to_tensor(array) for array in batch.inputs]
        with tf.GradientTape() as tape:
            outputs = tf.nest.flatten(self._model(inputs[0] if len(inputs) == 1 else inputs, training=False))
            loss = loss_of(outputs, batch)
        found = tape.gradient(loss, self._variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [tf.convert_to_tensor(gradient) for gradient in found]


def _batches(samples: Samples) -> Iterator[Samples]:
    size = min(BATCH, len(samples))
    yield from (samples.part(slice(start, start + size)) for start in range(0, len(samples) - size + 1, size))


def _ranks(values: Array) -> Array:
    order = np.argsort(values.ravel(), kind="stable")  # equals in the order of their places, in both tensors that are compared
    ranks = np.empty(order.size)
    ranks[order] = np.arange(order.size)
    return ranks - ranks.mean()


def _correlation(a: Array, b: Array) -> float:
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norm if norm else 0.0
