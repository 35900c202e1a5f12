from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Bare(Layer):
    def build(self, input_shape):
        self.w = K.variable([1.0] * int(input_shape[-1]), name='w')
        super(Bare, self).build(input_shape)

    def call(self, x):
        return x * self.w
