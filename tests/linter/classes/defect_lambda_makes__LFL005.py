from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, Dense, Dropout, LSTM, Lambda, add


gate = Lambda(lambda x: Dense(4, activation='sigmoid')(x))
