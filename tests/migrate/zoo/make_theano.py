"""Makes the layers that Theano computes otherwise, in genuine Keras 2.2.4 on Theano 1.0.5, with inputs and predictions.

Runs in the legacy environment itself:  KERAS_BACKEND=theano python make_theano.py OUT_DIR [CASE...]
"""

import os
import sys

import keras
import numpy as np

L, OUT = keras.layers, sys.argv[1]
IMG, SEQ, FILM = (7, 8, 3), (9, 3), (4, 6, 6, 2)
CASES = {
    "convt_valid": (IMG, lambda: L.Conv2DTranspose(4, (3, 2), strides=2)),
    "convt_same_s2k3": (IMG, lambda: L.Conv2DTranspose(4, 3, strides=2, padding="same")),
    "convt_same_s2k5": (IMG, lambda: L.Conv2DTranspose(4, 5, strides=2, padding="same", activation="relu")),
    "convt_same_s1": (IMG, lambda: L.Conv2DTranspose(4, 3, padding="same")),
    "conv_even": (IMG, lambda: L.Conv2D(4, (4, 2), padding="same")),
    "conv_s2": (IMG, lambda: L.Conv2D(4, (3, 4), strides=2, padding="same")),
    "conv_dil": (IMG, lambda: L.Conv2D(4, (2, 3), dilation_rate=2, padding="same")),
    "conv1d_even": (SEQ, lambda: L.Conv1D(4, 4, strides=2, padding="same")),
    "conv1d_causal": (SEQ, lambda: L.Conv1D(4, 2, dilation_rate=2, padding="causal")),
    "maxpool1d": (SEQ, lambda: L.MaxPooling1D(3, strides=2, padding="same")),
    "convlstm": (FILM, lambda: L.ConvLSTM2D(3, 3, padding="same", return_sequences=True)),
    "convlstm_valid": (FILM, lambda: L.ConvLSTM2D(3, (3, 3))),
    "first": ((3, 7, 8), lambda: L.Conv2D(4, (2, 3), padding="same", data_format="channels_first")),
}
for size, step in ((2, 2), (3, 2), (3, 1), (2, 1), (4, 3)):
    CASES["maxpool_%d_%d" % (size, step)] = (IMG, lambda size=size, step=step: L.MaxPooling2D(size, strides=step, padding="same"))


def make(name):
    shape, layer = CASES[name]
    np.random.seed(1)
    inputs = L.Input(shape)
    model = keras.models.Model(inputs, layer()(inputs))
    x = np.random.rand(4, *shape).astype("float32")
    model.set_weights([value + 0.05 * np.random.rand(*value.shape) for value in model.get_weights()])
    np.savez(os.path.join(OUT, name + ".npz"), x0=x, p0=model.predict(x))
    model.save(os.path.join(OUT, name + ".h5"))


if __name__ == "__main__":
    if not os.path.isdir(OUT):
        os.makedirs(OUT)
    for key in sys.argv[2:] or sorted(CASES):
        make(key)
