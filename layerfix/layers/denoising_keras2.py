"""The corrected `Denoising_layer` as source for genuine Keras 2.0 to 2.3: text, since no Keras 2 is installed where layerfix runs."""

SOURCE = '''\
"""Denoising_layer for Keras 2.0 to 2.3, corrected: its sublayer is tracked, saved and loaded, and its config is whole."""

from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import AveragePooling1D, Conv1D, Dot, add


class Denoising_layer(Layer):
    """Residual denoising block: inputs + conv1x1(filtered inputs)."""

    def __init__(self, filter_type='non_local_mean', **kwargs):
        assert filter_type in ['non_local_mean', 'mean']
        self.filter_type = filter_type
        super(Denoising_layer, self).__init__(**kwargs)

    def build(self, input_shape):
        self.average_pooling = AveragePooling1D(pool_size=2, strides=1, padding='same')
        self.conv1d = Conv1D(filters=input_shape[-1], kernel_size=1, padding='same')
        self.conv1d.build(input_shape)
        # Keras before 2.3 does not track layers held in attributes; from 2.3 on they are in `_layers`, and must not be counted twice.
        if self.conv1d not in getattr(self, '_layers', []):
            self._trainable_weights.extend(self.conv1d.trainable_weights)
        super(Denoising_layer, self).build(input_shape)

    def call(self, inputs, **kwargs):
        if self.filter_type == 'mean':
            delta = self.average_pooling(inputs)
        else:
            affinity = Dot(axes=(2, 1))([inputs, K.permute_dimensions(inputs, (0, 2, 1))])
            delta = Dot(axes=1)([affinity, inputs])
        return add([inputs, self.conv1d(delta)])

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super(Denoising_layer, self).get_config()
        config['filter_type'] = self.filter_type
        return config
'''
