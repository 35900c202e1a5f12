from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Shift(Layer):
    def __init__(self, by, times=1, **kwargs):
        super(Shift, self).__init__(**kwargs)
        self.by = by
        self.times = times

    def call(self, x):
        return x + self.by * self.times

    def get_config(self):
        base = super(Shift, self).get_config()
        base.update({'by': self.by, 'times': self.times})
        return base
