from keras.engine.topology import Layer
from keras.layers import Conv1D, add


class DilatedStack(Layer):
    """A list of dilated convolutions made in __init__; `depth` and `filters` are not in the config."""

    def __init__(self, filters=12, depth=3, **kwargs):
        super(DilatedStack, self).__init__(**kwargs)
        self.filters = filters
        self.convs = [Conv1D(filters, 3, padding='same', dilation_rate=2 ** i, activation='relu') for i in range(depth)]

    def call(self, inputs):
        x = inputs
        for conv in self.convs:
            x = add([x, conv(x)])
        return x

    def compute_output_shape(self, input_shape):
        return input_shape[:-1] + (self.filters,)
