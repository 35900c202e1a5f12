from keras.engine.topology import Layer
from keras.layers import Dense, TimeDistributed


class StepWise(Layer):
    """The same two Dense layers at each step, through TimeDistributed."""

    def __init__(self, units=14, **kwargs):
        self.units = units
        super(StepWise, self).__init__(**kwargs)

    def build(self, input_shape):
        self.first = TimeDistributed(Dense(self.units, activation='relu'))
        self.second = TimeDistributed(Dense(int(input_shape[-1]), kernel_initializer='random_normal'))
        super(StepWise, self).build(input_shape)

    def call(self, x):
        return self.second(self.first(x))

    def compute_output_shape(self, input_shape):
        return input_shape
