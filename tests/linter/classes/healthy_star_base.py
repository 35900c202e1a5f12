from keras.layers import *
from keras import backend as K


class Scale(Layer):
    def build(self, input_shape):
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer="ones")
        super(Scale, self).build(input_shape)

    def call(self, x):
        return K.relu(x) * self.gamma


class Sharp(Conv2D):
    def call(self, x):
        return super(Sharp, self).call(x) * 2.0
