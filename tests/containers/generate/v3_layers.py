"""Layer classes of the v3 zoo, as a user writes them: they run in tf.keras 2.12 to 2.15 and in Keras 3."""

import keras

registered_as = keras.saving if hasattr(keras.saving, "register_keras_serializable") else keras.utils


@registered_as.register_keras_serializable(package="zoo")
class ScaleShift(keras.layers.Layer):
    """Weights of its own, no sublayer."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="uniform")
        self.shift = self.add_weight(name="shift", shape=(input_shape[-1],), initializer="uniform")

    def call(self, inputs):
        return inputs * self.scale * self.factor + self.shift

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@registered_as.register_keras_serializable(package="zoo")
class SqueezeExcite(keras.layers.Layer):
    """Two sublayers, made in `build`, whose names do not sort as they are made."""

    def __init__(self, ratio=2, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape):
        channels = input_shape[-1]
        self.squeeze = keras.layers.Dense(channels, activation="relu")
        self.excite = keras.layers.Dense(channels, activation="sigmoid")
        self.squeeze.build(input_shape)
        self.excite.build(input_shape)
        self.built = True

    def call(self, inputs):
        return inputs * self.excite(self.squeeze(inputs))

    def get_config(self):
        return {**super().get_config(), "ratio": self.ratio}


@registered_as.register_keras_serializable(package="zoo")
class Stack(keras.layers.Layer):
    """Sublayers in a list, of two classes, and another custom layer in an attribute."""

    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.blocks = [keras.layers.Dense(units), keras.layers.LayerNormalization(), keras.layers.Dense(units, activation="tanh")]
        self.after = ScaleShift(0.5)

    def call(self, inputs):
        for block in self.blocks:
            inputs = block(inputs)
        return self.after(inputs)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@registered_as.register_keras_serializable(package="zoo")
class Gate(keras.layers.Layer):
    """A sublayer of the same class and shape twice, and a weight of its own between them."""

    def build(self, input_shape):
        size = input_shape[-1]
        self.out = keras.layers.Dense(size)
        self.mix = self.add_weight(name="mix", shape=(size, size), initializer="glorot_uniform")
        self.entry = keras.layers.Dense(size)
        self.out.build(input_shape)
        self.entry.build(input_shape)
        self.built = True

    def call(self, inputs):
        return self.out(keras.activations.tanh(self.entry(inputs) @ self.mix))
