"""Makes tf210-normalized.h5 and its recorded predictions, in TensorFlow 2.10."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from doubled import Doubled

HERE = Path(__file__).parent

if __name__ == "__main__":
    tf.keras.utils.set_random_seed(1)
    x = np.random.default_rng(0).normal(5, 3, (64, 6)).astype("float32")
    normalization = tf.keras.layers.Normalization()
    normalization.adapt(x)
    inputs = tf.keras.Input((6,))
    outputs = tf.keras.layers.Dense(2)(Doubled(4)(normalization(inputs)))
    model = tf.keras.Model(inputs, outputs)
    model.save(HERE / "tf210-normalized.h5")
    np.savez(HERE / "tf210-normalized.npz", x=x[:16], p=model.predict(x[:16]))
