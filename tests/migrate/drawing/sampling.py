from tensorflow import keras

K = keras.backend


class Sampling(keras.layers.Layer):
    def call(self, a):
        zm, zv = a
        return zm + K.exp(0.5 * zv) * K.random_normal(shape=(K.shape(zm)[0], K.int_shape(zm)[1]))

    def compute_output_shape(self, s):
        return s[0]
