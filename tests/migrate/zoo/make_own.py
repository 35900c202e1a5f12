# ruff: noqa: UP008 - it runs in Python 3.6
"""Models with a class and a function of their author's own, in genuine Keras 2.2.4, with inputs and predictions (`files/own/k224-*`).

Runs in the legacy environment itself:  python make_own.py OUT_DIR
"""

import os
import sys

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
from keras import backend as K
from keras import layers as L
from keras.engine.topology import Layer
from keras.models import Model, Sequential


class Scale(Layer):
    """It makes its weights itself, so that the file holds them."""

    def build(self, shape):
        self.gamma = self.add_weight(name="gamma", shape=(shape[-1],), initializer="ones")
        self.beta = self.add_weight(name="beta", shape=(shape[-1],), initializer="zeros")
        super(Scale, self).build(shape)

    def call(self, x):
        return x * self.gamma + self.beta


def clipped_relu(x):
    return K.relu(x, max_value=20)


def own_weights():
    model = Sequential([L.Dense(3, input_shape=(4,)), Scale(), L.Dense(2)])
    model.compile("sgd", "mse")
    return model, (6, 4)


def own_activation():
    inputs = L.Input((None, 6), name="the_input")
    hidden = L.TimeDistributed(L.Dense(5, activation=clipped_relu))(inputs)
    hidden = L.SimpleRNN(5, return_sequences=True, activation="relu")(hidden)
    return Model(inputs, L.TimeDistributed(L.Dense(4, activation="softmax"))(hidden)), (8, 12, 6)


def make(name, model, shape):
    rng = np.random.RandomState(0)
    model.set_weights([weight + rng.normal(size=weight.shape) * 0.3 for weight in model.get_weights()])
    x = rng.normal(size=shape).astype("float32")
    path = os.path.join(sys.argv[1], "k224-" + name)
    np.savez(path + ".npz", x0=x, p0=model.predict(x))
    model.save(path + ".h5")


if __name__ == "__main__":
    for builder in (own_weights, own_activation):
        np.random.seed(0)
        make(builder.__name__, *builder())
