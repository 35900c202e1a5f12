"""`doctor`: which versions are installed, how safely files are read here, and what this installation can do."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata, util

from layerfix.commands import advisories
from layerfix.results.doctor import Health, State, Symptom
from layerfix.version import __version__

_NEEDED = (("numpy", "1.26"), ("h5py", "3.11"), ("libcst", "1.1"))
_LIVE = (("tensorflow", "2.18"), ("keras", "3.12"), ("numba", "0.60"))
"""What the extra `tensorflow` brings: for repair, seeds, migrate, verify --samples, load_model and the guard."""
PATIENCE = 120.0
"""Seconds that the imports may take; TensorFlow's first one is slow on a cold disk."""
_EXTRAS = (("dask", "fleet"), ("distributed", "fleet"), ("fsspec", "fleet"), ("pandas", "tables"), ("pyarrow", "tables"))


def examine() -> Health:
    """Looks at this installation; what is vouched for is imported, in a child, so that a broken library is told and ends nothing."""
    broken = _broken([name for name, _ in (*_NEEDED, *_LIVE) if _installed(name)])
    needed = [_needed(name, least, broken.get(name, "")) for name, least in _NEEDED]
    live = [_live(name, least, broken.get(name, "")) for name, least in _LIVE]
    symptoms = [_python(), *needed, *live, *(_extra(name, extra) for name, extra in _EXTRAS)]
    return Health((Symptom("layerfix", __version__, "well"), *symptoms, _hdf5(), _plugins(), _isolation(), _processors()))


def _python() -> Symptom:
    state: State = "well" if sys.version_info >= (3, 10) else "bad"
    return Symptom("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}", state)


_IMPORTS = """
import importlib, json, os, sys
broken, answer = {}, os.dup(1)
os.dup2(2, 1)
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        broken[name] = f"{type(error).__name__}: {error}".splitlines()[0]
os.write(answer, json.dumps(broken).encode())
"""


def _broken(names: Sequence[str]) -> dict[str, str]:
    """Which libraries cannot be imported, and what they said; a child that dies vouches for none."""
    command = [sys.executable, "-P" if sys.version_info >= (3, 11) else "-I", "-c", _IMPORTS, *names]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)
        return {str(name): str(told) for name, told in json.loads(done.stdout).items()}
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return dict.fromkeys(names, f"importing it ended the interpreter ({type(error).__name__})")


def _live(name: str, least: str, broken: str) -> Symptom:
    """A library of the extra: without it, much still works."""
    if _installed(name) is None:
        what = "searches for seeds are slow" if name == "numba" else "repair, seeds, migrate, verify --samples and load_model do not work"
        return Symptom(name, "not installed", "limited", f"{what}: pip install 'layerfix[tensorflow]'")
    return _needed(name, least, broken)


def _needed(name: str, least: str, broken: str) -> Symptom:
    found = _installed(name)
    if found is None:
        return Symptom(name, "not installed", "bad", f"pip install '{name}>={least}'")
    if broken:
        return Symptom(name, f"{found}, cannot be imported", "bad", broken)
    told = advisories.known(advisories.KERAS, _numbers(found)) if name == "keras" else ""
    if told:
        return Symptom(name, found, "bad", f"pip install -U keras; published: {told}")
    old = _numbers(found) < _numbers(least)
    return Symptom(name, found, "bad" if old else "well", f"pip install -U '{name}>={least}'" if old else "")


def _extra(name: str, extra: str) -> Symptom:
    found = _installed(name)
    return Symptom(name, found or "not installed", "well" if found else "limited", "" if found else f"only for layerfix[{extra}]")


def _hdf5() -> Symptom:
    if util.find_spec("h5py") is None:
        return Symptom("HDF5 library", "unknown, since h5py is missing", "bad")
    import h5py

    found = str(h5py.version.hdf5_version)
    told = advisories.known(advisories.HDF5, _numbers(found))
    if not told:
        return Symptom("HDF5 library", found, "well")
    return Symptom(
        "HDF5 library", found, "limited", f"published: {told}. Files are read in child processes; strangers' ones best in a container"
    )


def _plugins() -> Symptom:
    path = os.environ.get("HDF5_PLUGIN_PATH")
    if path and os.environ.get("HDF5_PLUGIN_PRELOAD") != "::":
        return Symptom("HDF5 plugins", "HDF5_PLUGIN_PATH is set", "limited", "unset it: a file could ask for a filter from there")
    return Symptom("HDF5 plugins", "no plugin path of your own", "well")


def _isolation() -> Symptom:
    able = util.find_spec("resource") is not None
    told = "memory, time and writing of children are limited" if able else "only the time of children is limited on this platform"
    return Symptom("process limits", told, "well" if able else "limited", "" if able else "open strangers' files in a container")


def _processors() -> Symptom:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Symptom("processors", str(count), "well")


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """ "2.21.0rc1" as (2, 21, 0)."""
    parts = []
    for part in version.split(".")[:3]:
        digits = part[: next((i for i, char in enumerate(part) if not char.isdigit()), len(part))]
        parts.append(int(digits or 0))
    return tuple(parts)
