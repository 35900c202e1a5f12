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
    if data_format == "channels_first" and len(bias.shape) == 1:
        return x + ops.reshape(bias, (1, -1) + (1,) * (len(x.shape) - 2))
    return x + bias


def _K_conv3d(x, kernel, strides=(1, 1, 1), padding="valid", data_format=None, dilation_rate=(1, 1, 1)):
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def _K_conv2d_transpose(x, kernel, output_shape, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    made = ops.conv_transpose(x, kernel, strides, padding, None, data_format, dilation_rate)
    stated = output_shape[1:] if isinstance(output_shape, (list, tuple)) else ()
    if any(isinstance(size, int) and found not in (None, size) for size, found in zip(stated, made.shape[1:])):
        raise ValueError("conv2d_transpose here makes %s, the source asks for %s" % (tuple(made.shape), tuple(output_shape)))
    return made


def _K_depthwise_conv2d(x, depthwise_kernel, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    if data_format == "channels_first":  # which Keras up to 3.12 can't do without a GPU
        y = _K_depthwise_conv2d(ops.transpose(x, (0, 2, 3, 1)), depthwise_kernel, strides, padding, "channels_last", dilation_rate)
        return ops.transpose(y, (0, 3, 1, 2))
    return ops.depthwise_conv(x, depthwise_kernel, strides, padding, data_format, dilation_rate)


def _K_separable_conv1d(x, depthwise_kernel, pointwise_kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    return ops.separable_conv(x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate)


def _K_separable_conv2d(x, depthwise_kernel, pointwise_kernel, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1)):
    if data_format == "channels_first":  # as above
        last, rest = ops.transpose(x, (0, 2, 3, 1)), (strides, padding, "channels_last", dilation_rate)
        return ops.transpose(_K_separable_conv2d(last, depthwise_kernel, pointwise_kernel, *rest), (0, 3, 1, 2))
    return ops.separable_conv(x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate)


def _K_local_conv1d(inputs, kernel, kernel_size, strides, data_format=None):
    if data_format == "channels_first":
        raise ValueError("local_conv1d here takes channels_last")
    length, features, _ = (int(size) for size in kernel.shape)
    cut = [inputs[:, i * strides[0] : i * strides[0] + kernel_size[0]] for i in range(length)]
    return ops.einsum("bpk,pkf->bpf", ops.stack([ops.reshape(x, (-1, features)) for x in cut], 1), kernel)


def _K_local_conv2d(inputs, kernel, kernel_size, strides, output_shape, data_format=None):
    if data_format == "channels_first":
        raise ValueError("local_conv2d here takes channels_last")
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
    inner = [list(padding[0]), list(padding[1])]
    return ops.pad(x, [[0, 0], [0, 0]] + inner if data_format == "channels_first" else [[0, 0]] + inner + [[0, 0]])


def _K_batch_normalization(x, mean, var, beta, gamma, axis=-1, epsilon=1e-3):
    scaled = (x - mean) * ops.rsqrt(var + epsilon)
    scaled = scaled if gamma is None else scaled * gamma
    return scaled if beta is None else scaled + beta


def _K_rnn(step_function, inputs, initial_states, go_backwards=False, mask=None, constants=None, unroll=False, input_length=None):
    """At a masked step Keras 2 gives the first state, and today's Keras the output before."""
    from keras.src import backend

    def step(x, states):
        output, new_states = step_function(x, list(states) + list(constants or []))
        return output, list(new_states)

    def masked_step(given, states):
        output, new_states = step(given[..., :-1], states)
        there = ops.max(given[..., -1:], axis=tuple(range(1, len(given.shape) - 1)), keepdims=True) > 0
        return ops.where(there, output, states[0]), [ops.where(there, new, old) for new, old in zip(new_states, states)]

    if mask is not None:  # one feature more, since today's rnn takes a single tensor
        mask = ops.cast(mask if len(mask.shape) == 2 else mask[..., 0], inputs.dtype)
        for _ in range(len(inputs.shape) - 2):
            mask = ops.expand_dims(mask, -1)
        inputs = ops.concatenate([inputs, ops.ones_like(inputs[..., :1]) * mask], -1)
    chosen = step if mask is None else masked_step
    last, outputs, states = backend.rnn(chosen, inputs, list(initial_states), go_backwards, unroll=unroll)
    return last, outputs, list(states)


def _K_map_fn(fn, elems, name=None, dtype=None):
    return ops.map(fn, elems)


def _K_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    return ops.categorical_crossentropy(target, output, from_logits, axis)


def _K_binary_crossentropy(target, output, from_logits=False):
    return ops.binary_crossentropy(target, output, from_logits)
