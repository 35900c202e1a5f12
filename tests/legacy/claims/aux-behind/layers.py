import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer


class Stack(Layer):
    def __init__(self, depth=1, **kwargs):
        super().__init__(**kwargs)
        self.depth = depth

    def build(self, input_shape):
        self.inner = [Dense(input_shape[-1], activation="relu") for _ in range(self.depth)]
        super().build(input_shape)

    def call(self, x):
        for dense in self.inner:
            x = x + dense(x)
        return x

    def compute_output_shape(self, input_shape):
        return input_shape
