from keras.engine.topology import Layer


class A(Layer):
    def __init__(self, **kwargs):
        self.n = kwargs.pop('n', 3)
        super(A, self).__init__(**kwargs)

    def call(self, x):
        return x * self.n
