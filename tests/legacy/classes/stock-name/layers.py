from keras import backend as K
from keras.layers import Activation, Dense, Layer, Permute


class Attention(Layer):
    """Bears the name that a later Keras gave to a layer of its own."""

    def __init__(self, hidden=9, **kwargs):
        super(Attention, self).__init__(**kwargs)
        self.hidden = hidden

    def build(self, input_shape):
        self.score_hidden = Dense(self.hidden, activation='tanh')
        self.score = Dense(1, use_bias=False)
        super(Attention, self).build(input_shape)

    def call(self, x):
        scores = self.score(self.score_hidden(x))
        weights = Activation('softmax')(Permute((2, 1))(scores))
        return K.squeeze(K.batch_dot(weights, x), 1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[2])

    def get_config(self):
        config = super(Attention, self).get_config()
        config['hidden'] = self.hidden
        return config
