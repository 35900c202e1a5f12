from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Proj(Layer):
    def build(self, input_shape):
        self.conv = Conv1D(4, 3, padding='same')
        self.conv.build(input_shape)
        self._trainable_weights += self.conv._trainable_weights
        super(Proj, self).build(input_shape)

    def call(self, x):
        return self.conv(x)
