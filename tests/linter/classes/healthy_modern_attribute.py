import keras
from keras import layers, ops


class Block(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.fc = layers.Dense(units)

    def call(self, x):
        return ops.relu(self.fc(x))

    def get_config(self):
        return {**super().get_config(), "units": self.units}
