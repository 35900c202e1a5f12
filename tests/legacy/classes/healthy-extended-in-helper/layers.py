from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Dense


class Gate(Layer):
    """A helper builds each sublayer and adopts all its weights, moving statistics too."""

    def adopt(self, layer, shape):
        with K.name_scope(layer.name):
            layer.build(shape)
        self._trainable_weights.extend(layer._trainable_weights)
        self._non_trainable_weights.extend(layer._non_trainable_weights)
        return layer

    def build(self, input_shape):
        self.norm = self.adopt(BatchNormalization(), input_shape)
        self.gate = self.adopt(Dense(int(input_shape[-1]), activation='sigmoid'), input_shape)
        super(Gate, self).build(input_shape)

    def call(self, x):
        return x * self.gate(self.norm(x))
