from keras.engine.topology import Layer
from keras.layers import GRU, LSTM, Conv2D, Dense

RNNS = {'lstm': LSTM, 'gru': GRU}


def conv(x):
    return Conv2D(3, 3)(x)


def block(x):
    return conv(x)


class Block(Layer):
    def call(self, x):
        return block(x)


class Encoder(Layer):
    def build(self, s):
        self.rnn = RNNS['lstm'](3)
        cls = LSTM if s[-1] > 2 else GRU
        self.other = cls(4)
        super(Encoder, self).build(s)

    def call(self, x):
        return self.other(self.rnn(x))
