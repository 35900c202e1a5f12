"""Classes registered with Keras for as long as something is loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import keras


@contextlib.contextmanager
def registered(classes: Mapping[str, object]) -> Iterator[None]:
    """What Keras has registered for all, with these instead of those of the same names; undone at the end.

    Inside a model what is registered for all wins over `custom_objects=` and over a scope
    (keras 3.15, saving/serialization_lib.py:542), so that a user's own `Denoising_layer` would
    give way to the one that ships.
    """
    known = keras.saving.get_custom_objects()
    before = dict(known)
    known.update(classes)
    try:
        yield
    finally:
        known.clear()
        known.update(before)
