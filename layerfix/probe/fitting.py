"""Train a few weights of a model and leave all others alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from layerfix.arrays import Array
from layerfix.containers.records import WeightKey
from layerfix.containers.samples import Samples
from layerfix.graph.rebuilt import Rebuilt
from layerfix.graph.values import set_value
from layerfix.probe.evidence import as_targets
from layerfix.progress import Progress

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


@dataclass(frozen=True, slots=True)
class Goal:
    """What outputs should be, sample by sample, and by which loss they are told from it.

    Attributes:
        loss: "cross-entropy" of a distribution, "binary" cross-entropy, or "squared" error.
        targets: one array for each output that counts, samples first, shaped like it.
    """

    loss: Literal["cross-entropy", "binary", "squared"]
    targets: tuple[Array, ...]

    def losses(self, outputs: Sequence[Any], targets: Sequence[Any]) -> Any:
        """Loss of each sample: shape (n,), differentiable; of some of the samples where `targets` are those of some."""
        if self.loss == "squared":
            return tf.add_n([_by_sample(tf.square(output - target)) for output, target in zip(outputs, targets, strict=False)])
        output, target = outputs[0], targets[0]
        if self.loss == "cross-entropy":
            return -_by_sample(tf.reduce_sum(target * tf.math.log(tf.clip_by_value(output, 1e-7, 1.0)), -1))
        kept = tf.clip_by_value(output, 1e-7, 1 - 1e-7)
        return -_by_sample(target * tf.math.log(kept) + (1 - target) * tf.math.log(1 - kept))


def goal(samples: Samples, outputs: Sequence[Any]) -> Goal:
    """Cross-entropy for class labels, squared error for recorded predictions and other targets. Recorded predictions win over labels.

    Args:
        samples: with labels or predictions.
        outputs: of the model; their shapes behind the first axis count.
    """
    if samples.predictions is not None:
        return Goal("squared", tuple(target.astype(np.float32) for target in samples.predictions))
    assert samples.labels is not None
    targets = as_targets(samples.labels, int(outputs[0].shape[-1])).reshape([len(samples), *outputs[0].shape[1:]])
    if is_distribution(targets):
        return Goal("cross-entropy", (targets,))
    return Goal("binary" if np.isin(targets, (0, 1)).all() else "squared", (targets,))


def loss_of(outputs: Sequence[object], samples: Samples) -> Any:
    """Mean loss of a batch (tf scalar), by `goal`."""
    return tf.reduce_mean(losses_of(outputs, samples))


def losses_of(outputs: Sequence[object], samples: Samples) -> Any:
    """Loss of each sample: shape (n,), differentiable, by `goal`."""
    wanted = goal(samples, outputs)
    return wanted.losses(outputs, wanted.targets)


def is_distribution(targets: Array) -> bool:
    """Whether the last axis of targets is a distribution over classes."""
    return targets.shape[-1] > 1 and bool(np.all(targets >= 0)) and bool(np.allclose(targets.sum(-1), 1, atol=1e-3))


def _by_sample(errors: object) -> Any:
    """The mean of all that belongs to a sample: (n, ...) to (n,)."""
    return tf.reduce_mean(tf.reshape(errors, [tf.shape(errors)[0], -1]), 1)


def fit(
    rebuilt: Rebuilt, keys: Sequence[WeightKey], samples: Samples, starts: Sequence[Mapping[WeightKey, Array]], progress: Progress
) -> Fitted:
    """Fit the weights `keys` to samples with labels or predictions; the model keeps the best values.

    Every fourth sample is held out; training stops when the loss on those no longer falls.
    """
    held = samples.part(slice(3, None, 4))
    used = samples.part(np.array([i for i in range(len(samples)) if i % 4 != 3]))
    variables = [rebuilt.variables[key] for key in keys]
    descent = _Descent(rebuilt.model, variables, used, held)
    best: tuple[float, list[Array]] | None = None
    before = float("inf")
    for done, start in enumerate(starts):
        progress("fitting", done, len(starts))
        for key, variable in zip(keys, variables, strict=True):
            set_value(variable, start[key])
        before = min(before, descent.held_out())
        loss, values = descent.run(seed=done)
        if best is None or loss < best[0]:
            best = (loss, values)
    assert best is not None
    for variable, value in zip(variables, best[1], strict=True):
        set_value(variable, value)
    return Fitted(dict(zip(keys, best[1], strict=True)), before, best[0], len(starts))


class _Descent:
    """Adam on some variables of a model, in two compiled functions: a step on some of the samples, the loss on those held out."""

    def __init__(self, model: keras.Model, variables: Sequence[keras.Variable], used: Samples, held: Samples) -> None:
        self._model, self._variables, self._size = model, list(variables), len(used)
        self._used, self._held = ((tuple(map(tf.constant, part.inputs)), goal(part, model.outputs)) for part in (used, held))
        self._optimizer = keras.optimizers.Adam(RATE)
        self._optimizer.build(self._variables)
        self._fresh = [np.asarray(variable) for variable in self._optimizer.variables]
        self._step = tf.function(self._one_step, autograph=False, input_signature=[tf.TensorSpec([None], tf.int32)])
        self._judge = tf.function(lambda: tf.reduce_mean(self._losses(*self._held)), autograph=False)

    def held_out(self) -> float:
        """Mean loss on the held-out samples for the model as it stands."""
        return float(self._judge())

    def run(self, seed: int) -> tuple[float, list[Array]]:
        """(the lowest loss on the held-out samples, the values that gave it), from where the variables stand."""
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            set_value(variable, value)
        order = np.random.default_rng(seed)
        best, waited = (float("inf"), [np.asarray(variable) for variable in self._variables]), 0
        for _ in range(STEPS):
            self._step(tf.constant(order.permutation(self._size)[:BATCH], tf.int32))
            loss = self.held_out()
            if loss < best[0]:
                best, waited = (loss, [np.asarray(variable) for variable in self._variables]), 0
            elif (waited := waited + 1) >= PATIENCE:
                break
        return best

    def _losses(self, inputs: Sequence[object], wanted: Goal, rows: object = None) -> Any:
        targets: Sequence[Any] = wanted.targets
        if rows is not None:
            inputs, targets = ([tf.gather(array, rows) for array in arrays] for arrays in (inputs, targets))
        outputs = self._model(inputs[0] if len(inputs) == 1 else list(inputs), training=False)
        return wanted.losses(list(keras.tree.flatten(outputs)), targets)

    def _one_step(self, rows: object) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self._losses(*self._used, rows))
        values = [variable.value for variable in self._variables]
        self._optimizer.apply(tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO), self._variables)
