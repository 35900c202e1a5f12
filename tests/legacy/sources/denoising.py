"""The defective layer, as a user of Keras 2.0 to 2.2 wrote it: `Conv1D` made in `build` is never tracked, so a save loses it."""

from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import AveragePooling1D, Conv1D, Dot, add


class Denoising_layer(Layer):
    """inputs + conv1x1(filtered inputs), the filter being a moving average or a non-local mean."""

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
