import keras
import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer


class Blend(Layer):
    """`Blend` as it is today: tuned by five per cent since."""

    def build(self, input_shape):
        self.inner = Dense(int(input_shape[-1]), activation="tanh")
        super(Blend, self).build(input_shape)

    def call(self, x):
        return 0.7 * x + 0.63 * self.inner(x)

    def compute_output_shape(self, input_shape):
        return input_shape
