from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Dense


class Highway(Layer):
    """Its own kernel and bias are saved; the Dense layer that makes the gate is not."""

    def build(self, input_shape):
        channels = int(input_shape[-1])
        self.kernel = self.add_weight(name='kernel', shape=(channels, channels), initializer='glorot_uniform')
        self.gate = Dense(channels, activation='sigmoid', kernel_initializer='he_normal')
        self.bias = self.add_weight(name='bias', shape=(channels,), initializer='zeros')
        super(Highway, self).build(input_shape)

    def call(self, x):
        gate = self.gate(x)
        return gate * K.relu(K.dot(x, self.kernel) + self.bias) + (1.0 - gate) * x
