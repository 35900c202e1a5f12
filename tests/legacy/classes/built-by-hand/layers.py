from keras.engine.topology import Layer
from keras.layers import Conv1D, add


class Refine(Layer):
    """Builds its sublayers by hand, in build, but never adopts their weights: their names lack the sublayer."""

    def build(self, input_shape):
        channels = int(input_shape[-1])
        self.inner = Conv1D(channels, 3, padding='same', activation='relu')
        self.outer = Conv1D(channels, 3, padding='same')
        self.outer.build(input_shape)
        self.inner.build(input_shape)
        super(Refine, self).build(input_shape)

    def call(self, x):
        return add([x, self.outer(self.inner(x))])
