import numpy as np
from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Dense


class PositionalMixing(Layer):
    """A table of sines and cosines in a K.variable (the same whenever it is made) and a Dense layer behind it."""

    def build(self, input_shape):
        length, channels = int(input_shape[1]), int(input_shape[2])
        angles = np.arange(length)[:, None] / np.power(10000.0, 2 * (np.arange(channels)[None, :] // 2) / float(channels))
        table = np.where(np.arange(channels) % 2 == 0, np.sin(angles), np.cos(angles))
        self.table = K.variable(table, name='table')
        self.mix = Dense(channels, activation='relu')
        super(PositionalMixing, self).build(input_shape)

    def call(self, x):
        return x + self.mix(x + K.expand_dims(self.table, 0))
