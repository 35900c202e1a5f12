from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Dense


class ChannelGate(Layer):
    """Two Dense layers made in __init__, called with a part of the input."""

    def __init__(self, channels, hidden=6, **kwargs):
        super(ChannelGate, self).__init__(**kwargs)
        self.channels = channels
        self.hidden = hidden
        self.down = Dense(hidden, activation='relu')
        self.up = Dense(channels, activation='sigmoid')

    def call(self, inputs):
        gate = self.up(self.down(K.mean(inputs, axis=1)))
        return inputs * K.expand_dims(gate, 1)

    def get_config(self):
        config = super(ChannelGate, self).get_config()
        config.update({'channels': self.channels, 'hidden': self.hidden})
        return config
