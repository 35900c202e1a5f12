"""Reading checkpoints: records of what a file holds, and guarded access to its tensors. h5py loads on first use only."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerfix.checkpoint.digests import digest
    from layerfix.checkpoint.reader import read
    from layerfix.checkpoint.tensors import Tensors, open_tensors

os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")  # HDF5 reads it once, when h5py loads: a file must not make it load filter plugins

__all__ = ["Tensors", "digest", "open_tensors", "read"]
_HOMES = {"Tensors": "tensors", "digest": "digests", "open_tensors": "tensors", "read": "reader"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
