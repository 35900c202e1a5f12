from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Conv1D, Dense


class Head(Layer):
    """What it holds depends on arguments that no get_config keeps."""

    def __init__(self, kind='dense', size=4, normalise=False, **kwargs):
        super(Head, self).__init__(**kwargs)
        self.kind, self.size, self.normalise = kind, size, normalise

    def build(self, input_shape):
        if self.kind == 'dense':
            self.mix = Dense(self.size)
        else:
            self.mix = Conv1D(self.size, 3, padding='same')
        super(Head, self).build(input_shape)

    def call(self, x):
        mixed = self.mix(x)
        if self.normalise:
            mixed = K.l2_normalize(mixed, axis=-1)
        return mixed

    def compute_output_shape(self, input_shape):
        return input_shape[:-1] + (self.size,)
