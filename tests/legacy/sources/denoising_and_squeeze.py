from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import AveragePooling1D, Conv1D, Dense, Dot, add


class Denoising_layer(Layer):
    def __init__(self, filter_type='non_local_mean', **kwargs):
        assert filter_type in ['non_local_mean', 'mean']
        self.filter_type = filter_type
        super(Denoising_layer, self).__init__(**kwargs)

    def build(self, input_shape):
        self.average_pooling = AveragePooling1D(strides=1, padding='same')
        self.conv1d = Conv1D(filters=input_shape[-1], kernel_size=1, padding='same')
        super(Denoising_layer, self).build(input_shape)

    def call(self, inputs, **kwargs):
        if self.filter_type == 'mean':
            delta = self.average_pooling(inputs)
        if self.filter_type == 'non_local_mean':
            affinity = Dot(axes=(2, 1))([inputs, K.permute_dimensions(inputs, (0, 2, 1))])
            delta = Dot(axes=1)([affinity, inputs])
        return add([inputs, self.conv1d(delta)])


class SqueezeExcite(Layer):
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
