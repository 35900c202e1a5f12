from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Scale(Layer):
    def __init__(self, factor=2.0, **kwargs):
        super(Scale, self).__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.g = self.add_weight(name='g', shape=(input_shape[-1],), initializer='ones')
        super(Scale, self).build(input_shape)

    def call(self, x):
        return x * self.g * self.factor

    def get_config(self):
        config = super(Scale, self).get_config()
        config['factor'] = self.factor
        return config
