"""Functions of legacy `keras.backend` on `keras.ops`, as text: an emitted file gets those it uses.

Copied behaviour: keras 2.2.4, backend/tensorflow_backend.py.
"""

from __future__ import annotations

SAME = frozenset(
    [
        "abs", "all", "any", "cast", "cos", "equal", "exp", "floor",
        "greater", "greater_equal", "less", "less_equal", "log", "logsumexp", "max", "maximum", "mean", "min",
        "minimum", "not_equal", "ones_like",
        "power", "prod", "round", "shape", "sigmoid", "sign", "sin", "softmax", "softplus", "softsign", "square", "squeeze", "stack",
        "std", "stop_gradient", "sum", "tan", "tanh", "tile", "var", "zeros_like", "elu", "transpose", "reshape", "one_hot",
    ]
)  # fmt: skip

WRITTEN = {
    "expand_dims": "def expand_dims(x, axis=-1):\n    return ops.expand_dims(x, axis)",
    "concatenate": "def concatenate(tensors, axis=-1):\n    return ops.concatenate(tensors, axis)",
    "argmax": "def argmax(x, axis=-1):\n    return ops.argmax(x, axis)",
    "argmin": "def argmin(x, axis=-1):\n    return ops.argmin(x, axis)",
    "cumsum": "def cumsum(x, axis=0):\n    return ops.cumsum(x, axis)",
    "cumprod": "def cumprod(x, axis=0):\n    return ops.cumprod(x, axis)",
    "clip": "def clip(x, min_value, max_value):\n    return ops.clip(x, min_value, float('inf') if max_value is None else max_value)",
    "floatx": "def floatx():\n    return keras.config.floatx()",
    "epsilon": "def epsilon():\n    return keras.config.epsilon()",
    "image_data_format": "def image_data_format():\n    return 'channels_last'",
    "backend": "def backend():\n    return keras.config.backend()",
    "int_shape": "def int_shape(x):\n    return tuple(x.shape)",
    "ndim": "def ndim(x):\n    return len(x.shape)",
    "dtype": "def dtype(x):\n    return keras.backend.standardize_dtype(x.dtype)",
    "pow": "def pow(x, a):\n    return ops.power(x, a)",
    "sqrt": "def sqrt(x):\n    return ops.sqrt(ops.maximum(x, 0.0))",
    "relu": "def relu(x, alpha=0.0, max_value=None):\n    return keras.activations.relu(x, negative_slope=alpha, max_value=max_value)",
    "hard_sigmoid": "def hard_sigmoid(x):\n    return _hard_sigmoid(x)",
    "l2_normalize": "def l2_normalize(x, axis=None):\n"
    "    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12))",
    "permute_dimensions": "def permute_dimensions(x, pattern):\n    return ops.transpose(x, pattern)",
    "flatten": "def flatten(x):\n    return ops.reshape(x, (-1,))",
    "batch_flatten": "def batch_flatten(x):\n    return ops.reshape(x, (ops.shape(x)[0], -1))",
    "repeat": "def repeat(x, n):\n    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)",
    "repeat_elements": "def repeat_elements(x, rep, axis):\n    return ops.repeat(x, rep, axis=axis)",
    "reverse": "def reverse(x, axes):\n    return ops.flip(x, axes)",
    "gather": "def gather(reference, indices):\n    return ops.take(reference, ops.cast(indices, 'int32'), axis=0)",
    "arange": "def arange(start, stop=None, step=1, dtype='int32'):\n    return ops.arange(start, stop, step, dtype=dtype)",
    "constant": "def constant(value, dtype=None, shape=None, name=None):\n"
    "    made = ops.convert_to_tensor(value, dtype or keras.config.floatx())\n"
    "    return made if shape is None else ops.broadcast_to(made, shape)",
    "identity": "def identity(x, name=None):\n    return x",
    "switch": "def switch(condition, then_expression, else_expression):\n"
    "    then, other = (item() if callable(item) else item for item in (then_expression, else_expression))\n"
    "    while len(condition.shape) < len(then.shape):\n        condition = ops.expand_dims(condition, -1)\n"
    "    return ops.where(condition, then, other)",
    "dot": "def dot(x, y):\n    rank = len(y.shape)\n    return ops.tensordot(x, y, axes=[[len(x.shape) - 1], [max(rank - 2, 0)]])",
    "batch_dot": "def batch_dot(x, y, axes=None):\n"
    '    """Keras 2\'s: sums element by element for matrices, a product with transposed sides for more dimensions."""\n'
    "    x_rank, y_rank = len(x.shape), len(y.shape)\n"
    "    axes = (axes, axes) if isinstance(axes, int) else axes\n"
    "    axes = (x_rank - 1, y_rank - 2) if axes is None else tuple(axis % rank for axis, rank in zip(axes, (x_rank, y_rank)))\n"
    "    if x_rank == 2 and y_rank == 2:\n"
    "        x = x if axes[0] == axes[1] else ops.transpose(x)\n"
    "        return ops.sum(x * y, axis=axes[0] if axes[0] == axes[1] else axes[1], keepdims=True)\n"
    "    for _ in range(x_rank - y_rank):\n        y = ops.expand_dims(y, -1)\n"
    "    for _ in range(y_rank - x_rank):\n        x = ops.expand_dims(x, -1)\n"
    "    rank = max(x_rank, y_rank)\n"
    "    x = x if axes[0] == rank - 1 else ops.swapaxes(x, -1, -2)\n"
    "    y = ops.swapaxes(y, -1, -2) if axes[1] == rank - 1 else y\n"
    "    out = ops.matmul(x, y)\n"
    "    first = x_rank + y_rank - 3 if x_rank > y_rank else x_rank - 1\n"
    "    return ops.squeeze(out, tuple(range(first, first + abs(x_rank - y_rank)))) if x_rank != y_rank else out",
    "variable": "def variable(value, dtype=None, name=None, constraint=None):\n"
    "    dtype = dtype or keras.config.floatx()\n"
    "    return _remembered(lambda: keras.Variable(ops.convert_to_tensor(value, dtype), dtype=dtype, name=name), '_own')",
    "zeros": "def zeros(shape, dtype=None, name=None):\n    return variable(ops.zeros(shape), dtype, name)",
    "ones": "def ones(shape, dtype=None, name=None):\n    return variable(ops.ones(shape), dtype, name)",
    "random_normal": "def random_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):\n"
    "    return keras.random.normal(shape, mean, stddev, dtype, seed)",
    "random_uniform": "def random_uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):\n"
    "    return keras.random.uniform(shape, minval, maxval, dtype, seed)",
    "in_train_phase": "def in_train_phase(x, alt, training=None):\n"
    "    chosen = x if (_K_learning_phase() if training is None else training) else alt\n"
    "    return chosen() if callable(chosen) else chosen",
    "name_scope": "def name_scope(name):\n    return keras.name_scope(name)",
    "temporal_padding": "def temporal_padding(x, padding=(1, 1)):\n    return ops.pad(x, [[0, 0], list(padding), [0, 0]])",
    "conv1d": "def conv1d(x, kernel, strides=1, padding='valid', data_format=None, dilation_rate=1):\n"
    "    if padding == 'causal':\n"
    "        x, padding = ops.pad(x, [[0, 0], [dilation_rate * (int(kernel.shape[0]) - 1), 0], [0, 0]]), 'valid'\n"
    "    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)",
    "conv2d": "def conv2d(x, kernel, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1)):\n"
    "    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)",
    "bias_add": "def bias_add(x, bias, data_format=None):\n    return x + bias",
    "conv3d": "def conv3d(x, kernel, strides=(1, 1, 1), padding='valid', data_format=None, dilation_rate=(1, 1, 1)):\n"
    "    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)",
    "conv2d_transpose": "def conv2d_transpose("
    "x, kernel, output_shape, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1)):\n"
    "    return ops.conv_transpose(x, kernel, strides, padding, None, data_format, dilation_rate)",
    "depthwise_conv2d": "def depthwise_conv2d(x, kernel, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1)):\n"
    "    return ops.depthwise_conv(x, kernel, strides, padding, data_format, dilation_rate)",
    "separable_conv1d": "def separable_conv1d(x, depthwise, pointwise, strides=1, padding='valid', data_format=None, dilation_rate=1):\n"
    "    return ops.separable_conv(x, depthwise, pointwise, strides, padding, data_format, dilation_rate)",
    "separable_conv2d": "def separable_conv2d("
    "x, depthwise, pointwise, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1)):\n"
    "    return ops.separable_conv(x, depthwise, pointwise, strides, padding, data_format, dilation_rate)",
    "local_conv1d": "def local_conv1d(inputs, kernel, kernel_size, strides, data_format=None):\n"
    "    length, features, _ = (int(size) for size in kernel.shape)\n"
    "    cut = [inputs[:, i * strides[0]:i * strides[0] + kernel_size[0]] for i in range(length)]\n"
    "    return ops.einsum('bpk,pkf->bpf', ops.stack([ops.reshape(x, (-1, features)) for x in cut], 1), kernel)",
    "local_conv2d": "def local_conv2d(inputs, kernel, kernel_size, strides, output_shape, data_format=None):\n"
    "    (rows, columns), (height, width), (down, right) = output_shape, kernel_size, strides\n"
    "    places = [(i * down, j * right) for i in range(rows) for j in range(columns)]\n"
    "    cut = [ops.reshape(inputs[:, i:i + height, j:j + width], (-1, int(kernel.shape[1]))) for i, j in places]\n"
    "    return ops.reshape(ops.einsum('bpk,pkf->bpf', ops.stack(cut, 1), kernel), (-1, rows, columns, int(kernel.shape[2])))",
    "pool2d": "def pool2d(x, pool_size, strides=(1, 1), padding='valid', data_format=None, pool_mode='max'):\n"
    "    return (ops.max_pool if pool_mode == 'max' else ops.average_pool)(x, pool_size, strides, padding, data_format)",
    "pool3d": "def pool3d(x, pool_size, strides=(1, 1, 1), padding='valid', data_format=None, pool_mode='max'):\n"
    "    return (ops.max_pool if pool_mode == 'max' else ops.average_pool)(x, pool_size, strides, padding, data_format)",
    "resize_images": "def resize_images(x, height_factor, width_factor, data_format='channels_last', interpolation='nearest'):\n"
    "    if interpolation != 'nearest' or data_format == 'channels_first':\n"
    "        raise ValueError('resize_images here takes channels_last and nearest')\n"
    "    return ops.repeat(ops.repeat(x, height_factor, axis=1), width_factor, axis=2)",
    "spatial_2d_padding": "def spatial_2d_padding(x, padding=((1, 1), (1, 1)), data_format=None):\n"
    "    return ops.pad(x, [[0, 0], list(padding[0]), list(padding[1]), [0, 0]])",
    "batch_normalization": "def batch_normalization(x, mean, var, beta, gamma, axis=-1, epsilon=1e-3):\n"
    "    scaled = (x - mean) * ops.rsqrt(var + epsilon)\n"
    "    scaled = scaled if gamma is None else scaled * gamma\n"
    "    return scaled if beta is None else scaled + beta",
    "rnn": "def rnn("
    "step_function, inputs, initial_states, go_backwards=False, mask=None, constants=None, unroll=False, input_length=None):\n"
    "    from keras.src import backend\n\n"
    "    def step(x, states):\n"
    "        output, new_states = step_function(x, list(states) + list(constants or []))\n"
    "        return output, list(new_states)\n\n"
    "    last, outputs, states = backend.rnn(step, inputs, list(initial_states), go_backwards, mask, unroll=unroll)\n"
    "    return last, outputs, list(states)",
    "map_fn": "def map_fn(fn, elems, name=None, dtype=None):\n    return ops.map(fn, elems)",
    "slice": "def slice(x, start, size):\n    return ops.slice(x, start, size)",
    "eye": "def eye(size, dtype=None, name=None):\n"
    "    return _K_variable(ops.eye(*(size if isinstance(size, tuple) else (size,))), dtype, name)",
    "random_uniform_variable": "def random_uniform_variable(shape, low, high, dtype=None, name=None, seed=None):\n"
    "    return _K_variable(keras.random.uniform(shape, low, high, seed=seed), dtype, name)",
    "random_normal_variable": "def random_normal_variable(shape, mean, scale, dtype=None, name=None, seed=None):\n"
    "    return _K_variable(keras.random.normal(shape, mean, scale, seed=seed), dtype, name)",
    "truncated_normal": "def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):\n"
    "    return keras.random.truncated_normal(shape, mean, stddev, dtype, seed)",
    "random_binomial": "def random_binomial(shape, p=0.0, dtype=None, seed=None):\n"
    "    return ops.cast(keras.random.uniform(shape, seed=seed) <= p, dtype or keras.config.floatx())",
    "dropout": "def dropout(x, level, noise_shape=None, seed=None):\n    return keras.random.dropout(x, level, noise_shape, seed)",
    "learning_phase": "def learning_phase():\n"
    "    from keras.src.backend.common import global_state\n\n"
    "    context = global_state.get_global_attribute('current_call_ctx')\n"
    "    return int(bool(context is not None and context.get_value('training', False)))",
    "in_test_phase": "def in_test_phase(x, alt, training=None):\n    return _K_in_train_phase(alt, x, training)",
    "get_value": "def get_value(x):\n    return ops.convert_to_numpy(x)",
    "eval": "def eval(x):\n    return ops.convert_to_numpy(x)",
    "set_value": "def set_value(x, value):\n    x.assign(value)",
    "cast_to_floatx": "def cast_to_floatx(x):\n    return ops.convert_to_numpy(ops.cast(x, keras.config.floatx()))",
    "count_params": "def count_params(x):\n    total = 1\n    for size in x.shape:\n        total *= int(size)\n    return total",
    "is_keras_tensor": "def is_keras_tensor(x):\n    return ops.is_tensor(x)",
    "get_variable_shape": "def get_variable_shape(x):\n    return tuple(x.shape)",
    "pack": "def pack(x, axis=0):\n    return ops.stack(x, axis)",
    "image_dim_ordering": "def image_dim_ordering():\n    return 'tf'",
    "update": "def update(x, new_x):\n    return new_x",
    "update_add": "def update_add(x, increment):\n    return x + increment",
    "update_sub": "def update_sub(x, decrement):\n    return x - decrement",
    "moving_average_update": "def moving_average_update(x, value, momentum):\n    return x * momentum + value * (1.0 - momentum)",
    "print_tensor": "def print_tensor(x, message=''):\n    return x",
    "categorical_crossentropy": "def categorical_crossentropy(target, output, from_logits=False, axis=-1):\n"
    "    return ops.categorical_crossentropy(target, output, from_logits, axis)",
    "binary_crossentropy": "def binary_crossentropy(target, output, from_logits=False):\n"
    "    return ops.binary_crossentropy(target, output, from_logits)",
}
_NEEDS = {
    **dict.fromkeys(("zeros", "ones", "eye", "random_uniform_variable", "random_normal_variable"), ("variable",)),
    "in_train_phase": ("learning_phase",), "in_test_phase": ("in_train_phase", "learning_phase"),
}  # fmt: skip


def known(name: str) -> bool:
    """Whether an emitted file can bring the function along."""
    return name in SAME or name in WRITTEN


def source(names: frozenset[str]) -> str:
    """Definitions of the functions, each under its name with `_K_` before it, and the class `_Backend` that gathers them."""
    wanted = sorted(names | {need for name in names for need in _NEEDS.get(name, ())})
    lines = ["class _Backend:", '    """Of Keras 2\'s backend, what this file uses."""', ""]
    body = "".join(_definition(name) for name in wanted if name in WRITTEN)
    lines += [f"    {name} = staticmethod(ops.{name})" for name in wanted if name in SAME]
    lines += [f"    {name} = staticmethod(_K_{name})" for name in wanted if name in WRITTEN]
    return body + "\n".join(lines) + "\n\n\n"


def _definition(name: str) -> str:
    text = WRITTEN[name].replace(f"def {name}(", f"def _K_{name}(", 1)
    return text.replace("return variable(", "return _K_variable(") + "\n\n\n"
