"""Facts about old Keras, each stated once: stock classes, what they store and draw, initializers, versions. No TensorFlow."""
