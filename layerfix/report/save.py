"""Writes a document whole, and never over what it tells about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from layerfix.containers.sniff import HDF5_SIGNATURE
from layerfix.disk.files import open_regular
from layerfix.disk.publish import publish, refuse_output
from layerfix.errors import WriteError

_PRECIOUS = (HDF5_SIGNATURE, b"PK\x03\x04")


def save(document: str | bytes | Iterable[str], output: Path, *, force: bool, inputs: Sequence[Path | str] = ()) -> None:
    """Puts `document` (UTF-8; whole or in pieces) under its final name, all of it or nothing.

    Args:
        document: the text, or its bytes.
        output: its name.
        force: whether an existing file may be replaced; a checkpoint or an archive never is.
        inputs: files that were read, which are not replaced either.

    Raises:
        WriteError: where `output` exists and `force` is False, is a folder, an input or a checkpoint, or cannot be written.
    """
    refuse_output(output, force=force, inputs=inputs)
    _refuse_precious(output)
    with publish(output, force=force) as temp, temp.open("wb") as stream:
        for piece in [document] if isinstance(document, str | bytes) else document:
            stream.write(piece if isinstance(piece, bytes) else piece.encode("utf-8", "backslashreplace"))


def _refuse_precious(output: Path) -> None:
    try:
        with open_regular(output) as stream:
            head = stream.read(8)
    except (OSError, ValueError):
        return
    if head.startswith(_PRECIOUS):
        message = "is a checkpoint or an archive, and is not replaced by a document."
        raise WriteError(message, where=str(output), hint="Choose another name with -o.")
