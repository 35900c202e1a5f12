"""`read`: any checkpoint file -> `Checkpoint` records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from layerfix.containers.architecture import MODEL_CONFIG_KEYS, read_architecture
from layerfix.containers.archive import opened
from layerfix.containers.config import with_names
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.keras_hdf5 import is_legacy, read_legacy
from layerfix.containers.lost_padding import with_output_padding
from layerfix.containers.records import Checkpoint
from layerfix.containers.v3 import is_v3, read_v3, resolved
from layerfix.disk.folders import is_browser_model, is_prefix, is_saved_model, whole
from layerfix.errors import NoCheckpointError, ReadError, UsageError


def read(path: Path | str, *, architecture: Path | str | None = None) -> Checkpoint:
    """What a checkpoint file holds, without its arrays. The format is decided by content, never by suffix.

    Args:
        path: `.h5`/`.hdf5`/`.keras`/`.weights.h5`, whatever its name; a SavedModel's folder; a TensorFlow checkpoint by its prefix or any
            of its files; a TensorFlow.js model by its `model.json` or its folder.
        architecture: the text of `model.to_json()` or `model.to_yaml()`, for a file that holds weights alone.

    Raises:
        ReadError: where the file is missing, no checkpoint, or damaged.
        HostileError: where it holds what no genuine checkpoint holds.
        UsageError: where `architecture` is given and the file has its own.
    """
    path = whole(Path(path))
    if is_saved_model(path) or is_prefix(path) or is_browser_model(path):
        return _read_folder(path, None if architecture is None else Path(architecture))
    with opened(path) as source:
        if is_legacy(source.file):
            checkpoint = read_legacy(source.file, path)
        elif is_v3(source):
            checkpoint = read_v3(source, path)
        else:
            raise _no_checkpoint(source.file)
        if architecture is not None:
            checkpoint = _with_architecture(checkpoint, Path(architecture))
        if checkpoint.config is not None:
            checkpoint = replace(checkpoint, config=with_output_padding(checkpoint.config, checkpoint.keras_version))
        if checkpoint.is_v3:
            return resolved(checkpoint, source)
    if checkpoint.config is None:
        return checkpoint
    return replace(checkpoint, config=with_names(checkpoint.config, [layer.name for layer in checkpoint.layers]))


def _read_folder(path: Path, architecture: Path | None) -> Checkpoint:
    """A checkpoint that is more than one file; what reads such ones is imported for them alone."""
    if is_prefix(path):
        from layerfix.containers.tf_checkpoint import read_tf_checkpoint

        stated = None if architecture is None else (architecture, read_architecture(architecture))
        return read_tf_checkpoint(path, stated)
    if architecture is not None:
        hint = f"Leave {architecture} out."
        raise UsageError("holds its own architecture.", where=str(path), hint=hint)
    if is_saved_model(path):
        from layerfix.containers.saved_model import read_saved_model

        return read_saved_model(path)
    from layerfix.containers.browser import read_browser_model

    return read_browser_model(path)


def _with_architecture(checkpoint: Checkpoint, path: Path) -> Checkpoint:
    if checkpoint.config is not None:
        raise UsageError("holds its own architecture.", where=str(checkpoint.path), hint=f"Leave {path} out.")
    stated = read_architecture(path)
    return replace(
        checkpoint,
        config={key: stated[key] for key in MODEL_CONFIG_KEYS if key in stated},
        keras_version=checkpoint.keras_version or _text(stated, "keras_version") or (_spoken(stated) if checkpoint.is_v3 else None),
        backend=checkpoint.backend or _text(stated, "backend"),
        architecture=path,
    )


def _spoken(stated: Mapping[str, object]) -> str:
    """The generation whose words an architecture beside a v3 file speaks, where it states no version: Keras 3's `to_json` writes none.

    Since 3.4 it says a dtype as its policy (keras 3.4, layer.py, `get_config`), and since then merge layers hand on masks.
    """
    words = json.dumps(stated)
    if '"DTypePolicy"' in words:
        return "3.4"
    return "3.0" if any(f'"{word}"' in words for word in ("__keras_tensor__", "DTypePolicy", "batch_shape")) else "2.15.0"


def _text(stated: Mapping[str, object], key: str) -> str | None:
    value = stated.get(key)
    return value if isinstance(value, str) else None


def _no_checkpoint(file: GuardedFile) -> ReadError:
    held = [f"{name!r}" for name in file.children(file.root, limit=6)]
    listing = "nothing" if not held else ", ".join(held[:5]) + (", ..." if len(held) > 5 else "")
    if file.attribute(file.root, "model_config") is not None:
        return file.damaged("it has a model_config but no group 'model_weights'")
    if file.attribute(file.root, "nb_layers") is not None:
        return ReadError("holds weights of Keras 0.x (`nb_layers`).", where=file.place, hint="Load and save it with Keras 1 first.")
    return NoCheckpointError(f"is an HDF5 file but no Keras checkpoint: at its root it holds {listing}.", where=file.place)
