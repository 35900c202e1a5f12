from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Conv1D


class MultiScale(Layer):
    """A tuple of convolutions of three sizes, whose outputs are concatenated."""

    def __init__(self, filters, **kwargs):
        self.filters = filters
        super(MultiScale, self).__init__(**kwargs)

    def build(self, input_shape):
        self.scales = tuple(Conv1D(self.filters, size, padding='same', kernel_initializer='he_uniform') for size in (1, 3, 5))
        super(MultiScale, self).build(input_shape)

    def call(self, x):
        return K.concatenate([K.relu(scale(x)) for scale in self.scales])

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1], 3 * self.filters)

    def get_config(self):
        return dict(super(MultiScale, self).get_config(), filters=self.filters)
