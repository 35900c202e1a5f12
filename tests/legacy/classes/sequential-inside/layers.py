from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Dense
from keras.models import Sequential


class Mlp(Layer):
    """A whole Sequential as a sublayer, built at once because its input shape is given."""

    def __init__(self, channels=12, **kwargs):
        super(Mlp, self).__init__(**kwargs)
        self.channels = channels
        self.mlp = Sequential([Dense(10, activation='relu', input_shape=(channels,)), BatchNormalization(), Dense(channels)])

    def call(self, x):
        return self.mlp(x[:, 0])

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.channels)
