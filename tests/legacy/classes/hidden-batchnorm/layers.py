from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, add


class ResidualUnit(Layer):
    """Pre-activation residual unit: normalise, activate, convolve, twice."""

    def build(self, input_shape):
        channels = int(input_shape[-1])
        self.norm1 = BatchNormalization()
        self.conv1 = Conv1D(channels, 3, padding='same', use_bias=False)
        self.norm2 = BatchNormalization(scale=False)
        self.conv2 = Conv1D(channels, 3, padding='same')
        super(ResidualUnit, self).build(input_shape)

    def call(self, inputs):
        x = self.conv1(K.relu(self.norm1(inputs)))
        x = self.conv2(K.relu(self.norm2(x)))
        return add([inputs, x])
