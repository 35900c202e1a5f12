import keras
from keras import layers, ops


class Keep(layers.Layer):
    def build(self, input_shape):
        self.fc = layers.Dense(input_shape[-1])
        self.fc.build(input_shape)
        self.built = True

    def call(self, x):
        return ops.exp(self.fc(x))

    def compute_output_shape(self, input_shape):
        return input_shape
