from keras import backend as K
from keras.engine.topology import Layer


class LocalFilters(Layer):
    """A filter for each place, drawn by the backend and kept from Keras."""

    def build(self, input_shape):
        self.kernel = K.random_normal_variable((int(input_shape[1]), int(input_shape[2]), 5), 0., 0.1, name='kernel')
        self.offset = K.random_uniform_variable((5,), -0.1, 0.1, name='offset')
        super(LocalFilters, self).build(input_shape)

    def call(self, x):
        return K.local_conv1d(x, self.kernel, (1,), (1,)) + self.offset

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1], 5)
