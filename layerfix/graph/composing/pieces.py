"""The pieces of compositions: layers that every Keras has, with weights that are constants."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike

LARGEST = 1 << 22
"""Numbers in a kernel that only carries a few over: 16 MiB."""
FEW = 64
"""Channels up to which a diagonal kernel is no waste."""


class Unfit(Exception):  # noqa: N818
    """That a composition does not suit a tensor: its size is not known, or its constants would be too large."""


@dataclass(slots=True)
class Pieces:
    """Makes the pieces of one composed layer, each under a name of its own.

    Attributes:
        name: of the layer or operation that is composed.
    """

    name: str
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def named(self, word: str) -> str:
        """A name that no other piece has."""
        return f"{self.name}_{word}_{next(self._numbers)}"

    def mapped(self, x: keras.KerasTensor, kernel: ArrayLike, bias: ArrayLike | None = None) -> keras.KerasTensor:
        """x @ kernel + bias over the last axis: a Dense that is not trained.

        Raises:
            Unfit: where the last axis is unknown or the kernel too large.
        """
        kernel = np.asarray(kernel, np.float32)
        if x.shape[-1] is None or kernel.size > LARGEST:
            raise Unfit
        dense = layers.Dense(kernel.shape[-1], use_bias=bias is not None, trainable=False, name=self.named("dense"))
        y = dense(x)
        dense.set_weights([kernel] if bias is None else [kernel, np.broadcast_to(np.asarray(bias, np.float32), kernel.shape[-1:])])
        return y

    def scaled(self, x: keras.KerasTensor, scale: ArrayLike, offset: ArrayLike = 0.0) -> keras.KerasTensor:
        """x * scale + offset, each a number or one per channel of the last axis. Zeros beside the diagonal add nothing."""
        channels = x.shape[-1]
        bias = None if not np.any(offset) else offset
        if np.size(scale) == np.size(offset) == 1 and (channels is None or channels > FEW):
            apart = self.shaped(x, (*x.shape[1:], 1))
            return self.shaped(self.mapped(apart, np.reshape(scale, (1, 1)), bias), x.shape[1:])
        if channels is None or channels * channels > LARGEST:
            raise Unfit
        return self.mapped(x, np.diag(np.broadcast_to(np.asarray(scale, np.float32), (channels,))), bias)

    def constant(self, x: keras.KerasTensor, value: ArrayLike) -> keras.KerasTensor:
        """A vector at every place of x's last axis, whatever numbers x holds."""
        if x.shape[-1] is None:
            raise Unfit
        value = np.atleast_1d(np.asarray(value, np.float32))
        return self.mapped(x, np.zeros((x.shape[-1], len(value))), value)

    def activated(self, x: keras.KerasTensor, activation: str) -> keras.KerasTensor:
        """An activation that every Keras has."""
        return layers.Activation(activation, name=self.named(activation))(x)

    def clipped(self, x: keras.KerasTensor, top: float) -> keras.KerasTensor:
        """Between 0 and `top`."""
        return layers.ReLU(top, name=self.named("clip"))(x)

    def shaped(self, x: keras.KerasTensor, shape: Sequence[int | None]) -> keras.KerasTensor:
        """Another shape, without the batch; one dimension may be unknown. Raises Unfit where more are."""
        if list(shape).count(None) > 1:
            raise Unfit
        if tuple(x.shape[1:]) == tuple(shape):
            return x
        return layers.Reshape([-1 if size is None else size for size in shape], name=self.named("reshape"))(x)

    def permuted(self, x: keras.KerasTensor, axes: Sequence[int]) -> keras.KerasTensor:
        """Axes in another order, counted from 1."""
        return layers.Permute(tuple(axes), name=self.named("permute"))(x)

    def times(self, x: keras.KerasTensor, y: keras.KerasTensor) -> keras.KerasTensor:
        """The product, number by number; dimensions of 1 are stretched."""
        return layers.Multiply(name=self.named("multiply"))([x, y])

    def minus(self, x: keras.KerasTensor, y: keras.KerasTensor) -> keras.KerasTensor:
        """The difference."""
        return layers.Subtract(name=self.named("subtract"))([x, y])

    def plus(self, *terms: keras.KerasTensor) -> keras.KerasTensor:
        """The sum."""
        return layers.Add(name=self.named("add"))(list(terms)) if len(terms) > 1 else terms[0]

    def joined(self, parts: Sequence[keras.KerasTensor], axis: int = -1) -> keras.KerasTensor:
        """One behind the other."""
        return layers.Concatenate(axis, name=self.named("concatenate"))(list(parts)) if len(parts) > 1 else parts[0]

    def dotted(self, x: keras.KerasTensor, y: keras.KerasTensor, axes: tuple[int, int], *, normalize: bool = False) -> keras.KerasTensor:
        """A product of matrices, of which the batch has many."""
        return layers.Dot(axes, normalize=normalize, name=self.named("dot"))([x, y])
