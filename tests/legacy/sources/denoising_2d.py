from keras.engine.topology import Layer
from keras.layers import AveragePooling2D, Conv2D, add


class Denoise2D(Layer):
    """The image sibling of Denoising_layer: a smoothed copy goes through a hidden Conv2D; its width is not in the config."""

    def __init__(self, size=1, **kwargs):
        self.size = size
        super(Denoise2D, self).__init__(**kwargs)

    def build(self, input_shape):
        self.pool = AveragePooling2D(3, strides=1, padding='same')
        self.conv = Conv2D(int(input_shape[-1]), self.size, padding='same', kernel_initializer='he_normal', use_bias=False)
        super(Denoise2D, self).build(input_shape)

    def call(self, x):
        return add([x, self.conv(self.pool(x))])
