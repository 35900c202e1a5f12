from keras.initializers import RandomNormal
from keras.layers import Dense, Layer


class Scaled(Layer):
    """A kernel whose size depends on an argument that no config holds: its op seed is the same whatever it was."""

    def __init__(self, scale=0.05, **kwargs):
        super(Scaled, self).__init__(**kwargs)
        self.scale = scale

    def build(self, input_shape):
        self.dense = Dense(int(input_shape[-1]), kernel_initializer=RandomNormal(stddev=self.scale))
        super(Scaled, self).build(input_shape)

    def call(self, x):
        return x + self.dense(x)

    def compute_output_shape(self, input_shape):
        return input_shape
