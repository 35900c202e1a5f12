from keras.engine.topology import Layer
from keras.layers import LSTM, Bidirectional


class Context(Layer):
    """A Bidirectional LSTM made in __init__."""

    def __init__(self, units=6, **kwargs):
        super(Context, self).__init__(**kwargs)
        self.units = units
        self.rnn = Bidirectional(LSTM(units, return_sequences=True), merge_mode='sum')

    def call(self, x):
        return self.rnn(x)

    def compute_output_shape(self, input_shape):
        return input_shape[:-1] + (self.units,)

    def get_config(self):
        return dict(super(Context, self).get_config(), units=self.units)
