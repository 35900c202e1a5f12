"""Functions of Keras 2's backend in Keras 3's operations: what layers are made of, and losses."""

from keras import ops


# ---- emitted from here on ----
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


def _K_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    return ops.categorical_crossentropy(target, output, from_logits, axis)


def _K_binary_crossentropy(target, output, from_logits=False):
    return ops.binary_crossentropy(target, output, from_logits)
