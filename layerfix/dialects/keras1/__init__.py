"""Keras 1: other argument names, layers that Keras 2 dropped, and `Merge`."""
