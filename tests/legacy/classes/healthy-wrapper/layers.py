from keras.layers import Wrapper, add


class Residual(Wrapper):
    """A Wrapper: Keras tracks the wrapped layer by itself."""

    def build(self, input_shape):
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        super(Residual, self).build()

    def call(self, x):
        return add([x, self.layer(x)])

    def compute_output_shape(self, input_shape):
        return input_shape
