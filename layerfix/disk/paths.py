"""From what the user names to the checkpoint files meant: files as they are, folders walked, patterns expanded."""

from __future__ import annotations

import glob
import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from layerfix.disk.files import open_regular
from layerfix.disk.folders import is_browser_model, is_prefix, is_saved_model, whole
from layerfix.errors import ReadError

SUFFIXES = frozenset({".h5", ".hdf5", ".hdf", ".hd5", ".he5", ".keras"})
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def python_sources(paths: Iterable[Path]) -> list[Path]:
    """Source files: those named, and in place of a folder all of its own, a package's `__init__.py` last.

    Raises:
        ReadError: where a folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        own = sorted(path.glob("*.py"), key=lambda file: (file.name == "__init__.py", file.name)) if path.is_dir() else [path]
        if not own:
            raise ReadError("is a folder without Python source.", where=str(path))
        found += own
    return found


def checkpoints(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """(file, named) for each file meant, in the order given and sorted inside a folder, each file once.

    `named` is True for a file that the user named himself: it must be a checkpoint. In a folder a file counts where its suffix is a
    checkpoint's or its first bytes are HDF5's; a SavedModel's folder, a TensorFlow checkpoint ("cp.ckpt" for "cp.ckpt.index" and its data)
    and a TensorFlow.js model count once. Links to folders are not followed, hidden folders not entered.

    Raises:
        ReadError: where a path does not exist.
    """
    listed = list(paths)
    if len(listed) == 1 and listed[0].is_dir():
        yield from _meant(listed[0])
        return
    seen: set[Path] = set()
    for path in listed:
        for file, named in _meant(path):
            key = Path(os.path.abspath(file))
            if key not in seen:
                seen.add(key)
                yield file, named


def _meant(path: Path) -> Iterator[tuple[Path, bool]]:
    path = whole(path)
    if is_saved_model(path):
        yield path, True
    elif path.is_dir():
        yield from ((file, False) for file in _walk(path))
    elif path.exists() or path.is_symlink() or not glob.has_magic(str(path)):
        yield path, True
    else:
        found = sorted(Path(name) for name in glob.glob(str(path), recursive=True))
        if not found:
            raise ReadError("no file fits this pattern.", where=str(path), hint="Check the path.")
        for file in dict.fromkeys(map(whole, found)):
            yield from ((inner, False) for inner in (_walk(file) if file.is_dir() else [file]))


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        if is_saved_model(Path(place)):
            folders.clear()
            yield Path(place)
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found = (whole(Path(place, name)) for name in sorted(files))
        yield from (path for path in dict.fromkeys(found) if is_prefix(path) or (path.is_file() and _counts(path)))


def _counts(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES or is_browser_model(file) or _is_hdf5(file)


def _is_hdf5(file: Path) -> bool:
    try:
        with open_regular(file) as stream:
            return stream.read(8) == _HDF5_SIGNATURE
    except OSError:
        return False


def repaired_name(path: Path) -> str:
    """What the repaired file is called by default: in the container of the broken one, which its content tells."""
    if path.name.endswith(".weights.h5"):
        return f"{path.name.removesuffix('.weights.h5')}.repaired.weights.h5"
    archive = zipfile.is_zipfile(path) if path.is_file() else path.suffix == ".keras"
    return f"{path.stem}.repaired.{'keras' if archive else 'h5'}"
