"""Makes a generator as pix2pix has them: BatchNormalization called with training=True; predictions of `predict` are by the batch.

Runs in the legacy environment itself:  python make_called_in_training.py keras|tf OUT_FILE_STEM
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np

if sys.argv[1] == "tf":
    import tensorflow as tf

    keras = tf.keras
else:
    import keras
L = keras.layers
inputs = L.Input((4, 4, 2))
outputs = L.BatchNormalization(name="by_batch")(L.Conv2D(3, 3, padding="same")(inputs), training=True)
model = keras.models.Model(inputs, L.Activation("tanh")(outputs))
rng = np.random.RandomState(5)
model.set_weights([weight + rng.uniform(0.1, 0.4, weight.shape).astype("float32") for weight in model.get_weights()])
given = rng.uniform(-1, 1, (5, 4, 4, 2)).astype("float32")
np.savez(sys.argv[2] + ".npz", x0=given, p0=model.predict(given, batch_size=5))
model.save(sys.argv[2] + ".h5")
