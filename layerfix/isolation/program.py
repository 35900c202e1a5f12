"""How an interpreter is started for a child: isolated, by absolute file names, so that nothing in the current folder is ever imported."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[2])
"""The folder that the package is imported from."""
_START = str(Path(__file__).resolve().with_name("start.py"))
_KEPT = (
    *("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV"),
    *("CUDA_VISIBLE_DEVICES", "LAYERFIX_NO_NUMBA", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "TF_CPP_MIN_LOG_LEVEL", "LAYERFIX_BUDGET"),
)
_LISTS = ("PATH", "LD_LIBRARY_PATH")
"""Variables that hold folders to search: an empty or relative one among them is the current folder."""
_FIXED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "HDF5_PLUGIN_PRELOAD": "::",
    "HDF5_USE_FILE_LOCKING": "FALSE",
}


def command(*arguments: str) -> list[str]:
    """The command line of a worker. Without `site`, and with the places given, an interpreter starts in half the time."""
    return [sys.executable, "-I", "-S", _START, json.dumps(places()), *arguments]


def places(entries: Sequence[str] | None = None) -> list[str]:
    """Where a child may import from, behind its standard library: what this process imports from, but for the current folder.

    Args:
        entries: by default `sys.path`. "", relative entries and the current folder itself are left out, unless packages are installed
            there.
    """
    here = _current()
    installed = {os.path.realpath(place) for place in (ROOT, sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))}
    found = []
    for entry in sys.path if entries is None else entries:
        real = os.path.realpath(entry) if os.path.isabs(entry) else here
        if real != here or (os.path.isabs(entry) and real in installed):
            found.append(entry)
    return list(dict.fromkeys([*found, ROOT]))


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The variables of a child: few of this process's, none of which leads to the current folder."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    for name in _LISTS:
        if name in kept:
            kept[name] = os.pathsep.join(folder for folder in kept[name].split(os.pathsep) if os.path.isabs(folder))
    if not os.path.isabs(kept.get("NUMBA_CACHE_DIR", "/")):
        del kept["NUMBA_CACHE_DIR"]
    return {**kept, **_FIXED, **more}


def _current() -> str | None:
    try:
        return os.path.realpath(os.getcwd())
    except OSError:  # it is gone
        return None
