from keras.engine.topology import Layer
from keras.layers import Conv1D, Dense, add


class Bottleneck(Layer):
    """Made of two Dense layers, each made in build."""

    def __init__(self, width=5, **kwargs):
        self.width = width
        super(Bottleneck, self).__init__(**kwargs)

    def build(self, input_shape):
        self.inward = Dense(self.width, activation='relu')
        self.outward = Dense(int(input_shape[-1]))
        super(Bottleneck, self).build(input_shape)

    def call(self, x):
        return add([x, self.outward(self.inward(x))])


class Tower(Layer):
    """A custom layer that holds custom layers and a convolution between them."""

    def build(self, input_shape):
        self.first = Bottleneck(5)
        self.conv = Conv1D(int(input_shape[-1]), 3, padding='same', activation='relu')
        self.second = Bottleneck(7)
        super(Tower, self).build(input_shape)

    def call(self, x):
        return self.second(self.conv(self.first(x)))
