"""What the version that a file states says of the Keras that wrote it: its family, its release, and what it tracked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Tracking = Literal["none", "attributes", "unknown"]
Family = Literal["keras1", "keras2", "tf_keras", "keras3"]
Numbers = tuple[int, int, int]

NEWEST_KERAS2: Numbers = (2, 2, 5)
"""The newest multi-backend Keras that tracked nothing: what is taken where a file does not say."""

BROWSER = "tfjs-layers"
"""How the version of a model begins that TensorFlow.js itself saved."""
_STATED = re.compile(r"(\d{1,4})\.(\d{1,5})(?:\.(\d{1,5}))?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Release:
    """A release of Keras.

    Attributes:
        family: "keras1"; "keras2", multi-backend Keras 2.0 to 2.3; "tf_keras", TensorFlow's own, which wrote "2.1.6-tf" to "2.2.4-tf",
            then numbers from 2.3.0-tf or 2.4.0 on that exist nowhere else; "keras3".
        numbers: major, minor, patch; 0 where a number is not stated. What stands behind them ("rc1") does not count.
    """

    family: Family
    numbers: Numbers


def release(keras_version: str | None) -> Release | None:
    """The release that a file states as "2.2.4", "2.0", "2.2.4rc1", "2.2.4-tf" or "3.15.1"; None where it states none.

    TensorFlow.js ("tfjs-layers 4.22.0") writes the config of tf.keras 2 and computes as that did (tfjs-layers, layers/*.ts).
    """
    if (keras_version or "").startswith(BROWSER):
        return Release("tf_keras", (2, 4, 0))
    stated = _STATED.fullmatch(keras_version or "")
    if stated is None:
        return None
    numbers = (int(stated[1]), int(stated[2]), int(stated[3] or 0))
    return Release(_family(numbers, stated[4]), numbers)


def _family(numbers: Numbers, rest: str) -> Family:
    if "-tf" in rest:
        return "tf_keras"
    if numbers < (2, 0, 0):
        return "keras1"
    if numbers < (2, 4, 0):
        return "keras2"
    return "tf_keras" if numbers < (3, 0, 0) else "keras3"


def keras2_numbers(keras_version: str | None) -> Numbers:
    """The release as numbers, for rules that changed between releases of Keras 2; the newest of them where a file does not say."""
    stated = release(keras_version)
    return stated.numbers if stated is not None else NEWEST_KERAS2


def tracking(keras_version: str | None) -> Tracking:
    """What that Keras tracks of the layers inside a custom layer.

    "none": nothing (Keras before 2.3.0, tf.keras before TensorFlow 1.13, which wrote "2.1.6-tf"). "attributes": layers in attributes, and
    in tf.keras in lists, but not those made in `call` or held by a plain object (Keras 2.3, later tf.keras, Keras 3). "unknown": the
    file does not say.
    """
    stated = release(keras_version)
    if stated is None:
        return "unknown"
    first = (2, 2, 0) if stated.family == "tf_keras" else (2, 3, 0)
    return "none" if stated.numbers < first else "attributes"
