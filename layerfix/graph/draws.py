"""The same random numbers for two models that draw when they predict, as the sampling layer of a variational autoencoder does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import tensorflow as tf

from layerfix.graph.tensors import Dtype, Shape

_SEED = 2018


@contextmanager
def same_draws() -> Iterator[None]:
    """Within it TensorFlow's functions draw the same numbers each time it is entered, whichever of them a model calls: Keras 3's own draws
    are stateless ones with a seed of its generator, those of `keras.backend` and of most user code are not.
    """
    with ExitStack() as stack:
        for name, function in _stand_ins(np.random.default_rng(_SEED)).items():
            stack.enter_context(patch.object(tf.random, name, function))
        yield


def _stand_ins(source: np.random.Generator) -> dict[str, Callable[..., tf.Tensor]]:
    """By the name in `tf.random`; a truncated draw is cut at two deviations here, not drawn again."""

    def normals(shape: Shape, mean: float = 0.0, stddev: float = 1.0, dtype: Dtype = None, **_: object) -> tf.Tensor:
        return tf.cast(source.standard_normal(_sizes(shape)) * np.asarray(stddev) + np.asarray(mean), dtype or tf.float32)

    def truncated(shape: Shape, mean: float = 0.0, stddev: float = 1.0, dtype: Dtype = None, **_: object) -> tf.Tensor:
        return tf.cast(np.clip(source.standard_normal(_sizes(shape)), -2, 2) * np.asarray(stddev) + np.asarray(mean), dtype or tf.float32)

    def uniforms(shape: Shape, minval: Any = 0, maxval: Any = None, dtype: Dtype = None, **_: object) -> tf.Tensor:
        low, high = np.asarray(minval), np.asarray(1 if maxval is None else maxval)
        return tf.cast(low + (high - low) * source.random(_sizes(shape)), dtype or tf.float32)

    plain: dict[str, Callable[..., tf.Tensor]] = {"normal": normals, "truncated_normal": truncated, "uniform": uniforms}
    return {**plain, **{f"stateless_{name}": _seeded(function) for name, function in plain.items()}}


def _seeded(function: Callable[..., tf.Tensor]) -> Callable[..., tf.Tensor]:
    def drawn(shape: Shape, seed: object, *given: Any, **named: Any) -> tf.Tensor:
        return function(shape, *given, **named)

    return drawn


def _sizes(shape: Shape) -> tuple[int, ...]:
    return tuple(int(size) for size in np.ravel(np.asarray(shape)))
