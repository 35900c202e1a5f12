from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Regular(Layer):
    def __init__(self, **kwargs):
        super(Regular, self).__init__(**kwargs)
        self.drop = Dropout(0.3)

    def call(self, x):
        return self.drop(x)
