from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import GRU, Dense


class RecurrentGate(Layer):
    """A GRU and a Dense gate over its states; the recurrent kernel is orthogonal."""

    def __init__(self, units=8, **kwargs):
        self.units = units
        super(RecurrentGate, self).__init__(**kwargs)

    def build(self, input_shape):
        self.rnn = GRU(self.units, return_sequences=True)
        self.gate = Dense(self.units, activation='sigmoid')
        super(RecurrentGate, self).build(input_shape)

    def call(self, x):
        states = self.rnn(x)
        return states * self.gate(states)

    def compute_output_shape(self, input_shape):
        return input_shape[:-1] + (self.units,)
