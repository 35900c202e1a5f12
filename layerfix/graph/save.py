"""Writes a live model so that plain Keras 3 loads it. Same model, same bytes: archives and HDF5 files carry no timestamps."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from layerfix.errors import VerifyError, WriteError, reason

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip can state."""


def save_keras(model: keras.Model, temp_path: Path) -> None:
    """Writes a `.keras` archive.

    Args:
        model: any Keras 3 model; its compile settings and optimizer state go along.
        temp_path: where to write, whatever its suffix.

    Raises:
        WriteError: where Keras cannot serialise the model.
    """
    with _draft(temp_path, ".draft.keras", "the model") as draft:
        model.save(draft)
        _repack(draft, temp_path)


def save_weights(model: keras.Model, temp_path: Path) -> None:
    """Writes a `.weights.h5` file of Keras 3. Raises WriteError as `save_keras`."""
    with _draft(temp_path, ".draft.weights.h5", "the weights") as draft:
        model.save_weights(draft)
        draft.replace(temp_path)


@contextmanager
def _draft(temp_path: Path, suffix: str, what: str) -> Iterator[Path]:
    """A file beside the one to write, of the suffix that Keras insists on; gone at the end."""
    draft = temp_path.with_name(temp_path.name + suffix)
    try:
        yield draft
    except OSError:  # a full disk, a folder that is not there: the caller tells those
        raise
    except Exception as error:
        raise WriteError(f"Keras cannot save {what}: {reason(error)}", where=str(temp_path)) from error
    finally:
        draft.unlink(missing_ok=True)


def check_weights(model: keras.Model, path: Path) -> None:
    """Loads a written `.weights.h5` file into the model, which must not change a bit.

    Raises:
        VerifyError: where a weight differs.
    """
    before = [weight.numpy().tobytes() for weight in model.weights]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".layerfix-check-") as folder:
        link = Path(folder) / "model.weights.h5"
        link.hardlink_to(path)
        model.load_weights(link)
    for weight, stored in zip(model.weights, before, strict=True):
        if weight.numpy().tobytes() != stored:
            raise VerifyError(f"weight {weight.path} was not written as it is.", where=str(path))


def _repack(draft: Path, target: Path) -> None:
    """The same archive with its members in order, without dates and memory addresses; `metadata.json` loses its `date_saved`."""
    with zipfile.ZipFile(draft) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(source.namelist()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr = 0o644 << 16
            if name == "metadata.json":
                stated = json.loads(source.read(name))
                stated.pop("date_saved", None)
                archive.writestr(info, json.dumps(stated, sort_keys=True))
                continue
            if name == "config.json":
                archive.writestr(info, json.dumps(_numbered(json.loads(source.read(name)), {})))
                continue
            with source.open(name) as member, archive.open(info, "w", force_zip64=True) as copy:
                while piece := member.read(1 << 20):
                    copy.write(piece)


def _numbered(value: object, numbers: dict[int, int]) -> Any:
    """A config whose shared objects are numbered as they appear; Keras numbers them by memory address."""
    if isinstance(value, list):
        return [_numbered(item, numbers) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: numbers.setdefault(item, len(numbers) + 1) if key == "shared_object_id" else _numbered(item, numbers)
        for key, item in value.items()
    }


def save_safetensors(model: keras.Model, temp_path: Path) -> None:
    """Writes the weights as `.safetensors`, named by their paths in the model."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        # In C order: safetensors 0.8 takes the bytes of Fortran's order as they lie, and says nothing of it;
        # and not by ascontiguousarray, which makes a vector of a single number.
        save_file({weight.path: np.asarray(weight.numpy(), order="C") for weight in model.weights}, temp_path)
    except SafetensorError as error:
        raise WriteError(f"safetensors cannot hold a weight of it ({error}).", where=str(temp_path)) from error


def check_safetensors(model: keras.Model, path: Path) -> None:
    """Compares a written `.safetensors` file with the model, bit for bit.

    Raises:
        VerifyError: where a weight differs.
    """
    from safetensors import safe_open

    with safe_open(path, "np") as stored:
        for weight in model.weights:
            found, given = stored.get_tensor(weight.path), np.asarray(weight.numpy(), order="C")
            if (found.dtype, found.shape, found.tobytes()) != (given.dtype, given.shape, given.tobytes()):
                raise VerifyError(f"weight {weight.path} was not written as it is.", where=str(path))
