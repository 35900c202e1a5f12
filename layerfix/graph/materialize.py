"""The value of a stream, made by TensorFlow's own ops: the last word on what a weight was filled with."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.initializers import Stream
from layerfix.rng.streams import effective_seeds


def materialize(stream: Stream, shape: Sequence[int], graph_seed: int, op_seed: int) -> NDArray[np.float32]:
    """What legacy Keras on TensorFlow 1.x filled a weight of that shape with.

    A fresh graph and session each time: an eager random kernel is cached, and its counter moves on at the second call.

    Args:
        stream: a uniform, normal or truncated normal stream.
        shape: of the weight.
        graph_seed: `tf.set_random_seed` of the script, 87654321 where it set none.
        op_seed: what the initializer drew from numpy, or its own `seed`.

    Returns:
        float32 array of that shape, bit for bit.

    Raises:
        ValueError: for any other kind of stream.
    """
    import tensorflow as tf

    ops = {"uniform": tf.raw_ops.RandomUniform, "normal": tf.raw_ops.RandomStandardNormal, "truncated_normal": tf.raw_ops.TruncatedNormal}
    if stream.kind not in ops:
        raise ValueError(f"a {stream.kind} stream is not drawn by TensorFlow")
    if math.prod(shape) == 0:
        return np.zeros(tuple(shape), np.float32)
    if stream.kind == "uniform":
        scale, offset = np.float32(stream.high) - np.float32(stream.low), np.float32(stream.low)
    else:
        scale, offset = np.float32(stream.stddev), np.float32(stream.mean)
    on_cpu = tf.compat.v1.ConfigProto(device_count={"GPU": 0})  # a GPU's kernels lay the stream out differently
    first, second = effective_seeds(graph_seed, op_seed)
    with tf.Graph().as_default(), tf.compat.v1.Session(config=on_cpu) as session:
        raw = ops[stream.kind](shape=tf.constant(tuple(shape), tf.int32), dtype=tf.float32, seed=first, seed2=second)
        value = session.run(raw)
    return np.asarray(value * scale + offset, np.float32)
