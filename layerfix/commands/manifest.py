"""Hashes of checkpoints and of every tensor in them, to compare with later: HDF5 itself has no checksums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from layerfix.containers.jsons import MAX_BYTES, decode
from layerfix.containers.reader import read
from layerfix.containers.tensors import open_tensors
from layerfix.disk.files import open_regular
from layerfix.disk.hashing import file_sha256
from layerfix.disk.paths import checkpoints
from layerfix.errors import LayerfixError, NoCheckpointError, ReadError, UsageError
from layerfix.isolation.child import Child
from layerfix.isolation.vet import vet
from layerfix.progress import Progress, silent
from layerfix.results.manifest import SCHEMA, Manifest, ManifestEntry


def manifest(paths: Iterable[Path], *, progress: Progress = silent) -> Manifest:
    """Hashes every checkpoint in `paths` (files, folders, patterns). A file that cannot be read is an entry with a problem.

    Raises:
        ReadError: where a pattern fits nothing.
    """
    meant = list(checkpoints(paths))
    entries = []
    with Child() as child:
        for done, (path, named) in enumerate(meant, start=1):
            entry = hashed(path, child, named=named)
            entries += [entry] if entry is not None else []
            progress("Hashing", done, len(meant))
    return Manifest(tuple(sorted(entries, key=lambda entry: entry.path)))


def hashed(path: Path, child: Child, *, named: bool = True) -> ManifestEntry | None:
    """The entry of one file, which `child` reads first; None for a file that is no checkpoint and was not named by itself."""
    try:
        vet(path, child)
        checkpoint = read(path)
        with open_tensors(checkpoint) as tensors:
            digests = {"/".join(weight.key): tensors.digest(weight.key) for weight in checkpoint.weights}
            slots = checkpoint.optimizer.weights if checkpoint.optimizer else ()
            digests |= {f"optimizer/{slot.name}": tensors.digest(slot.key) for slot in slots}
        return ManifestEntry(path.as_posix(), file_sha256(path), checkpoint.size, dict(sorted(digests.items())))
    except NoCheckpointError as error:
        return _unread(path, error) if named else None
    except LayerfixError as error:
        return _unread(path, error)


def read_manifest(path: Path) -> Manifest:
    """Reads what `layerfix manifest` wrote.

    Raises:
        UsageError: where it cannot be read or is no manifest.
    """
    hint = "`layerfix manifest PATHS -o manifest.json` writes one."
    try:
        with open_regular(path) as stream:
            stated = decode(stream.read(MAX_BYTES + 1), str(path))
        if stated["schema"] != SCHEMA:
            raise UsageError(f"its schema is {stated['schema']!r}, not {SCHEMA!r}.", where=str(path), hint=hint)
        return Manifest(tuple(_entry(file) for file in stated["files"]))
    except OSError as error:
        raise UsageError(f"cannot be read ({(error.strerror or str(error)).lower()}).", where=str(path), hint="Check the path.") from error
    except (ReadError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"is no manifest ({type(error).__name__}: {error}).", where=str(path), hint=hint) from error


def _entry(stated: Mapping[str, Any]) -> ManifestEntry:
    tensors = {str(name): str(digest) for name, digest in stated["tensors"].items()}
    return ManifestEntry(str(stated["path"]), stated["sha256"], int(stated["size"]), tensors, stated.get("problem"))


def _unread(path: Path, error: LayerfixError) -> ManifestEntry:
    return ManifestEntry(path.as_posix(), None, path.stat().st_size if path.exists() else 0, problem=str(error), exit_code=error.exit_code)
