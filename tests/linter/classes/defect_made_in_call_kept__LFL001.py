from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Late(Layer):
    def call(self, x):
        self.rnn = LSTM(4, return_sequences=True)
        return self.rnn(x)
