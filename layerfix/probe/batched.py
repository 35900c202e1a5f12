"""Evaluate a model under many candidates for one hidden kernel at once.

Only the sublayer that holds the kernel differs between candidates. Its input is computed once; its output is one matrix product for a
whole batch of candidates, and is put in place of the sublayer's call while the rest of the graph runs on the enlarged batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.probe.phases import instead, normalising
from layerfix.probe.program import Program, Slot


class Batched:
    """A part of a program from the inputs of one custom layer to `targets`, ready for batches of candidates.

    Args:
        program: the unfolded model.
        known: values of slots computed for the samples: tensors with the samples first.
        targets: slots to observe.
        sublayer: the Dense or convolution that holds the kernel.
        shape: the kernel's.
        by_batch: normalisations that go by the batch, each candidate's by itself.

    Attributes:
        patches: what each output position of the sublayer sees, call by call.
    """

    def __init__(
        self,
        program: Program,
        known: dict[Slot, Any],
        targets: Sequence[Slot],
        sublayer: keras.layers.Layer,
        shape: tuple[int, ...],
        by_batch: Sequence[Any] = (),
    ) -> None:
        self._program, self._known, self._targets, self._sublayer, self._shape = program, known, tuple(targets), sublayer, shape
        self._by_batch = list(by_batch)
        self.patches = [_patches(sublayer, given, shape) for given in self._record()]
        self._run = tf.function(self._outputs, autograph=False, reduce_retracing=True)

    def __call__(self, kernels: NDArray[np.float32], samples: Sequence[int]) -> list[Array]:
        """The targets for each candidate: arrays of shape (candidates, samples, ...).

        Args:
            kernels: (candidates, elements of the kernel).
            samples: which of the samples to use.
        """
        chosen = tf.constant(list(samples), tf.int32)
        found = self._run(tf.convert_to_tensor(kernels), chosen)
        return [np.asarray(value) for value in found]

    def _record(self) -> list[Any]:
        """What the sublayer is called with, call by call."""
        seen: list[Any] = []

        def call(inputs: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append(inputs)
            return original(inputs, *args, **kwargs)

        original = self._sublayer.call
        with instead(self._sublayer, call), normalising(self._by_batch):
            self._program.run(self._known, self._targets)
        return seen

    def _outputs(self, kernels: Any, chosen: Any) -> list[Any]:
        count, taken = tf.shape(kernels)[0], tf.shape(chosen)[0]
        pending = iter([self._sublayer_output(tf.gather(patches, chosen), kernels) for patches in self.patches])
        known = {slot: _tiled(tf.gather(value, chosen), count) for slot, value in self._known.items()}
        with instead(self._sublayer, lambda *args, **kwargs: next(pending)), normalising(self._by_batch, count):
            found = self._program.run(known, self._targets)
        return [tf.reshape(value, tf.concat([[count, taken], tf.shape(value)[1:]], 0)) for value in found]

    def _sublayer_output(self, patches: Any, kernels: Any) -> Any:
        """(samples, ..., inputs) x (candidates, inputs * units) -> (candidates * samples, ..., units)."""
        units = self._shape[-1]
        flat = tf.reshape(patches, [-1, patches.shape[-1]])
        matrices = tf.reshape(kernels, [-1, patches.shape[-1], units])
        product = tf.matmul(flat[None], matrices)
        shape = tf.concat([[tf.shape(kernels)[0] * tf.shape(patches)[0]], tf.shape(patches)[1:-1], [units]], 0)
        output = tf.ensure_shape(tf.reshape(product, shape), [None, *patches.shape[1:-1], units])
        if getattr(self._sublayer, "use_bias", False):
            output = output + tf.convert_to_tensor(self._sublayer.bias)
        activation = getattr(self._sublayer, "activation", None)
        return activation(output) if activation is not None else output


def supports(sublayer: keras.layers.Layer, shape: tuple[int, ...]) -> bool:
    """Whether a sublayer's output is one matrix product: Dense, or a plain convolution with channels last."""
    if isinstance(sublayer, keras.layers.Dense):
        return len(shape) == 2
    plain = isinstance(sublayer, keras.layers.Conv1D | keras.layers.Conv2D | keras.layers.Conv3D)
    return plain and sublayer.data_format == "channels_last" and getattr(sublayer, "groups", 1) == 1 and sublayer.padding != "causal"


def _patches(sublayer: keras.layers.Layer, inputs: Any, shape: tuple[int, ...]) -> Any:
    """What each output position sees, as one row: an identity convolution lays it out just as the kernel is."""
    if isinstance(sublayer, keras.layers.Dense):
        return inputs
    size = int(np.prod(shape[:-1]))
    identity = np.eye(size, dtype=np.float32).reshape(*shape[:-1], size)
    return keras.ops.conv(
        inputs,
        identity,
        strides=list(sublayer.strides),
        padding=sublayer.padding,
        data_format="channels_last",
        dilation_rate=sublayer.dilation_rate,
    )


def _tiled(value: Any, count: Any) -> Any:
    """The samples once for each candidate, candidates outermost."""
    repeats = tf.concat([[count], tf.ones([tf.rank(value) - 1], tf.int32)], 0)
    return tf.ensure_shape(tf.tile(value, repeats), [None, *value.shape[1:]])
