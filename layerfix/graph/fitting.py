"""Train a few weights of a model and leave all others alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from layerfix.checkpoint.records import WeightKey
from layerfix.graph.rebuilt import Rebuilt
from layerfix.inference.evidence import as_targets
from layerfix.progress import Progress
from layerfix.samples import Samples

Array = NDArray[Any]
STEPS = 400
PATIENCE = 60
BATCH = 64
RATE = 0.01


@dataclass(frozen=True, slots=True)
class Fitted:
    """The best of several starts.

    Attributes:
        values: of the trained weights.
        before, after: loss on the held-out samples before and after.
        starts: how many were tried.
    """

    values: Mapping[WeightKey, Array]
    before: float
    after: float
    starts: int


def loss_of(outputs: Sequence[Any], samples: Samples) -> Any:
    """Mean loss of a batch: cross-entropy for class labels, squared error for recorded predictions and other targets (tf scalar)."""
    per_sample = losses_of(outputs, samples)
    return tf.reduce_mean(per_sample)


def losses_of(outputs: Sequence[Any], samples: Samples) -> Any:
    """Loss of each sample: shape (n,), differentiable. Recorded predictions win over labels."""
    if samples.predictions is not None:
        return tf.add_n([_squared(output, target) for output, target in zip(outputs, samples.predictions, strict=True)])
    assert samples.labels is not None
    output = outputs[0]
    targets = as_targets(samples.labels, int(output.shape[-1])).reshape([len(samples), *output.shape[1:]])
    if is_distribution(targets):
        safe = tf.math.log(tf.clip_by_value(output, 1e-7, 1.0))
        return -tf.reduce_mean(tf.reshape(tf.reduce_sum(targets * safe, -1), [len(samples), -1]), 1)
    if np.isin(targets, (0, 1)).all():
        kept = tf.clip_by_value(output, 1e-7, 1 - 1e-7)
        return -tf.reduce_mean(tf.reshape(targets * tf.math.log(kept) + (1 - targets) * tf.math.log(1 - kept), [len(samples), -1]), 1)
    return _squared(output, targets)


def is_distribution(targets: Array) -> bool:
    """Whether the last axis of targets is a distribution over classes."""
    return targets.shape[-1] > 1 and bool(np.all(targets >= 0)) and bool(np.allclose(targets.sum(-1), 1, atol=1e-3))


def _squared(output: Any, target: Array) -> Any:
    return tf.reduce_mean(tf.reshape(tf.square(output - target.astype(np.float32)), [len(target), -1]), 1)


def fit(
    rebuilt: Rebuilt, keys: Sequence[WeightKey], samples: Samples, starts: Sequence[Mapping[WeightKey, Array]], progress: Progress
) -> Fitted:
    """Fit the weights `keys` to samples with labels or predictions; the model keeps the best values.

    Every fourth sample is held out; training stops when the loss on those no longer falls.
    """
    held = samples.part(slice(3, None, 4))
    used = samples.part(np.array([i for i in range(len(samples)) if i % 4 != 3]))
    variables = [rebuilt.variables[key] for key in keys]
    best: tuple[float, list[Array]] | None = None
    before = float("inf")
    for done, start in enumerate(starts):
        progress("fitting", done, len(starts))
        for key, variable in zip(keys, variables, strict=True):
            variable.assign(start[key])
        first = float(loss_of(_outputs(rebuilt.model, held), held))
        before = min(before, first)
        loss, values = _descend(rebuilt.model, variables, used, held, seed=done)
        if best is None or loss < best[0]:
            best = (loss, values)
    assert best is not None
    for variable, value in zip(variables, best[1], strict=True):
        variable.assign(value)
    return Fitted(dict(zip(keys, best[1], strict=True)), before, best[0], len(starts))


def _outputs(model: keras.Model, samples: Samples) -> list[Any]:
    inputs = [tf.convert_to_tensor(array) for array in samples.inputs]
    return list(keras.tree.flatten(model(inputs[0] if len(inputs) == 1 else inputs, training=False)))


def _descend(model: keras.Model, variables: Sequence[keras.Variable], used: Samples, held: Samples, seed: int) -> tuple[float, list[Array]]:
    optimizer = keras.optimizers.Adam(RATE)
    optimizer.build(list(variables))
    order = np.random.default_rng(seed)
    best, waited = (float("inf"), [np.asarray(variable) for variable in variables]), 0
    for _ in range(STEPS):
        _step(model, variables, optimizer, used.part(order.permutation(len(used))[:BATCH]))
        loss = float(loss_of(_outputs(model, held), held))
        if loss < best[0]:
            best, waited = (loss, [np.asarray(variable) for variable in variables]), 0
        elif (waited := waited + 1) >= PATIENCE:
            break
    return best


def _step(model: keras.Model, variables: Sequence[keras.Variable], optimizer: keras.optimizers.Optimizer, batch: Samples) -> None:
    with tf.GradientTape() as tape:
        loss = loss_of(_outputs(model, batch), batch)
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    optimizer.apply([np.zeros(v.shape, np.float32) if g is None else g for g, v in zip(gradients, variables, strict=True)], list(variables))
