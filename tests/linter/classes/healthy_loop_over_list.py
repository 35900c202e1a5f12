from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Tower(Layer):
    def build(self, input_shape):
        self.steps = [Dense(input_shape[-1]) for _ in range(3)]
        for step in self.steps:
            step.build(input_shape)
            self._trainable_weights += step.trainable_weights
        super(Tower, self).build(input_shape)

    def call(self, x):
        for step in self.steps:
            x = step(x)
        return x
