import numpy as np
from keras import backend as K
from keras.layers import Dense, Layer


class RandomFeatures(Layer):
    """Features through a matrix that numpy draws when the layer is made, and back through one that it draws in `build`."""

    def __init__(self, points=10, width=1.0, **kwargs):
        super(RandomFeatures, self).__init__(**kwargs)
        self.points = points
        self.width = width
        self.start = np.random.normal(0, 0.5, (12, points))

    def build(self, input_shape):
        self.shift = K.variable(np.zeros(self.points), name='shift')
        self.omega = K.variable(self.start / 2, name='omega')
        self.back = K.variable(np.random.normal(size=(self.points, 12)) * self.width, name='back')
        self.dense = Dense(12)
        super(RandomFeatures, self).build(input_shape)

    def call(self, x):
        features = K.cos(K.dot(x, self.omega) + self.shift)
        return x + self.dense(K.dot(features, self.back))

    def compute_output_shape(self, input_shape):
        return input_shape
