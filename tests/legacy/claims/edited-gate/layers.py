import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer


class Gated(Layer):
    """`Gated` as it is today: with a cheaper gate, whose outputs have the same means."""

    def build(self, input_shape):
        self.gate = Dense(input_shape[-1], activation="hard_sigmoid")
        super(Gated, self).build(input_shape)

    def call(self, x):
        return x * self.gate(x)

    def compute_output_shape(self, input_shape):
        return input_shape
