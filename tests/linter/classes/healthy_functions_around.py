import keras.backend as K
from keras.engine.topology import Layer
from keras.layers import Dense, Input, initializers
from keras.models import Model


def network():
    i = Input((3,))
    return Model(i, Dense(3)(Scale()(i)))


def squash(x):
    return x / K.sum(x)


class Scale(Layer):
    def build(self, s):
        self.g = self.add_weight(name='g', shape=(s[-1],), initializer=initializers.Constant(2))
        super(Scale, self).build(s)

    def call(self, x):
        return squash(x * self.g)
