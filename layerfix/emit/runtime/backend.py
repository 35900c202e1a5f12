"""Functions of Keras 2's backend in Keras 3's operations: numbers and shapes."""

import keras
from keras import ops

from layerfix.emit.runtime.keras3 import _hard_sigmoid


# ---- emitted from here on ----
def _K_expand_dims(x, axis=-1):
    return ops.expand_dims(x, axis)


def _K_equal(x, y):
    return ops.equal(x, y)


def _K_not_equal(x, y):
    return ops.not_equal(x, y)


def _K_greater(x, y):
    return ops.greater(x, y)


def _K_greater_equal(x, y):
    return ops.greater_equal(x, y)


def _K_less(x, y):
    return ops.less(x, y)


def _K_less_equal(x, y):
    return ops.less_equal(x, y)


def _K_maximum(x, y):
    return ops.maximum(x, y)


def _K_minimum(x, y):
    return ops.minimum(x, y)


def _K_one_hot(indices, num_classes):
    return ops.one_hot(indices, num_classes)


def _K_ones_like(x, dtype=None, name=None):
    return ops.ones_like(x, dtype)


def _K_zeros_like(x, dtype=None, name=None):
    return ops.zeros_like(x, dtype)


def _K_reshape(x, shape):
    return ops.reshape(x, shape)


def _K_tile(x, n):
    return ops.tile(x, n)


def _K_stop_gradient(variables):
    return ops.stop_gradient(variables)


def _K_concatenate(tensors, axis=-1):
    return ops.concatenate(tensors, axis)


def _K_argmax(x, axis=-1):
    return ops.argmax(x, axis)


def _K_argmin(x, axis=-1):
    return ops.argmin(x, axis)


def _K_cumsum(x, axis=0):
    return ops.cumsum(x, axis)


def _K_cumprod(x, axis=0):
    return ops.cumprod(x, axis)


def _K_clip(x, min_value, max_value):
    return ops.clip(x, min_value, float("inf") if max_value is None else max_value)


def _K_floatx():
    return keras.config.floatx()


def _K_epsilon():
    return keras.config.epsilon()


def _K_image_data_format():
    return "channels_last"


def _K_backend():
    return keras.config.backend()


def _K_int_shape(x):
    return tuple(x.shape)


def _K_ndim(x):
    return len(x.shape)


def _K_dtype(x):
    return keras.backend.standardize_dtype(x.dtype)


def _K_pow(x, a):
    return ops.power(x, a)


def _K_sqrt(x):
    return ops.sqrt(ops.maximum(x, 0.0))


def _K_relu(x, alpha=0.0, max_value=None, threshold=0.0):
    above = ops.where(x > threshold, x, ops.zeros_like(x))
    above = above if max_value is None else ops.clip(above, 0.0, max_value)
    return above - alpha * ops.relu(threshold - x) if alpha else above


def _K_hard_sigmoid(x):
    return _hard_sigmoid(x)


def _K_l2_normalize(x, axis=None):
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12))


def _K_permute_dimensions(x, pattern):
    return ops.transpose(x, pattern)


def _K_flatten(x):
    return ops.reshape(x, (-1,))


def _K_batch_flatten(x):
    return ops.reshape(x, (ops.shape(x)[0], -1))


def _K_repeat(x, n):
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def _K_repeat_elements(x, rep, axis):
    return ops.repeat(x, rep, axis=axis)


def _K_reverse(x, axes):
    # One after the other: Keras up to 3.12 takes a single axis.
    for axis in (axes,) if isinstance(axes, int) else axes:
        x = ops.flip(x, axis)
    return x


def _K_gather(reference, indices):
    return ops.take(reference, ops.cast(indices, "int32"), axis=0)


def _K_arange(start, stop=None, step=1, dtype="int32"):
    whole = all(isinstance(part, int) for part in (start, step, stop or 0))
    return ops.arange(start, stop, step, dtype=dtype if whole or dtype != "int32" else "float32")


def _K_constant(value, dtype=None, shape=None, name=None):
    made = ops.convert_to_tensor(value, dtype or keras.config.floatx())
    return made if shape is None else ops.broadcast_to(made, shape)


def _K_identity(x, name=None):
    return x


def _K_switch(condition, then_expression, else_expression):
    then, other = (item() if callable(item) else item for item in (then_expression, else_expression))
    while len(condition.shape) < len(then.shape):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, then, other)


def _K_dot(x, y):
    rank = len(y.shape)
    return ops.tensordot(x, y, axes=[[len(x.shape) - 1], [max(rank - 2, 0)]])


def _K_batch_dot(x, y, axes=None):
    """Keras 2's: sums element by element for matrices, a product with transposed sides for more dimensions."""
    x_rank, y_rank = len(x.shape), len(y.shape)
    axes = (axes, axes) if isinstance(axes, int) else axes
    axes = (1, 1) if axes is None and x_rank == y_rank == 2 else axes
    axes = (x_rank - 1, y_rank - 2) if axes is None else tuple(axis % rank for axis, rank in zip(axes, (x_rank, y_rank)))
    if x_rank == 2 and y_rank == 2:
        x = x if axes[0] == axes[1] else ops.transpose(x)
        return ops.sum(x * y, axis=axes[0] if axes[0] == axes[1] else axes[1], keepdims=True)
    for _ in range(x_rank - y_rank):
        y = ops.expand_dims(y, -1)
    for _ in range(y_rank - x_rank):
        x = ops.expand_dims(x, -1)
    rank = max(x_rank, y_rank)
    x = x if axes[0] == rank - 1 else ops.swapaxes(x, -1, -2)
    y = ops.swapaxes(y, -1, -2) if axes[1] == rank - 1 else y
    out = ops.matmul(x, y)
    first = x_rank + y_rank - 3 if x_rank > y_rank else x_rank - 1
    return ops.squeeze(out, tuple(range(first, first + abs(x_rank - y_rank)))) if x_rank != y_rank else out


def _K_slice(x, start, size):
    return ops.slice(x, start, size)


def _K_cast_to_floatx(x):
    return ops.convert_to_numpy(ops.cast(x, keras.config.floatx()))


def _K_pack(x, axis=0):
    return ops.stack(x, axis)


def _K_image_dim_ordering():
    return "tf"
