from keras import backend as K
from keras.layers import Dense, Layer, RNN


class GateCell(Layer):
    """A cell of its own, with weights of its own."""

    def __init__(self, units, **kwargs):
        self.units = units
        self.state_size = units
        super(GateCell, self).__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer='glorot_uniform', name='kernel')
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), initializer='uniform', name='recurrent_kernel')
        self.built = True

    def call(self, inputs, states):
        output = K.tanh(K.dot(inputs, self.kernel) + K.dot(states[0], self.recurrent_kernel))
        return output, [output]


class CellAttention(Layer):
    """Runs a custom cell in a stock RNN: the cell's weights are as hidden as the RNN is."""

    def __init__(self, units, **kwargs):
        self.units = units
        super(CellAttention, self).__init__(**kwargs)

    def build(self, input_shape):
        self.rnn = RNN(GateCell(self.units), return_sequences=True)
        self.score = Dense(1)
        super(CellAttention, self).build(input_shape)

    def call(self, x):
        return x * K.softmax(self.score(self.rnn(x)), axis=1)
