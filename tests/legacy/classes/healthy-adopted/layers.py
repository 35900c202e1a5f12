from keras.engine.topology import Layer
from keras.layers import Conv1D, add


class Refine(Layer):
    """Builds its sublayer and adopts its weights: the usual advice."""

    def build(self, input_shape):
        self.conv = Conv1D(int(input_shape[-1]), 3, padding='same')
        self.conv.build(input_shape)
        self._trainable_weights += self.conv._trainable_weights
        super(Refine, self).build(input_shape)

    def call(self, x):
        return add([x, self.conv(x)])
