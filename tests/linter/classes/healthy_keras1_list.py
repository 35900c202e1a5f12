from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Old(Layer):
    def build(self, input_shape):
        self.W = K.variable([[1.0, 0.0]] * input_shape[-1])
        self.b = K.zeros((2,))
        self.trainable_weights = [self.W, self.b]

    def call(self, x):
        return K.dot(x, self.W) + self.b
