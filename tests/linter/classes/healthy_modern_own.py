import keras
from keras import layers, ops


@keras.saving.register_keras_serializable()
class Own(layers.Layer):
    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], 4), initializer="glorot_uniform")

    def call(self, x):
        return ops.matmul(x, self.w)
