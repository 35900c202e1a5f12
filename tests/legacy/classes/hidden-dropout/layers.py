from keras.engine.topology import Layer
from keras.layers import Dense, Dropout, GaussianNoise, add


class FeedForward(Layer):
    """Dropout and noise between two Dense layers: both draw a seed when they are called and have no weights."""

    def __init__(self, hidden=16, rate=0.1, **kwargs):
        super(FeedForward, self).__init__(**kwargs)
        self.hidden, self.rate = hidden, rate

    def build(self, input_shape):
        self.noise = GaussianNoise(0.05)
        self.first = Dense(self.hidden, activation='relu')
        self.drop = Dropout(self.rate)
        self.second = Dense(int(input_shape[-1]))
        super(FeedForward, self).build(input_shape)

    def call(self, x):
        return add([x, self.drop(self.second(self.drop(self.first(self.noise(x)))))])

    def get_config(self):
        config = super(FeedForward, self).get_config()
        config.update(hidden=self.hidden, rate=self.rate)
        return config
