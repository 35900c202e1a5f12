"""Products of tensors, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

from keras import ops

from layerfix.graph.tensors import Axis, Tensor


def K_dot(x: Tensor, y: Tensor) -> Tensor:
    if len(x.shape) == 2 and len(y.shape) == 2:
        return ops.matmul(x, y)
    return ops.tensordot(x, y, axes=[[len(x.shape) - 1], [max(len(y.shape) - 2, 0)]])


def K_batch_dot(x: Tensor, y: Tensor, axes: Axis = None) -> Tensor:
    """Up to rank 3, where every release agrees; Keras 2.3 gave higher ranks another meaning.

    Of two matrices without axes Keras before 2.3 could make something only where there are as many samples as features: no model has that.
    """
    first, second = len(x.shape), len(y.shape)
    if not (first in (2, 3) and second in (2, 3)):
        raise ValueError(f"batch_dot of tensors of {first} and {second} dimensions had two meanings")
    if axes is None:
        axes = [first - 1, max(second - 2, 1)]
    one, two = [axes, axes] if isinstance(axes, int) else axes
    one, two = one % first, two % second
    if one == 0 or two == 0:
        raise ValueError("batch_dot over the batch had two meanings")
    if first == 2 and second == 2:
        return ops.sum(x * y, axis=1, keepdims=True)
    left = "bk" if first == 2 else "bik" if one == 2 else "bki"
    right = "bk" if second == 2 else "bjk" if two == 2 else "bkj"
    return ops.einsum(f"{left},{right}->b{'i' if first == 3 else ''}{'j' if second == 3 else ''}", x, y)


def tf_einsum(equation: str, *inputs: Tensor) -> Tensor:
    return ops.einsum(equation, *inputs)


def tf_matmul(a: Tensor, b: Tensor, transpose_a: bool = False, transpose_b: bool = False) -> Tensor:
    left = ops.swapaxes(a, -1, -2) if transpose_a else a
    right = ops.swapaxes(b, -1, -2) if transpose_b else b
    return ops.matmul(left, right)


def tf_tensordot(a: Tensor, b: Tensor, axes: Axis) -> Tensor:
    return ops.tensordot(a, b, axes=axes)
