from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Tracked(Layer):
    def __setattr__(self, name, value):
        if isinstance(value, Layer):
            self.__dict__.setdefault('_subs', []).append(value)
        super(Tracked, self).__setattr__(name, value)

    @property
    def trainable_weights(self):
        return [w for sub in self._subs for w in sub.trainable_weights]


class Gate(Tracked):
    def build(self, input_shape):
        self.gate = Dense(input_shape[-1], activation='sigmoid')
        super(Gate, self).build(input_shape)

    def call(self, x):
        return x * self.gate(x)
