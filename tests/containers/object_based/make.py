"""Saves weights of genuine tf.keras 2.15 in the object-based format, and the same values by name (see README.md)."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(3)
layers = [tf.keras.layers.Dense(3, input_shape=(2,), name="first"), tf.keras.layers.Dense(2, name="second")]
model = tf.keras.Sequential(layers)
model.save_weights("./weights", save_format="tf")
np.savez_compressed("expected.npz", **{weight.name.split(":")[0]: weight.numpy() for weight in model.weights})
