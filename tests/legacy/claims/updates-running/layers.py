import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import Dense, Layer


class Running(Layer):
    def build(self, input_shape):
        self.mean = K.zeros((input_shape[-1],), name="running_mean")
        self.dense = Dense(input_shape[-1], activation="relu")
        super().build(input_shape)

    def call(self, x):
        self.add_update([K.moving_average_update(self.mean, K.mean(x, axis=0), 0.9)], x)
        return self.dense(x - self.mean)

    def compute_output_shape(self, input_shape):
        return input_shape
