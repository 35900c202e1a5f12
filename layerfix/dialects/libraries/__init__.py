"""Layers that public packages added to Keras, said with stock layers; what has no equal is refused by name."""
