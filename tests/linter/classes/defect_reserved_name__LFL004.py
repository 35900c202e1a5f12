import keras
from keras import layers, ops


class Reserved(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._layers = [layers.Dense(3), layers.Dense(3)]

    def call(self, x):
        for layer in self._layers:
            x = ops.tanh(layer(x))
        return x
