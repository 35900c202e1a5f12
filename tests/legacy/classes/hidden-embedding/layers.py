from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Embedding, add


class AddPositions(Layer):
    """A learned position: an Embedding of 0, 1, 2, ... added to the input."""

    def build(self, input_shape):
        self.length = int(input_shape[1])
        self.positions = Embedding(self.length, int(input_shape[2]))
        super(AddPositions, self).build(input_shape)

    def call(self, x):
        index = K.cumsum(K.ones_like(x[:, :, 0]), axis=1) - 1
        return add([x, self.positions(index)])
