"""Functions of legacy `keras.backend` on `keras.ops` (keras 2.2.4, backend/tensorflow_backend.py); a file gets those it uses."""

import keras
from keras import ops

from layerfix.emit.runtime.keras3 import _hard_sigmoid
from layerfix.emit.runtime.recording import _remembered


# ---- emitted from here on ----
def _K_expand_dims(x, axis=-1):
    return ops.expand_dims(x, axis)


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


def _K_relu(x, alpha=0.0, max_value=None):
    return keras.activations.relu(x, negative_slope=alpha, max_value=max_value)


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
    return ops.flip(x, axes)


def _K_gather(reference, indices):
    return ops.take(reference, ops.cast(indices, "int32"), axis=0)


def _K_arange(start, stop=None, step=1, dtype="int32"):
    return ops.arange(start, stop, step, dtype=dtype)


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


def _K_variable(value, dtype=None, name=None, constraint=None):
    dtype = dtype or keras.config.floatx()
    return _remembered(lambda: keras.Variable(ops.convert_to_tensor(value, dtype), dtype=dtype, name=name), "_own")


def _K_zeros(shape, dtype=None, name=None):
    return _K_variable(ops.zeros(shape), dtype, name)


def _K_ones(shape, dtype=None, name=None):
    return _K_variable(ops.ones(shape), dtype, name)


def _K_random_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    return keras.random.normal(shape, mean, stddev, dtype, seed)


def _K_random_uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    return keras.random.uniform(shape, minval, maxval, dtype, seed)


def _K_in_train_phase(x, alt, training=None):
    chosen = x if (_K_learning_phase() if training is None else training) else alt
    return chosen() if callable(chosen) else chosen


def _K_name_scope(name):
    return keras.name_scope(name)


def _K_temporal_padding(x, padding=(1, 1)):
    return ops.pad(x, [[0, 0], list(padding), [0, 0]])


