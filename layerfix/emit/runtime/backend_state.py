"""Functions of Keras 2's backend in Keras 3's operations: variables, random numbers, phases and updates."""

import keras
from keras import ops

from layerfix.emit.runtime.recording import _remembered


# ---- emitted from here on ----
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


def _K_count_params(x):
    total = 1
    for size in x.shape:
        total *= int(size)
    return total


def _K_is_keras_tensor(x):
    return ops.is_tensor(x)


def _K_get_variable_shape(x):
    return tuple(x.shape)


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
