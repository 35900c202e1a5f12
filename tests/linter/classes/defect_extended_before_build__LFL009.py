from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Early(Layer):
    def build(self, input_shape):
        self.fc = Dense(4)
        self._trainable_weights.extend(self.fc.trainable_weights)
        self.fc.build(input_shape)
        super(Early, self).build(input_shape)

    def call(self, x):
        return self.fc(x)
