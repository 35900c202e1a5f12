"""One more training step of genuine Keras 2.2.4 for each optimizer, taken without TensorFlow 1's races (see README.md).

python make.py OUT [NAME...]         in an environment with tensorflow==1.15.5 keras==2.2.4
python make.py OUT keras1_by_name    in one with tensorflow==1.4.1 keras==1.2.2, which kept slots in the order of the weights' names
"""

import os
import sys

import numpy as np
import tensorflow as tf
from keras import backend as K
from keras import optimizers
from keras.layers import Dense, Input
from keras.models import Model, load_model

OPTIMIZERS = {
    "nesterov_decay": lambda: optimizers.SGD(lr=0.05, momentum=0.9, nesterov=True, decay=0.01),
    "clipnorm": lambda: optimizers.SGD(lr=0.05, momentum=0.9, clipnorm=0.1),
    "rmsprop_decay": lambda: optimizers.RMSprop(lr=0.002, decay=0.01),
    "adagrad": lambda: optimizers.Adagrad(lr=0.05),
    "adadelta": lambda: optimizers.Adadelta(),
    "adam_decay": lambda: optimizers.Adam(lr=0.01, decay=0.01),
    "amsgrad": lambda: optimizers.Adam(lr=0.01, amsgrad=True),
    "adamax": lambda: optimizers.Adamax(lr=0.01),
    "keras1_by_name": lambda: optimizers.SGD(lr=0.05, momentum=0.9),
}


def without_races():
    """All gradients first, then the updates; the count of steps is read once, before it is raised."""
    gradients, reads = [], {}
    update_add, cast = K.update_add, K.cast

    def all_gradients(loss, variables):
        gradients[:] = tf.tuple(tf.gradients(loss, variables))
        return list(gradients)

    def update_later(x, increment):
        reads[x] = tf.identity(x)
        with tf.control_dependencies([*gradients, reads[x]]):
            return update_add(x, increment)

    def cast_as_read(x, dtype):
        return cast(reads.get(x, x) if isinstance(x, tf.Variable) else x, dtype)

    K.gradients, K.update_add, K.cast = all_gradients, update_later, cast_as_read


def record(name, out):
    K.clear_session()
    random = np.random.RandomState(3)
    x = random.normal(size=(256, 5)).astype("float32")
    y = np.stack([np.sin(x[:, 0]) + x[:, 1] * x[:, 2], x[:, 3] - x[:, 4] ** 2], 1).astype("float32")
    inputs = Input((5,))
    names = ("second", "first") if name == "keras1_by_name" else (None, None)
    model = Model(inputs, Dense(2, name=names[1])(Dense(8, activation="tanh", name=names[0])(inputs)))
    model.compile(OPTIMIZERS[name](), "mse")
    for step in range(40):
        part = slice(step % 4 * 64, (step % 4 + 1) * 64)
        model.train_on_batch(x[part], y[part])
    model.save(os.path.join(out, name + ".h5"))
    K.clear_session()
    model = load_model(os.path.join(out, name + ".h5"))
    found = {"x": x[:64], "y": y[:64], "loss": model.train_on_batch(x[:64], y[:64]), "p": model.predict(x[:64])}
    found.update((f"w{index}", weight) for index, weight in enumerate(model.get_weights()))
    np.savez_compressed(os.path.join(out, name + ".npz"), **found)


if __name__ == "__main__":
    without_races()
    for wanted in sys.argv[2:] or [name for name in OPTIMIZERS if not name.startswith("keras1")]:
        record(wanted, sys.argv[1])
