from keras import backend as K
from keras.layers import GRU, LSTM, Dense

SCORERS = {'dense': Dense, 'gru': GRU}


class AttentiveLSTM(LSTM):
    """Attention over the outputs of an LSTM, which alone were saved."""

    def __init__(self, units, scorer='dense', **kwargs):
        kwargs['return_sequences'] = True
        super(AttentiveLSTM, self).__init__(units, **kwargs)
        cls = SCORERS[scorer]
        self.score = cls(1, activation='tanh')

    def call(self, inputs, mask=None, training=None, initial_state=None):
        h = super(AttentiveLSTM, self).call(inputs, mask, training, initial_state)
        return K.sum(h * K.softmax(self.score(h), axis=1), axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def get_config(self):
        config = super(AttentiveLSTM, self).get_config()
        del config['return_sequences']
        return config
