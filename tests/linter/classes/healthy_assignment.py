from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Pair(Layer):
    def build(self, input_shape):
        self.a = Dense(3)
        self.b = Dense(3)
        self.a.build(input_shape)
        self.b.build(input_shape)
        self.trainable_weights = self.a.trainable_weights + self.b.trainable_weights
        super(Pair, self).build(input_shape)

    def call(self, x):
        return add([self.a(x), self.b(x)])
