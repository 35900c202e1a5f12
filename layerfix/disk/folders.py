"""Checkpoints that are more than one file: SavedModel folders, TensorFlow checkpoints by their prefix, TensorFlow.js models."""

from __future__ import annotations

import re
from pathlib import Path

from layerfix.disk.files import open_regular, stored_bytes

SAVED_MODEL = "saved_model.pb"
_SHARD = re.compile(r"(.+)\.(index|data-\d{5}-of-\d{5})")
_BROWSER = re.compile(rb'\s*\{\s*"(format|modelTopology|generatedBy|convertedBy|weightsManifest|signature|userDefinedMetadata)"')

_BESIDE = frozenset({".bin", ".json", ".txt", ".md", ""})
"""Suffixes of what lies in a folder of TensorFlow.js: shards, `metadata.json`, labels, a licence."""


def is_saved_model(path: Path) -> bool:
    """Whether a folder is a SavedModel."""
    return (path / SAVED_MODEL).is_file()


def is_prefix(path: Path) -> bool:
    """Whether a path is the prefix of a TensorFlow checkpoint: "cp.ckpt" beside "cp.ckpt.index"."""
    return path.with_name(f"{path.name}.index").is_file() and not path.is_file() if path.name else False


def is_browser_model(path: Path) -> bool:
    """Whether a file begins like the `model.json` of TensorFlow.js."""
    if path.suffix.lower() != ".json":
        return False
    try:
        with open_regular(path) as stream:
            head = stream.read(4096)
    except (OSError, ValueError):
        return False
    return _BROWSER.match(head) is not None


def is_browser_folder(path: Path) -> bool:
    """Whether a folder is what a TensorFlow.js converter wrote: `model.json`, its shards, and nothing that could be another checkpoint."""
    if not is_browser_model(path / "model.json"):
        return False
    return all(entry.is_file() and entry.suffix.lower() in _BESIDE for entry in path.iterdir())


def whole(path: Path) -> Path:
    """The checkpoint that a path belongs to: the folder of `saved_model.pb`, the prefix of `cp.ckpt.index`, the `model.json` of a folder
    that holds a TensorFlow.js model alone; else the path itself."""
    if path.is_dir() and not is_saved_model(path) and is_browser_folder(path):
        return path / "model.json"
    if path.name in (SAVED_MODEL, "keras_metadata.pb") and is_saved_model(path.parent):
        return path.parent
    match = _SHARD.fullmatch(path.name)
    prefix = path.with_name(match[1]) if match else path
    return prefix if match and is_prefix(prefix) else path


def is_collection(path: Path) -> bool:
    """Whether a path is a folder of checkpoints, and no checkpoint that is a folder."""
    return path.is_dir() and not is_saved_model(path) and not is_browser_folder(path)


def parts(path: Path) -> tuple[Path, ...]:
    """The files that make up a checkpoint, sorted; the path alone where it is one file.

    The shards of a TensorFlow.js model are those beside it that end in `.bin`.
    """
    if is_saved_model(path):
        return tuple(sorted(file for file in path.rglob("*") if file.is_file()))
    if is_prefix(path):
        return tuple(sorted(file for file in path.parent.iterdir() if whole(file) == path and file.is_file()))
    if is_browser_model(path):
        return (path, *sorted(path.parent.glob("*.bin")))
    return (path,)


def is_one_file(name: str) -> bool:
    """Whether a checkpoint's name, a path or an address, stands for one file, so that its hash is what `sha256sum` says of it."""
    path = Path(name)
    return "://" in name or parts(path) == (path,)


def size_of(path: Path) -> int:
    """About how many bytes of a checkpoint are on the disk."""
    return sum(map(stored_bytes, parts(path)))
