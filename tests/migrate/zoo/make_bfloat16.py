"""Makes a small model with bfloat16 weights in genuine Keras 3, in every container that the release writes.

Runs in that environment itself:  python make_bfloat16.py OUT_DIR
"""

import os
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

L, OUT = keras.layers, sys.argv[1]


def main():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6,))
    hidden = L.Dense(4, dtype="bfloat16", activation="tanh", bias_initializer="random_normal")(inputs)
    model = keras.Model(inputs, L.Dense(3, dtype="mixed_bfloat16")(hidden))
    given = np.random.default_rng(4).uniform(-1, 1, (5, 6)).astype("float32")
    stem = f"{OUT}/keras{''.join(keras.__version__.split('.')[:2])}-bfloat16"
    np.savez(f"{stem}.npz", x0=given, p0=np.asarray(model.predict(given, verbose=0)).astype("float32"))
    model.save(f"{stem}.keras")
    model.save(f"{stem}.h5")


main()
