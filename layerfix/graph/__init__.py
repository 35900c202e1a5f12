"""A live Keras model from a checkpoint, and its blueprint: with `probe`, the home of TensorFlow."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # must be set before TensorFlow is imported; users need none of its start-up chatter
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # else it is on or off by the processor, and with it what channels_first can do
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
