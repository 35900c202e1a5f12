from keras import backend as K
from keras.engine.topology import Layer


class FeatureAttention(Layer):
    """No sublayers at all: three weights of its own, one of them not trained."""

    def build(self, input_shape):
        channels = int(input_shape[-1])
        self.kernel = self.add_weight(name='kernel', shape=(channels, channels), initializer='glorot_uniform')
        self.context = self.add_weight(name='context', shape=(channels, 1), initializer='glorot_uniform')
        self.temperature = self.add_weight(name='temperature', shape=(1,), initializer='ones', trainable=False)
        super(FeatureAttention, self).build(input_shape)

    def call(self, x):
        scores = K.squeeze(K.dot(K.tanh(K.dot(x, self.kernel)), self.context), -1) / self.temperature
        return K.sum(x * K.expand_dims(K.softmax(scores)), axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])
