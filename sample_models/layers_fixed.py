"""The layer as the usual advice mends it in Keras 2.0 to 2.2: build the sublayer at once and adopt its weights."""

from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import AveragePooling1D, Conv1D, Dot, add


class Denoising_layer(Layer):
    """inputs + conv1x1(filtered inputs); its kernel and bias are trained and saved."""

    def __init__(self, filter_type='non_local_mean', **kwargs):
        assert filter_type in ['non_local_mean', 'mean']
        self.filter_type = filter_type
        super(Denoising_layer, self).__init__(**kwargs)

    def build(self, input_shape):
        self.average_pooling = AveragePooling1D(strides=1, padding='same')
        self.conv1d = Conv1D(filters=input_shape[-1], kernel_size=1, padding='same')
        self.conv1d.build(input_shape)
        self._trainable_weights += self.conv1d._trainable_weights
        super(Denoising_layer, self).build(input_shape)

    def call(self, inputs, **kwargs):
        if self.filter_type == 'mean':
            delta = self.average_pooling(inputs)
        if self.filter_type == 'non_local_mean':
            affinity = Dot(axes=(2, 1))([inputs, K.permute_dimensions(inputs, (0, 2, 1))])
            delta = Dot(axes=1)([affinity, inputs])
        return add([inputs, self.conv1d(delta)])

    def get_config(self):
        config = super(Denoising_layer, self).get_config()
        config['filter_type'] = self.filter_type
        return config
