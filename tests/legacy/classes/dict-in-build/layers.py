from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Dense


class SelfAttention(Layer):
    """Query, key and value in a dict; the value is called first, so it draws first."""

    def __init__(self, units=10, **kwargs):
        self.units = units
        super(SelfAttention, self).__init__(**kwargs)

    def build(self, input_shape):
        self.project = {
            'query': Dense(self.units, use_bias=False),
            'key': Dense(self.units, use_bias=False),
            'value': Dense(int(input_shape[-1]), kernel_initializer='lecun_uniform'),
        }
        super(SelfAttention, self).build(input_shape)

    def call(self, x):
        value = self.project['value'](x)
        scores = K.batch_dot(self.project['query'](x), self.project['key'](x), axes=[2, 2]) / self.units ** 0.5
        return x + K.batch_dot(K.softmax(scores), value)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super(SelfAttention, self).get_config()
        config['units'] = self.units
        return config
