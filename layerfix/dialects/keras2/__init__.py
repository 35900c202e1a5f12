"""Keras 2 and tf.keras: settings, layers and models whose words or meaning have changed since."""
