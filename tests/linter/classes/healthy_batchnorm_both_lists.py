from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Normed(Layer):
    def build(self, input_shape):
        self.bn = BatchNormalization()
        self.bn.build(input_shape)
        self._trainable_weights += self.bn.trainable_weights
        self._non_trainable_weights += self.bn.non_trainable_weights
        super(Normed, self).build(input_shape)

    def call(self, x):
        return self.bn(x)
