"""Functions of TensorFlow that tf.keras wrote into graphs."""
