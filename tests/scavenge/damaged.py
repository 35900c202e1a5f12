"""Genuine files, their values, and damage."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from layerfix.scavenge.hdf5 import Scavenged, based, scavenge
from layerfix.scavenge.image import Image
from layerfix.scavenge.values import value

MODELS = Path(__file__).parents[2] / "sample_models"
GENUINE = MODELS / "healthy-stock.h5"


@cache
def whole() -> bytes:
    """A genuine Keras 2.2.4 file."""
    return GENUINE.read_bytes()


def values(source: Any) -> dict[str, Any]:
    """Every dataset by path, as the HDF5 library reads it."""
    found: dict[str, Any] = {}
    with h5py.File(source) as file:
        file.visititems(lambda name, node: found.__setitem__(name, node[()]) if isinstance(node, h5py.Dataset) else None)
    return found


def rewritten(path: Path, **settings: Any) -> Path:
    """The genuine file again, in another layout of HDF5."""
    filters = {name: settings.pop(name) for name in ("compression", "shuffle", "fletcher32") if name in settings}

    def copy(old: h5py.Group, new: h5py.Group) -> None:
        for name, held in old.attrs.items():
            new.attrs[name] = held
        for name, node in old.items():
            if isinstance(node, h5py.Group):
                copy(node, new.create_group(name))
            else:
                new.create_dataset(name, data=node[()], **(filters if node.shape else {}))

    with h5py.File(GENUINE) as old, h5py.File(path, "w", **settings) as new:
        copy(old, new)
    return path


def returned(data: bytes, found: Scavenged) -> dict[str, Any]:
    """The values of what is said to be whole and has a name."""
    image = based(Image(data))
    return {t.path: value(image, t.dataset) for t in found.tensors if t.state == "whole" and t.path and t.dataset is not None}


def is_true(data: bytes, truth: dict[str, Any], found: Scavenged | None = None) -> int:
    """Checks that nothing returned differs from the truth, and counts it."""
    kept = returned(data, found or scavenge(Image(data)))
    for path, held in kept.items():
        true = truth.get(path, truth.get(f"model_weights/{path}", truth.get(path.removeprefix("model_weights/"))))
        assert true is not None, path
        assert held.dtype == true.dtype, path
        assert held.tobytes() == np.asarray(true).tobytes(), path
    return len(kept)
