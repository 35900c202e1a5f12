from keras.engine.topology import Layer
from keras.layers import Dense


def factory():
    class A(Layer):
        def build(self, s):
            self.d = Dense(3)
            super(A, self).build(s)

        def call(self, x):
            return self.d(x)
    return A
