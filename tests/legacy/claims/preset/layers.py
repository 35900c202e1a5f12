import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer


class Preset(Layer):
    def build(self, input_shape):
        n = input_shape[-1]
        self.a = Dense(n, activation="relu", weights=[np.eye(n), np.full(n, 0.1)])
        self.b = Dense(n)
        self.b.build(input_shape)
        self.b.set_weights([0.3 * np.ones((n, n)) / n, np.zeros(n)])
        self.c = Dense(n, activation="tanh")
        super().build(input_shape)

    def call(self, x):
        return x + self.c(self.b(self.a(x)))

    def compute_output_shape(self, input_shape):
        return input_shape
