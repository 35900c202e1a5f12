"""Which Keras can have the defect, read from the version that a file states."""

from __future__ import annotations

from typing import Literal

Tracking = Literal["none", "attributes", "unknown"]
Flavour = Literal["keras1", "multi", "tf"]


def flavour(keras_version: str | None) -> Flavour:
    """Whose classes a file speaks of: Keras 1, multi-backend Keras 2.0-2.3, or tf.keras and Keras 3 ("2.2.4-tf", "2.6.0", "3.15.1").

    A file that does not say is taken for multi-backend Keras 2.
    """
    numbers = _numbers(keras_version)
    if keras_version is not None and ("-tf" in keras_version or numbers >= (2, 4)):
        return "tf"
    return "keras1" if numbers and numbers < (2,) else "multi"


def tracking(keras_version: str | None) -> Tracking:
    """What that Keras tracks of the layers inside a custom layer.

    "none": nothing (Keras before 2.3.0, tf.keras before TensorFlow 1.13). "attributes": layers in attributes, and in tf.keras in
    lists, but not those made in `call` or held by a plain object (Keras 2.3, tf.keras from 2.2.4-tf on, Keras 3). "unknown": the
    file does not say.
    """
    numbers = _numbers(keras_version)
    if not numbers or keras_version is None:
        return "unknown"
    if "-tf" in keras_version:
        return "none" if numbers < (2, 2) else "attributes"
    return "none" if numbers < (2, 3) else "attributes"


def _numbers(keras_version: str | None) -> tuple[int, ...]:
    head = (keras_version or "").split("-")[0].split(".")
    return tuple(int(part) for part in head if part.isdecimal() and len(part) < 6)
