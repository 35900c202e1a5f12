# ruff: noqa: B905, E501 - it runs in Python 3.6
"""CuDNN layers without a GPU: a genuine LSTM or GRU gets random CuDNN weights through Keras' own loader, and the file is told that they are CuDNN's.

Runs in genuine Keras 2.2:  python make_cudnn.py OUT_DIR
"""

import json
import os
import sys

import h5py
import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
from keras.engine.saving import preprocess_weights_for_loading
from keras.layers import GRU, LSTM, Bidirectional, Dense
from keras.models import Sequential

OUT = sys.argv[1]
UNITS, INPUTS = 4, 3
DROPPED = ("activation", "recurrent_activation", "use_bias", "dropout", "recurrent_dropout", "implementation", "reset_after", "unroll")


def random_weights(rng, gates):
    shapes = [(INPUTS, UNITS * gates), (UNITS, UNITS * gates), (2 * UNITS * gates,)]
    return [rng.normal(size=shape).astype("float32") * 0.5 for shape in shapes]


def rename(entry):
    entry["class_name"] = "CuDNN" + entry["class_name"]
    for key in DROPPED:
        entry["config"].pop(key, None)


def make(name, cls, gates, both):
    rng = np.random.RandomState(len(name))
    options = {"recurrent_activation": "sigmoid", "return_sequences": both}
    if cls is GRU:
        options["reset_after"] = True
    inner = cls(UNITS, **options)
    layer = Bidirectional(inner) if both else inner
    model = Sequential([Dense(INPUTS, input_shape=(6, INPUTS)), layer])
    parts = [layer.forward_layer, layer.backward_layer] if both else [layer]
    stored = []
    for part in parts:
        weights = random_weights(rng, gates)
        stored += weights
        part.set_weights(preprocess_weights_for_loading(part, weights))
    x = rng.normal(size=(8, 6, INPUTS)).astype("float32")
    path = os.path.join(OUT, name)
    model.save(path + ".h5")
    np.savez(path + ".npz", x0=x, p0=model.predict(x))
    with h5py.File(path + ".h5", "r+") as f:
        config = json.loads(f.attrs["model_config"].decode())
        entry = config["config"]["layers"][1]
        rename(entry["config"]["layer"] if both else entry)
        f.attrs["model_config"] = json.dumps(config).encode()
        group = f["model_weights"][layer.name]
        for weight, value in zip(group.attrs["weight_names"], stored):
            del group[weight.decode()]
            group[weight.decode()] = value


if __name__ == "__main__":
    for name, cls, gates, both in (
        ("cudnnlstm", LSTM, 4, False),
        ("cudnngru", GRU, 3, False),
        ("bi_cudnnlstm", LSTM, 4, True),
        ("bi_cudnngru", GRU, 3, True),
    ):
        make(name, cls, gates, both)
