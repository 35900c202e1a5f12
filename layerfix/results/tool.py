"""Which layerfix wrote a report, and with what."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any


def tool() -> Mapping[str, Any]:
    """Name, version, and the versions of what computed the result."""
    libraries = ("tensorflow", "keras", "numpy", "h5py", "numba")
    return {"name": "layerfix", "version": _version("layerfix"), "python": platform.python_version()} | {
        library: _version(library) for library in libraries
    }


def _version(name: str) -> str | None:
    from importlib import metadata  # it brings the whole of `email`: only who writes a report pays for it

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
