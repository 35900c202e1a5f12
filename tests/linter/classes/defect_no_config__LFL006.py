from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Clip(Layer):
    def __init__(self, limit=1.0, **kwargs):
        super(Clip, self).__init__(**kwargs)
        self.limit = limit

    def call(self, x):
        return K.clip(x, -self.limit, self.limit)
