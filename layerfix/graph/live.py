"""A checkpoint as a live Keras model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from layerfix.containers.archive import opened
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint
from layerfix.dialects.keras3.graph import imported_by_a_load
from layerfix.errors import GraphError, reason
from layerfix.graph.rebuilt import rebuild
from layerfix.graph.registered import registered
from layerfix.graph.shim.loader import load_layers
from layerfix.isolation.vet import vet
from layerfix.layers import corrected
from layerfix.legacy.versions import release


def load_model(
    path: Path | str, layers: Path | str | Sequence[Path | str] | None = None, *, architecture: Path | str | None = None
) -> keras.Model:
    """A repaired or legacy checkpoint as a Keras 3 model that predicts what the legacy model predicted.

    Args:
        path: a legacy HDF5 file, a repaired one, or a `.keras` archive.
        layers: source of the user's own layer classes, one file or several; shipped corrected classes are known without.
        architecture: the model's JSON, for a file of weights alone.

    Returns:
        The model, uncompiled. Weights that the file does not hold have fresh initial values.

    Raises:
        ReadError, GraphError, LayersError: one sentence each.
    """
    files = [Path(item) for item in ([layers] if isinstance(layers, str | Path) else layers or ())]
    vet(path, architecture=architecture, do="graph")
    return load_own(Path(path), files, architecture=None if architecture is None else Path(architecture))


def load_own(path: Path, files: Sequence[Path] = (), *, architecture: Path | None = None) -> keras.Model:
    """`load_model` without the child, for what this process wrote itself.

    Raises:
        ReadError, GraphError, LayersError: one sentence each.
    """
    checkpoint = read(path, architecture=architecture)
    given = load_layers(files) if checkpoint.is_v3 else {}
    if not opens_as_it_is(checkpoint, given):
        return rebuild(checkpoint, layers=files).model
    custom: dict[str, Any] = {name: entry.load() for name, entry in corrected().items()} | given
    try:
        with registered(custom):
            return keras.saving.load_model(str(path), compile=False, safe_mode=True)
    except Exception as error:
        raise GraphError(f"Keras cannot load it: {reason(error)}", where=str(path), hint="Give its layer classes with layers=.") from error


def opens_as_it_is(checkpoint: Checkpoint, given: Mapping[str, object]) -> bool:
    """Whether it is a `.keras` file of Keras 3 whose load imports and runs nothing that the file names."""
    stated = release(checkpoint.keras_version)
    if checkpoint.format != "keras-v3" or stated is None or stated.family != "keras3":
        return False
    with opened(checkpoint.path) as source:
        return imported_by_a_load(source.config, {*given, *corrected()}) is None
