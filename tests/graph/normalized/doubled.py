import tensorflow as tf


class Doubled(tf.keras.layers.Layer):
    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight("kernel", (input_shape[-1], self.units))

    def call(self, x):
        return 2.0 * tf.matmul(x, self.kernel)

    def get_config(self):
        return {**super().get_config(), "units": self.units}
