import keras
from keras import layers, ops


class Late(layers.Layer):
    def call(self, x):
        return ops.relu(layers.Dense(4)(x))
