"""layerfix: fsck for Keras checkpoints."""

__version__ = "0.1.0"
