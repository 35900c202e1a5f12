import keras
from keras import layers, ops


class Late(layers.Layer):
    def build(self, input_shape):
        self.fc = layers.Dense(input_shape[-1])
        self.built = True

    def call(self, x):
        return ops.relu(self.fc(x))

    def compute_output_shape(self, input_shape):
        return input_shape
