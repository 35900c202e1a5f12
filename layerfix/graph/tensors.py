"""What annotations call tensors. Keras and TensorFlow state no types, so that a type checker takes these for Any; readers need not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import keras
import tensorflow as tf

Tensor: TypeAlias = keras.KerasTensor | tf.Tensor
"""Symbolic where a model is built, eager where it runs."""
Held: TypeAlias = Tensor | keras.Variable
"""What legacy source hands to `keras.backend`: tensors and variables, and numbers and arrays that become tensors there."""
Dtype: TypeAlias = str | tf.DType | None
"""A type by its name, or TensorFlow's; None for that of Keras."""
Axis: TypeAlias = int | Sequence[int] | None
"""One axis, several, or all of them."""
Shape: TypeAlias = Sequence[int | None]
"""Sizes, None where one is open."""
Size: TypeAlias = int | Sequence[int]
"""Of a window: one number for all axes, or one for each."""
Pairs: TypeAlias = Sequence[Sequence[int]]
"""(before, after) for each axis."""
Bound: TypeAlias = Tensor | float | None
"""A limit; None for none."""
Nested: TypeAlias = Tensor | float | Sequence[object]
"""What becomes a tensor: one, a number, or numbers in lists."""
