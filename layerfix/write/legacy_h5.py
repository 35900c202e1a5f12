"""Writes a whole model as the `.h5` file of an older Keras."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py

from layerfix.arrays import Array
from layerfix.write.h5 import set_names

Named = Sequence[tuple[str, Array]]
Training = tuple[Mapping[str, Any], Named]


def write_legacy_h5(
    path: Path,
    config: Mapping[str, object],
    weights: Mapping[str, Named],
    keras_version: str,
    training: Training | None,
) -> None:
    """Writes a whole model (keras 2.2.4, engine/saving.py, `_serialize_model`).

    Args:
        path: where to write.
        config: `model_config`.
        weights: by layer, (name, array) in the order in which that Keras loads them.
        keras_version: what the file states.
        training: `training_config` and `optimizer_weights`, (name, array) in the order in which that Keras loads them; None for neither.
    """
    with h5py.File(path, "w", track_order=False) as file:
        file.attrs["model_config"] = json.dumps(config).encode()
        _state_origin(file, keras_version)
        _write_layers(file.create_group("model_weights"), weights, keras_version)
        if training is not None:
            file.attrs["training_config"] = json.dumps(training[0]).encode()
            if training[1]:
                _write_group(file.create_group("optimizer_weights"), training[1])


def write_legacy_weights(path: Path, weights: Mapping[str, Named], keras_version: str) -> None:
    """Writes weights alone, as `save_weights` of that Keras does; the arguments are as in `write_legacy_h5`."""
    with h5py.File(path, "w", track_order=False) as file:
        _write_layers(file, weights, keras_version)


def _state_origin(group: h5py.Group, keras_version: str) -> None:
    group.attrs["keras_version"] = keras_version.encode()
    group.attrs["backend"] = b"tensorflow"


def _write_layers(group: h5py.Group, weights: Mapping[str, Named], keras_version: str) -> None:
    _state_origin(group, keras_version)
    set_names(group, "layer_names", weights)
    for layer, held in weights.items():
        _write_group(group.create_group(layer), held)


def _write_group(group: h5py.Group, held: Named) -> None:
    set_names(group, "weight_names", [name for name, _ in held])
    for name, array in held:
        group.create_dataset(name, data=array, track_times=False)
