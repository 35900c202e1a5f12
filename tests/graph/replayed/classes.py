"""Classes whose hidden layers and numbers a replay must name, order and count as Keras 2.0 to 2.3 did (`make_replayed.py`)."""

import numpy as np
from keras import backend as K
from keras.engine import Layer
from keras.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    GaussianNoise,
    PReLU,
    TimeDistributed,
)


class Own(Layer):
    """A weight of its own, and a hidden layer that is made in `call`."""

    def build(self, input_shape):
        self.w = self.add_weight(name="w", shape=(input_shape[-1], 3), initializer="glorot_uniform")
        self.s = self.add_weight(name="s", shape=(3,), initializer="zeros", trainable=False)
        super().build(input_shape)

    def call(self, x):
        return Dense(2)(K.dot(x, self.w) + self.s)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1], 2)


class Order(Layer):
    """Layers called in another order than they are made in."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = Dense(3, kernel_initializer="he_normal")
        self.second = Dense(3, use_bias=False)
        self.norm = BatchNormalization()

    def call(self, x):
        return self.norm(self.first(self.second(x)))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1], 3)


class Masks(Layer):
    """Dropout draws at each call, a seeded one never, noise at each."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.drop = Dropout(0.5)
        self.kept = Dropout(0.5, seed=3)
        self.none = Dropout(0.0)
        self.noise = GaussianNoise(0.1)

    def call(self, x):
        return self.noise(self.none(self.kept(self.drop(self.drop(x)))))


class Recurrent(Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.both = Bidirectional(LSTM(2, return_sequences=True))
        self.gru = GRU(2, return_sequences=True, dropout=0.2, recurrent_dropout=0.1)

    def call(self, x):
        return self.gru(self.both(x))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1], 2)


class Numbers(Layer):
    """Variables of its own, numpy's numbers, values put in afterwards."""

    def build(self, input_shape):
        self.table = K.random_normal_variable((4, 3), 0.0, 1.0, name="table")
        self.fixed = K.variable(np.ones((3,)), name="fixed")
        self.scale = self.add_weight(name="scale", shape=(3,), initializer="ones")
        self.rand = K.random_uniform_variable((3,), 0, 1, name="rand")
        K.set_value(self.scale, 2 * np.ones((3,)))
        super().build(input_shape)

    def call(self, x):
        return K.dot(x, self.table) * self.fixed * self.scale + self.rand

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1], 3)


class Twice(Layer):
    """Two layers of one class, one called twice, in a loop of attributes."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.blocks = [Dense(4, name=None if i else "mine") for i in range(2)]
        self.conv = Conv1D(4, 2, padding="same", name="sep")

    def call(self, x):
        for block in self.blocks:
            x = block(block(x))
        return self.conv(x)


class Inner(Layer):
    def build(self, input_shape):
        self.dense = Dense(input_shape[-1], kernel_initializer="orthogonal")
        self.gain = self.add_weight(name="gain", shape=(1,), initializer="random_normal")
        super().build(input_shape)

    def call(self, x):
        return self.dense(x) * self.gain


class Outer(Layer):
    """A custom layer in a custom layer."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = Inner()
        self.alpha = PReLU(shared_axes=[1])

    def build(self, input_shape):
        self.bias = self.add_weight(name="bias", shape=(4,), initializer="random_uniform")
        super().build(input_shape)

    def call(self, x):
        return self.alpha(self.inner(x) + self.bias)


class Wrapped(Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.each = TimeDistributed(Dense(3))
        self.words = Embedding(5, 4)

    def call(self, x):
        return self.each(x)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1], 3)


class Deep(Layer):
    """Layers of one shape at two depths, held in another order than they are made in; one comes too late for its place."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        last, first = Dense(4), Dense(4)
        self._first = first
        self.swapped = Dense(4)
        self.inner = Inner()
        self.last = last
        self.swapped = Dense(4)

    def call(self, x):
        return self.swapped(self.last(self.inner(self._first(x))))


CLASSES = [Own, Order, Masks, Recurrent, Numbers, Twice, Outer, Wrapped, Deep]
