from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Activation, Conv1D, Dense, Flatten


class AttentionPooling(Layer):
    """Every sublayer is made where it is used, in call."""

    def __init__(self, **kwargs):
        super(AttentionPooling, self).__init__(**kwargs)

    def call(self, x):
        context = Conv1D(int(x.shape[-1]), 3, padding='same', activation='tanh')(x)
        scores = Flatten()(Dense(1)(context))
        weights = Activation('softmax')(scores)
        return K.sum(x * K.expand_dims(weights), axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])
