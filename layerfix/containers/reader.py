"""`read`: any checkpoint file -> `Checkpoint` records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from layerfix.containers.archive import opened
from layerfix.containers.config import layer_list, with_names
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.jsons import MAX_BYTES, decode
from layerfix.containers.keras_hdf5 import is_legacy, read_legacy
from layerfix.containers.records import Checkpoint
from layerfix.containers.v3 import is_v3, read_v3
from layerfix.disk.files import open_regular
from layerfix.errors import NoCheckpointError, ReadError, UsageError

MODEL_CONFIG_KEYS = ("class_name", "config", "module", "registered_name", "build_config", "compile_config")


def read(path: Path | str, *, architecture: Path | str | None = None) -> Checkpoint:
    """What a checkpoint file holds, without its arrays. The format is decided by content, never by suffix.

    Args:
        path: `.h5`/`.hdf5`/`.keras`/`.weights.h5`, whatever its name.
        architecture: the JSON text of `model.to_json()`, for a file that holds weights alone.

    Raises:
        ReadError: where the file is missing, no checkpoint, or damaged.
        HostileError: where it holds what no genuine checkpoint holds.
        UsageError: where `architecture` is given and the file has its own.
    """
    path = Path(path)
    with opened(path) as source:
        if is_legacy(source.file):
            checkpoint = read_legacy(source.file, path)
        elif is_v3(source):
            checkpoint = read_v3(source, path)
        else:
            raise _no_checkpoint(source.file)
    if architecture is not None:
        checkpoint = _with_architecture(checkpoint, Path(architecture))
    if checkpoint.config is None:
        return checkpoint
    return replace(checkpoint, config=with_names(checkpoint.config, [layer.name for layer in checkpoint.layers]))


def _with_architecture(checkpoint: Checkpoint, path: Path) -> Checkpoint:
    if checkpoint.config is not None:
        raise UsageError("holds its own architecture.", where=str(checkpoint.path), hint=f"Leave {path} out.")
    stated = _architecture(path)
    return replace(
        checkpoint,
        config={key: stated[key] for key in MODEL_CONFIG_KEYS if key in stated},
        keras_version=checkpoint.keras_version or _text(stated, "keras_version"),
        backend=checkpoint.backend or _text(stated, "backend"),
        architecture=path,
    )


def _architecture(path: Path) -> Mapping[str, Any]:
    hint = "It should be the text that `model.to_json()` wrote."
    try:
        with open_regular(path) as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ReadError(f"cannot be opened ({getattr(error, 'strerror', None) or error}).", where=str(path), hint=hint) from error
    if len(raw) > MAX_BYTES:
        raise ReadError("is too large for an architecture.", where=str(path), hint=hint)
    stated = decode(raw, str(path))
    if isinstance(stated, str):  # json.dump(model.to_json()) wraps the text once more
        stated = decode(stated, str(path))
    if not isinstance(stated, Mapping) or layer_list(stated) is None:
        raise ReadError("is JSON, but no Keras architecture.", where=str(path), hint=hint)
    return stated


def _text(stated: Mapping[str, Any], key: str) -> str | None:
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
