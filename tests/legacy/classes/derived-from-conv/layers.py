from keras import backend as K
from keras.layers import *


class ExcitedConv1D(Conv1D):
    """A convolution that weighs its own channels; only its kernel and bias were saved."""

    def __init__(self, filters, kernel_size, ratio=3, **kwargs):
        super(ExcitedConv1D, self).__init__(filters, kernel_size, **kwargs)
        self.ratio = ratio
        self.norm = BatchNormalization()
        self.parts = [Dense(filters // ratio, activation='relu'), Dense(filters, activation='sigmoid')]

    def call(self, inputs):
        x = self.norm(super(ExcitedConv1D, self).call(inputs))
        gate = K.mean(x, axis=1)
        for part in self.parts:
            gate = part(gate)
        return x * K.expand_dims(gate, 1)

    def get_config(self):
        return dict(super(ExcitedConv1D, self).get_config(), ratio=self.ratio)
