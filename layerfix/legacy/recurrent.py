"""Defaults of recurrent layers, which changed between releases of Keras: code that states none means those of its own release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layerfix.legacy.versions import release

_LSTM = frozenset({"LSTM", "LSTMCell"})
_GRU = frozenset({"GRU", "GRUCell"})
_CONVOLUTIONAL = frozenset({"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM2DCell", "ConvLSTM3D"})
CLASSES = _LSTM | _GRU | _CONVOLUTIONAL


@dataclass(frozen=True, slots=True)
class RecurrentDefaults:
    """What a release takes where a call states nothing.

    Attributes:
        hard_gates: whether the recurrent activation of LSTM and GRU is hard_sigmoid.
        hard_convolutional_gates: the same of ConvLSTM.
        reset_after: of GRU.
    """

    hard_gates: bool = True
    hard_convolutional_gates: bool = True
    reset_after: bool = False

    def of(self, class_name: str) -> Mapping[str, Any]:
        """The defaults of a class; {} for one that is not recurrent."""
        if class_name not in CLASSES:
            return {}
        hard = self.hard_convolutional_gates if class_name in _CONVOLUTIONAL else self.hard_gates
        gates = {"recurrent_activation": "hard_sigmoid" if hard else "sigmoid"}
        return {**gates, "reset_after": self.reset_after} if class_name in _GRU else gates


OLDEST = RecurrentDefaults()
"""Those of Keras 1 to 2.2 and of tf.keras in TensorFlow 1 (keras 2.2.4, layers/recurrent.py)."""
_KERAS_2_3 = RecurrentDefaults(hard_gates=False)
_TF_KERAS_2 = RecurrentDefaults(hard_gates=False, reset_after=True)
_KERAS_3 = RecurrentDefaults(hard_gates=False, hard_convolutional_gates=False, reset_after=True)


def recurrent_defaults(keras_version: str | None, tensorflow1: bool | None) -> RecurrentDefaults:
    """The defaults of the release that a file states.

    Args:
        keras_version: as the file states it; the oldest defaults where it states none.
        tensorflow1: whether TensorFlow 1 wrote it, or None where that is open: tf.keras "2.2.4-tf" was in TensorFlow 1.13 to 2.1, whose
            defaults differ.
    """
    stated = release(keras_version)
    if stated is None or stated.family == "keras1" or stated.numbers < (2, 2, 0):
        return OLDEST
    if stated.family == "keras3":
        return _KERAS_3
    if stated.numbers < (2, 3, 0):
        return _TF_KERAS_2 if stated.family == "tf_keras" and tensorflow1 is False else OLDEST
    return _KERAS_2_3 if stated.family == "keras2" else _TF_KERAS_2
