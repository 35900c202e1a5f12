import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer


class Expert(Layer):
    def build(self, input_shape):
        self.project = Dense(12, activation="tanh")
        super().build(input_shape)

    def call(self, x):
        return self.project(x)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 12)
