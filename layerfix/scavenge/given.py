"""What a rescue reads: the damaged file's bytes, older files of the same script, and an architecture."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from layerfix.containers.archive import WEIGHTS
from layerfix.disk.files import open_regular
from layerfix.errors import ReadError
from layerfix.scavenge import archive, newlines
from layerfix.scavenge.fill import Twins
from layerfix.scavenge.hdf5 import Given, twin_of
from layerfix.scavenge.image import Image, Torn


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """A file's bytes. Raises ReadError where they cannot be had."""
    with ExitStack() as opened:
        try:
            stream = opened.enter_context(open_regular(path))
            data = opened.enter_context(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError) as error:
            raise ReadError(f"cannot be read ({getattr(error, 'strerror', None) or error}).", where=str(path)) from error
        yield data


@contextmanager
def older(like: Sequence[Path]) -> Iterator[tuple[Twins, list[str]]]:
    """The older files as twins, by their place, and a note for each that is none."""
    with ExitStack() as opened:
        read = [twin_of(_weights(path, opened)) for path in like]
        notes = [f"{path.name} is not whole itself and was not used" for path, twin in zip(like, read, strict=True) if twin is None]
        yield {number: twin for number, twin in enumerate(read) if twin is not None}, notes


def architecture_of(text: bytes) -> Given | None:
    """The architecture and what trained it, from a JSON text."""
    try:
        config = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(config, dict):
        return None
    training = config.get("compile_config")
    return {"model_config": config, **({"training_config": training} if isinstance(training, dict) else {})}


def translated(data: mmap.mmap | bytes) -> tuple[Image, list[str]]:
    """The image, with line endings as they were. Raises Torn where that cannot be had."""
    undone = newlines.repaired(data) or newlines.restored(data)
    if undone is None and newlines.narrowed(data):
        raise Torn("a transfer in text mode changed its line endings, and nobody knows which were others before")
    return (Image(data), []) if undone is None else (Image(undone[0]), [undone[1]])


def _weights(path: Path, opened: ExitStack) -> mmap.mmap | bytes:
    """The HDF5 part of a file: its map, which stays open, or what an archive holds, whose map does not."""
    with ExitStack() as own:
        data = own.enter_context(mapped(path))
        if data[:4] == archive.LOCAL:
            return next((member.data for member in archive.members(data) if member.name == WEIGHTS), b"")
        opened.push(own.pop_all())
        return data
