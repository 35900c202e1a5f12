from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Conv1D, Dense


class Tracking(Layer):
    """Overrides __setattr__ and the weight properties: what later Keras does by itself."""

    def __setattr__(self, name, value):
        if isinstance(value, Layer):
            self.__dict__.setdefault('_held', []).append(value)
        super(Tracking, self).__setattr__(name, value)

    @property
    def trainable_weights(self):
        own = super(Tracking, self).trainable_weights
        return own + [w for layer in self.__dict__.get('_held', []) for w in layer.trainable_weights]

    @property
    def non_trainable_weights(self):
        own = super(Tracking, self).non_trainable_weights
        return own + [w for layer in self.__dict__.get('_held', []) for w in layer.non_trainable_weights]


class GatedConv(Tracking):
    def build(self, input_shape):
        channels = int(input_shape[-1])
        self.value = Conv1D(channels, 3, padding='same')
        self.gate = Dense(channels, activation='sigmoid')
        self.value.build(input_shape)
        self.gate.build(input_shape)
        super(GatedConv, self).build(input_shape)

    def call(self, x):
        return x + self.value(x) * self.gate(x)
