"""Train models without any seed in genuine legacy Keras, for `moments.py`: `<legacy python> moments_models.py OUT ROW...`.

A row is JSON: name, channels, between ("none", "conv", "pool", "relu"), filter, batch, epochs. Beside `name.h5` lies `name.npz`: the lost
kernels by variable name. Runs in Python 3.6 and 3.7.
"""

import json
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sample_models"))

LENGTH, SAMPLES = 32, 512


def model_of(row, user):
    """Convolution, BatchNormalization, ReLU, the lost layer, what lies between, BatchNormalization, ReLU, and a softmax."""
    from keras import layers as stock
    from keras.models import Model

    channels = row["channels"]
    given = stock.Input((LENGTH, 1))
    found = stock.BatchNormalization()(stock.Conv1D(channels, 5, padding="same")(given))
    found = user.Denoising_layer(filter_type=row["filter"])(stock.Activation("relu")(found))
    if row["between"] == "pool":
        found = stock.MaxPooling1D()(found)
    if row["between"] == "relu":
        found = stock.Activation("relu")(found)
    if row["between"] != "none":
        found = stock.Conv1D(channels, 3, padding="same")(found)
    found = stock.Activation("relu")(stock.BatchNormalization()(found))
    return Model(given, stock.Dense(3, activation="softmax")(stock.GlobalAveragePooling1D()(found)))


def train(row, out):
    import workbench as bench
    from keras import backend as K

    K.clear_session()
    np.random.seed(None)
    x, y = bench.signals(SAMPLES, seed=1, length=LENGTH)[:2]
    model = model_of(row, bench.load_source(os.path.join(os.path.dirname(bench.__file__), "layers.py")))
    model.compile("adam", "categorical_crossentropy")
    model.fit(x, y, batch_size=row["batch"], epochs=row["epochs"], verbose=0)
    np.savez(os.path.join(out, row["name"] + ".npz"), **bench.hidden_tensors(model))
    model.save(os.path.join(out, row["name"] + ".h5"))


if __name__ == "__main__":
    for told in sys.argv[2:]:
        train(json.loads(told), sys.argv[1])
