"""Makes variational autoencoders, which draw when they predict: as a Lambda, and as a class of one's own.

Runs in the legacy environment itself:  python make_drawing.py keras|tf lambda|class OUT.h5
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

if sys.argv[1] == "tf":
    from tensorflow import keras
else:
    import keras
L, K = keras.layers, keras.backend


def sampling(args):
    mean, spread = args
    return mean + K.exp(0.5 * spread) * K.random_normal(shape=(K.shape(mean)[0], K.int_shape(mean)[1]))


class Sampling(L.Layer):
    def call(self, args):
        return sampling(args)

    def compute_output_shape(self, shape):
        return shape[0]


seen = L.Input((6,))
hidden = L.Dense(8, activation="relu")(seen)
parts = [L.Dense(2, name="mean")(hidden), L.Dense(2, name="spread")(hidden)]
drawn = L.Lambda(sampling, output_shape=(2,), name="z") if sys.argv[2] == "lambda" else Sampling(name="z")
keras.models.Model(seen, L.Dense(6, activation="sigmoid")(drawn(parts))).save(sys.argv[3])
