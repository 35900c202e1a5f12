from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


shared = Dense(4)


def apply(x):
    return shared(x) * 2.0


gate = Lambda(apply)
