import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer


def halved(shape, dtype=None):
    return 0.5 * K.random_uniform(shape, -0.6, 0.6, dtype=dtype)


class Own(Layer):
    def build(self, input_shape):
        self.dense = Dense(input_shape[-1], activation="relu", kernel_initializer=halved)
        super().build(input_shape)

    def call(self, x):
        return x + self.dense(x)

    def compute_output_shape(self, input_shape):
        return input_shape
