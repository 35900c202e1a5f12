from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import LSTM, Dense


class RecurrentAttention(Layer):
    """Tracks its own scale with add_weight but loses its LSTM and its scorer; `units` is not in the config."""

    def __init__(self, units=12, **kwargs):
        self.units = units
        super(RecurrentAttention, self).__init__(**kwargs)

    def build(self, input_shape):
        self.rnn = LSTM(self.units, return_sequences=True)
        self.score = Dense(1)
        self.scale = self.add_weight(name='scale', shape=(self.units,), initializer='ones')
        super(RecurrentAttention, self).build(input_shape)

    def call(self, x):
        h = self.rnn(x)
        a = K.softmax(K.squeeze(self.score(h), -1))
        return K.sum(h * K.expand_dims(a, -1), axis=1) * self.scale

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)
