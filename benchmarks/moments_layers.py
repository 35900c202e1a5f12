"""Layers that lose their kernels, as users of Keras 2.0 to 2.2 write them: what `build` makes is never tracked (Python 3.6 to 3.12)."""

from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Conv1D, Conv2D, Dense, add


class Mixer(Layer):
    """inputs + a convolution over three places, he_normal."""

    def build(self, input_shape):
        self.mix = Conv1D(input_shape[-1], 3, padding="same", kernel_initializer="he_normal")
        super().build(input_shape)

    def call(self, inputs):
        return add([inputs, self.mix(inputs)])


class Refine(Layer):
    """inputs + relu of a 1x1 convolution without bias, glorot_normal."""

    def build(self, input_shape):
        self.conv = Conv1D(input_shape[-1], 1, use_bias=False, kernel_initializer="glorot_normal")
        super().build(input_shape)

    def call(self, inputs):
        return inputs + K.relu(self.conv(inputs))


class Remap(Layer):
    """A 1x1 convolution, and no shortcut."""

    def build(self, input_shape):
        self.conv = Conv1D(input_shape[-1], 1, padding="same")
        super().build(input_shape)

    def call(self, inputs):
        return self.conv(inputs)


class DenseMix(Layer):
    """relu(inputs + a dense layer)."""

    def build(self, input_shape):
        self.dense = Dense(input_shape[-1])
        super().build(input_shape)

    def call(self, inputs):
        return K.relu(add([inputs, self.dense(inputs)]))


class Blend(Layer):
    """Half the inputs, half tanh of a dense layer, lecun_uniform."""

    def build(self, input_shape):
        self.dense = Dense(input_shape[-1], activation="tanh", kernel_initializer="lecun_uniform")
        super().build(input_shape)

    def call(self, inputs):
        return 0.5 * inputs + 0.5 * self.dense(inputs)


class Spatial(Layer):
    """inputs + a 3x3 convolution of images."""

    def build(self, input_shape):
        self.conv = Conv2D(input_shape[-1], (3, 3), padding="same")
        super().build(input_shape)

    def call(self, inputs):
        return add([inputs, self.conv(inputs)])


class Pointwise(Layer):
    """inputs + a 1x1 convolution of images."""

    def build(self, input_shape):
        self.conv = Conv2D(input_shape[-1], 1)
        super().build(input_shape)

    def call(self, inputs):
        return inputs + self.conv(inputs)


class Gate(Layer):
    """inputs * sigmoid(1x1 convolution)."""

    def build(self, input_shape):
        self.gate = Conv1D(input_shape[-1], 1, activation="sigmoid")
        super().build(input_shape)

    def call(self, inputs):
        return inputs * self.gate(inputs)


class Gated(Layer):
    """A gated linear unit: convolution * sigmoid(convolution). Two kernels are lost."""

    def build(self, input_shape):
        self.value = Conv1D(input_shape[-1], 1)
        self.gate = Conv1D(input_shape[-1], 1, activation="sigmoid")
        super().build(input_shape)

    def call(self, inputs):
        return self.value(inputs) * self.gate(inputs)


class Bottleneck(Layer):
    """inputs + convolution of relu of a narrower convolution. Two kernels are lost."""

    def build(self, input_shape):
        self.narrow = Conv1D(input_shape[-1] // 2, 1, activation="relu")
        self.wide = Conv1D(input_shape[-1], 1)
        super().build(input_shape)

    def call(self, inputs):
        return inputs + self.wide(self.narrow(inputs))


class Squeeze(Layer):
    """Squeeze and excite (J. Hu et al., 2018). Two kernels are lost."""

    def build(self, input_shape):
        self.squeeze = Dense(input_shape[-1] // 4, activation="relu")
        self.excite = Dense(input_shape[-1], activation="sigmoid")
        super().build(input_shape)

    def call(self, inputs):
        scale = self.excite(self.squeeze(K.mean(inputs, axis=1)))
        return inputs * K.expand_dims(scale, 1)
