from keras.engine.topology import Layer
from keras.layers import Dense


def reuse(layer, inner, shape):
    inner.build(shape)
    layer._trainable_weights += inner._trainable_weights
    return inner


class A(Layer):
    def build(self, s):
        self.d = reuse(self, Dense(4), s)
        super(A, self).build(s)

    def call(self, x):
        return self.d(x)
