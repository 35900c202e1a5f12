from tensorflow import keras
from tensorflow.keras import layers


class Gate(layers.Layer):
    def __init__(self, ratio=2, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, shape):
        self.down = layers.Dense(shape[-1] // self.ratio, activation="relu")
        self.up = layers.Dense(shape[-1], activation="sigmoid")
        super().build(shape)

    def call(self, x):
        return x * self.up(self.down(x))

    def get_config(self):
        return dict(super().get_config(), ratio=self.ratio)


class MyGRU(keras.layers.GRU):
    pass
