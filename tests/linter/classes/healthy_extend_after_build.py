from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Proj(Layer):
    def build(self, input_shape):
        self.fc = Dense(input_shape[-1])
        self.fc.build(input_shape)
        self._trainable_weights.extend(self.fc.trainable_weights)
        super(Proj, self).build(input_shape)

    def call(self, x):
        return self.fc(x)

    def compute_output_shape(self, input_shape):
        return input_shape
