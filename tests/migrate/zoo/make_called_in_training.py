"""Makes generators as pix2pix has them: BatchNormalization called with training=True; predictions of `predict` are by the batch.

Runs in the legacy environment itself:  python make_called_in_training.py keras|tf OUT_FILE_STEM [nested|noisy]

`nested` (tf alone): in a Sequential that is called so, beside a frozen one, of which TensorFlow 2 takes the moving averages.
`noisy`: with a Dropout called so, too.
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
kind = sys.argv[3] if len(sys.argv) > 3 else ""
inputs = L.Input((4, 4, 2))
if kind == "nested":
    block = keras.models.Sequential(
        [L.Conv2D(3, 3, padding="same", input_shape=(4, 4, 2)), L.BatchNormalization(scale=False)], name="block"
    )
    outputs = block(inputs, training=True)
    outputs = L.BatchNormalization(trainable=False, name="frozen")(outputs, training=True)
    outputs = L.BatchNormalization(axis=1, center=False, epsilon=0.01, name="rows")(outputs, training=True)
else:
    outputs = L.BatchNormalization(name="by_batch")(L.Conv2D(3, 3, padding="same")(inputs), training=True)
if kind == "noisy":
    outputs = L.Dropout(0.5, name="noise")(outputs, training=True)
model = keras.models.Model(inputs, L.Activation("tanh")(outputs))
rng = np.random.RandomState(5)
model.set_weights([weight + rng.uniform(0.1, 0.4, weight.shape).astype("float32") for weight in model.get_weights()])
given = rng.uniform(-1, 1, (5, 4, 4, 2)).astype("float32")
np.savez(sys.argv[2] + ".npz", x0=given, p0=model.predict(given, batch_size=5))
model.save(sys.argv[2] + ".h5")
