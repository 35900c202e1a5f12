from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Inner(Layer):
    def build(self, input_shape):
        self.g = self.add_weight(name='g', shape=(1,), initializer='ones')
        super(Inner, self).build(input_shape)

    def call(self, x):
        return x * self.g


class Outer(Layer):
    def build(self, input_shape):
        self.inner = Inner()
        super(Outer, self).build(input_shape)

    def call(self, x):
        return self.inner(x)
