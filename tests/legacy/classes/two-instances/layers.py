from keras.engine.topology import Layer
from keras.layers import Conv1D, add


class Smooth(Layer):
    """Called twice in the model, on two tensors, by one instance; a second instance follows."""

    def __init__(self, size=3, **kwargs):
        self.size = size
        super(Smooth, self).__init__(**kwargs)

    def build(self, input_shape):
        self.conv = Conv1D(int(input_shape[-1]), self.size, padding='same', kernel_initializer='glorot_normal')
        super(Smooth, self).build(input_shape)

    def call(self, x):
        return add([x, self.conv(x)])

    def get_config(self):
        return dict(super(Smooth, self).get_config(), size=self.size)
