from keras.engine import InputSpec
from keras.layers import Dense, Wrapper
from keras.layers import initializers


class HighwayWrapper(Wrapper):
    """t * layer(x) + (1 - t) * x; the wrapped layer was saved, the gate was not."""

    def build(self, input_shape=None):
        self.input_spec = InputSpec(min_ndim=2)
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        self.gate = Dense(input_shape[-1], bias_initializer=initializers.Constant(-2), activation='sigmoid')
        super(HighwayWrapper, self).build()

    def call(self, x):
        carry = self.gate(x)
        return self.layer(x) * carry + x * (1. - carry)

    def compute_output_shape(self, input_shape):
        return input_shape
