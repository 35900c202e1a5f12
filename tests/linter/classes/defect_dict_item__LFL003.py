from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Hidden(Layer):
    def build(self, input_shape):
        self.parts = {}
        self.parts['q'] = Dense(4)
        self.parts['k'] = Dense(4)
        super(Hidden, self).build(input_shape)

    def call(self, x):
        return self.parts['q'](x) * self.parts['k'](x)
