from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


class Wide(Dense):
    def __init__(self, units, **kwargs):
        super(Wide, self).__init__(2 * units if 'built_wide' not in kwargs else units, **kwargs)

    def call(self, x):
        return K.relu(super(Wide, self).call(x))
