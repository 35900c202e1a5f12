from keras.engine.topology import Layer
from keras.layers import BatchNormalization, Conv1D, add, multiply


class GatedTower(Layer):
    """Lists of convolutions in a dict, one entry for values and one for gates."""

    def build(self, input_shape):
        channels = input_shape[-1]
        self.parts = {'value': [], 'gate': []}
        for _ in range(2):
            self.parts['value'].append(Conv1D(channels, 3, padding='same'))
            self.parts['gate'].append(Conv1D(channels, 1, activation='sigmoid'))
        super(GatedTower, self).build(input_shape)

    def call(self, x):
        for value, gate in zip(self.parts['value'], self.parts['gate']):
            x = add([x, multiply([value(x), gate(x)])])
        return x
