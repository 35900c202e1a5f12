"""BatchNormalization of Keras 1: modes that Keras 2 dropped, and what its first releases kept as statistics."""

from __future__ import annotations

from layerfix.dialects.keras2.in_training import normalise_by
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Relay

_BY_VARIANCE = (1, 0, 7)
"""The first release that keeps a variance on both backends (keras 1.0.7, theano_backend.py and tensorflow_backend.py)."""
_MIXED = (1, 0, 6)
"""Its TensorFlow kept a variance already, its Theano a deviation."""
_KEYS = {"release": "keras_version", "backend": "backend"}
"""What an architecture states each by."""


def normalization_mode(source: Source, entry: Entry) -> str | None:
    """BatchNormalization with mode 1 normalised each sample, with mode 2 by the batch even when predicting (keras 1.2.2,
    normalization.py)."""
    config, own = entry["config"], entry["name"]
    mode = config.get("mode", 0)
    if layer_class(entry) != "BatchNormalization" or not source.is_keras1 or mode == 0:
        return None
    if mode not in {1, 2}:
        raise GraphError(f"BatchNormalization with mode {mode} has no equal in today's Keras.", where=own)
    epsilon = config.get("epsilon", 1e-3)
    axis, below = (-1, epsilon) if mode == 1 else (config.get("axis", -1), 0.0)
    normalise_by(entry, axis, epsilon=epsilon, below=below, each_sample=mode == 1)
    return "normalises each sample" if mode == 1 else "normalises by the batch even when predicting"


def stored_deviation(source: Source, entry: Entry) -> str | None:
    """Keras before 1.0.7 stored a deviation and divided by it plus epsilon (keras 1.0.5, normalization.py, `call`); today's divides by the
    root of a variance plus epsilon.

    Raises:
        GraphError: where the file tells neither release nor, for 1.0.6, the backend.
    """
    config = entry["config"]
    if layer_class(entry) != "BatchNormalization" or not source.is_keras1 or source.release >= _BY_VARIANCE:
        return None
    own = entry["name"]
    if config.get("mode", 0) != 0:
        raise GraphError(f"BatchNormalization with mode {config['mode']} of Keras before 1.0.7 has no known equal.", where=own)
    what = "release" if source.unstated else "backend" if source.release == _MIXED and source.backend is None else None
    if what is not None:
        raise GraphError(
            f"this file does not tell its {what}, and Keras before 1.0.7 stored deviations where later ones store variances.",
            where=own,
            hint=f'Give the model with --architecture FILE.json, in it "{_KEYS[what]}": "...".',
        )
    if source.release == _MIXED and source.backend != "theano":
        return None
    entry["relay"] = Relay("keras1_deviation", count=4, untrained=2, epsilon=float(config["epsilon"]))
    return "its stored deviations are variances today"


KERAS1_NORMALIZATION = (stored_deviation, normalization_mode)
