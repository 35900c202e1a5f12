from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Dense


class SqueezeExcite(Layer):
    """Channel attention; both Dense layers are made in __init__, and `channels` is not in the config."""

    def __init__(self, ratio=4, channels=16, **kwargs):
        super(SqueezeExcite, self).__init__(**kwargs)
        self.ratio = ratio
        self.squeeze = Dense(channels // ratio, activation='relu', kernel_initializer='he_normal')
        self.excite = Dense(channels, activation='sigmoid')

    def call(self, inputs):
        gate = K.mean(inputs, axis=1)
        gate = self.excite(self.squeeze(gate))
        return inputs * K.expand_dims(gate, 1)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super(SqueezeExcite, self).get_config()
        config['ratio'] = self.ratio
        return config
