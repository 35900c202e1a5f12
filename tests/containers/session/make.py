"""Saves a session of genuine Keras 2.2.4 with `tf.train.Saver`, and its variables as they were (see README.md)."""

import numpy as np
import tensorflow as tf
from keras import backend
from keras.engine.base_layer import Layer
from keras.layers import Conv1D, Dense, GlobalAveragePooling1D, Input, add
from keras.models import Model


class Denoising_layer(Layer):  # noqa: N801
    def build(self, input_shape):
        self.conv1d = Conv1D(filters=input_shape[-1], kernel_size=1)
        super().build(input_shape)

    def call(self, inputs):
        return add([inputs, self.conv1d(inputs)])


np.random.seed(5)
x = Input((8, 3))
model = Model(x, Dense(2)(GlobalAveragePooling1D()(Denoising_layer()(Conv1D(4, 3)(x)))))
model.compile("adam", "mse")
model.fit(np.random.normal(size=(16, 8, 3)), np.random.normal(size=(16, 2)), verbose=0)
session = backend.get_session()
variables = tf.global_variables()
tf.train.Saver(variables).save(session, "./session.ckpt", write_meta_graph=False)
names = [variable.op.name for variable in variables]
np.savez_compressed("expected.npz", **dict(zip(names, session.run(variables))))  # noqa: B905
