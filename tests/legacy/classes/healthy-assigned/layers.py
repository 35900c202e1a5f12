from keras.engine.topology import Layer
from keras.layers import Dense


class Project(Layer):
    """Assigns its sublayer's weights to itself after building it."""

    def __init__(self, units=10, **kwargs):
        self.units = units
        super(Project, self).__init__(**kwargs)

    def build(self, input_shape):
        self.dense = Dense(self.units, activation='relu')
        self.dense.build(input_shape)
        self.trainable_weights = self.dense.trainable_weights
        super(Project, self).build(input_shape)

    def call(self, x):
        return self.dense(x)

    def compute_output_shape(self, input_shape):
        return input_shape[:-1] + (self.units,)

    def get_config(self):
        return dict(super(Project, self).get_config(), units=self.units)
