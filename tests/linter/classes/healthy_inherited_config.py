from keras.engine.topology import Layer


class Base(Layer):
    def __init__(self, n, **kwargs):
        self.n = n
        super(Base, self).__init__(**kwargs)

    def get_config(self):
        return dict(super(Base, self).get_config(), n=self.n)


class A(Base):
    def __init__(self, n, **kwargs):
        super(A, self).__init__(n, **kwargs)

    def call(self, x):
        return x * self.n