def _K_conv1d(x, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    if padding == "causal":
        x, padding = ops.pad(x, [[0, 0], [dilation_rate * (int(kernel.shape[0]) - 1), 0], [0, 0]]), "valid"
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def _K_conv2d(x, kernel, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def _K_bias_add(x, bias, data_format=None):
    return x + bias


def _K_conv3d(x, kernel, strides=(1, 1, 1), padding="valid", data_format=None, dilation_rate=(1, 1, 1)):
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def _K_conv2d_transpose(x, kernel, output_shape, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    return ops.conv_transpose(x, kernel, strides, padding, None, data_format, dilation_rate)


def _K_depthwise_conv2d(x, kernel, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    return ops.depthwise_conv(x, kernel, strides, padding, data_format, dilation_rate)


def _K_separable_conv1d(x, depthwise, pointwise, strides=1, padding="valid", data_format=None, dilation_rate=1):
    return ops.separable_conv(x, depthwise, pointwise, strides, padding, data_format, dilation_rate)


def _K_separable_conv2d(x, depthwise, pointwise, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    return ops.separable_conv(x, depthwise, pointwise, strides, padding, data_format, dilation_rate)


def _K_local_conv1d(inputs, kernel, kernel_size, strides, data_format=None):
    length, features, _ = (int(size) for size in kernel.shape)
    cut = [inputs[:, i * strides[0] : i * strides[0] + kernel_size[0]] for i in range(length)]
    return ops.einsum("bpk,pkf->bpf", ops.stack([ops.reshape(x, (-1, features)) for x in cut], 1), kernel)


def _K_local_conv2d(inputs, kernel, kernel_size, strides, output_shape, data_format=None):
    (rows, columns), (height, width), (down, right) = output_shape, kernel_size, strides
    places = [(i * down, j * right) for i in range(rows) for j in range(columns)]
    cut = [ops.reshape(inputs[:, i : i + height, j : j + width], (-1, int(kernel.shape[1]))) for i, j in places]
    return ops.reshape(ops.einsum("bpk,pkf->bpf", ops.stack(cut, 1), kernel), (-1, rows, columns, int(kernel.shape[2])))


def _K_pool2d(x, pool_size, strides=(1, 1), padding="valid", data_format=None, pool_mode="max"):
    return (ops.max_pool if pool_mode == "max" else ops.average_pool)(x, pool_size, strides, padding, data_format)


def _K_pool3d(x, pool_size, strides=(1, 1, 1), padding="valid", data_format=None, pool_mode="max"):
    return (ops.max_pool if pool_mode == "max" else ops.average_pool)(x, pool_size, strides, padding, data_format)


def _K_resize_images(x, height_factor, width_factor, data_format="channels_last", interpolation="nearest"):
    if interpolation != "nearest" or data_format == "channels_first":
        raise ValueError("resize_images here takes channels_last and nearest")
    return ops.repeat(ops.repeat(x, height_factor, axis=1), width_factor, axis=2)


def _K_spatial_2d_padding(x, padding=((1, 1), (1, 1)), data_format=None):
    return ops.pad(x, [[0, 0], list(padding[0]), list(padding[1]), [0, 0]])


def _K_batch_normalization(x, mean, var, beta, gamma, axis=-1, epsilon=1e-3):
    scaled = (x - mean) * ops.rsqrt(var + epsilon)
    scaled = scaled if gamma is None else scaled * gamma
    return scaled if beta is None else scaled + beta


def _K_rnn(step_function, inputs, initial_states, go_backwards=False, mask=None, constants=None, unroll=False, input_length=None):
    from keras.src import backend

    def step(x, states):
        output, new_states = step_function(x, list(states) + list(constants or []))
        return output, list(new_states)

    last, outputs, states = backend.rnn(step, inputs, list(initial_states), go_backwards, mask, unroll=unroll)
    return last, outputs, list(states)


def _K_map_fn(fn, elems, name=None, dtype=None):
    return ops.map(fn, elems)


def _K_slice(x, start, size):
    return ops.slice(x, start, size)


def _K_eye(size, dtype=None, name=None):
    return _K_variable(ops.eye(*(size if isinstance(size, tuple) else (size,))), dtype, name)


def _K_random_uniform_variable(shape, low, high, dtype=None, name=None, seed=None):
    return _K_variable(keras.random.uniform(shape, low, high, seed=seed), dtype, name)


def _K_random_normal_variable(shape, mean, scale, dtype=None, name=None, seed=None):
    return _K_variable(keras.random.normal(shape, mean, scale, seed=seed), dtype, name)


def _K_truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    return keras.random.truncated_normal(shape, mean, stddev, dtype, seed)


def _K_random_binomial(shape, p=0.0, dtype=None, seed=None):
    return ops.cast(keras.random.uniform(shape, seed=seed) <= p, dtype or keras.config.floatx())


def _K_dropout(x, level, noise_shape=None, seed=None):
    return keras.random.dropout(x, level, noise_shape, seed)


def _K_learning_phase():
    from keras.src.backend.common import global_state

    context = global_state.get_global_attribute("current_call_ctx")
    return int(bool(context is not None and context.get_value("training", False)))


def _K_in_test_phase(x, alt, training=None):
    return _K_in_train_phase(alt, x, training)


def _K_get_value(x):
    return ops.convert_to_numpy(x)


def _K_eval(x):
    return ops.convert_to_numpy(x)


def _K_set_value(x, value):
    x.assign(value)


def _K_cast_to_floatx(x):
    return ops.convert_to_numpy(ops.cast(x, keras.config.floatx()))


def _K_count_params(x):
    total = 1
    for size in x.shape:
        total *= int(size)
    return total


def _K_is_keras_tensor(x):
    return ops.is_tensor(x)


def _K_get_variable_shape(x):
    return tuple(x.shape)


def _K_pack(x, axis=0):
    return ops.stack(x, axis)


def _K_image_dim_ordering():
    return "tf"


def _K_update(x, new_x):
    return new_x


def _K_update_add(x, increment):
    return x + increment


def _K_update_sub(x, decrement):
    return x - decrement


def _K_moving_average_update(x, value, momentum):
    return x * momentum + value * (1.0 - momentum)


def _K_print_tensor(x, message=""):
    return x


def _K_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    return ops.categorical_crossentropy(target, output, from_logits, axis)


def _K_binary_crossentropy(target, output, from_logits=False):
    return ops.binary_crossentropy(target, output, from_logits)
