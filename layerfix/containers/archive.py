"""Opening a checkpoint of either kind: an HDF5 file, or a `.keras` archive read in place, without extraction."""

from __future__ import annotations

import io
import os
import re
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from layerfix.containers.damage import salvage_hint
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.jsons import MAX_BYTES, decode
from layerfix.containers.sniff import sniff
from layerfix.disk.files import stored_bytes
from layerfix.disk.partial import is_partial, open_here
from layerfix.errors import HostileError, ReadError

WEIGHTS = "model.weights.h5"
MEMBERS = frozenset({"config.json", "metadata.json", WEIGHTS})
DAMAGE = (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises on broken bytes."""
MAX_MEMBERS = 1000
MAX_RATIO = 200
_HEAD = 256
"""Bytes of a member that tell what it is."""
IN_MEMORY = 64 << 20
"""A compressed member up to this size is unpacked in memory: a child that may write nothing can read it too."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open checkpoint: its HDF5 part, and the JSON members of the archive (None for a bare HDF5 file)."""

    file: GuardedFile
    config: Any = None
    metadata: Any = None
    assets: zipfile.ZipFile | None = None

    def asset(self, name: str) -> str | None:
        """The text of a member below `assets/`, or None.

        Raises:
            ReadError: where it is no text, or cannot be read.
        """
        member = f"assets/{name}"
        if self.assets is None or member not in self.assets.namelist():
            return None
        try:
            return self.assets.read(member).decode("utf-8")
        except DAMAGE as error:
            raise ReadError(f"{member} cannot be read ({error}).", where=self.file.place, hint=salvage_hint(self.file.place)) from error


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Opens a checkpoint, whatever its suffix.

    Raises:
        ReadError: where it is no checkpoint or damaged.
        HostileError: where it holds what no checkpoint holds.
    """
    with ExitStack() as stack:
        kind, size, stored = sniff(path), path.stat().st_size, stored_bytes(path)
        if size > MAX_RATIO * stored:
            raise HostileError(f"refused: it is {size} bytes long and stores {stored}. No Keras checkpoint does that.", where=str(path))
        if kind == "hdf5":
            source = stack.enter_context(open_here(path)) if is_partial(path) else path
            yield Opened(stack.enter_context(GuardedFile(str(path), source, size)))
        else:
            yield _open_archive(path, stack)


def _open_archive(path: Path, stack: ExitStack) -> Opened:
    try:
        whole = stack.enter_context(open_here(path))
        archive = stack.enter_context(zipfile.ZipFile(whole))
        members = _members(path, archive)
        config = decode(archive.read(members["config.json"]), f"{path}: config.json")
        metadata = decode(archive.read(members["metadata.json"]), f"{path}: metadata.json") if "metadata.json" in members else None
        stream = stack.enter_context(_weights_stream(whole, archive, members[WEIGHTS]))
    except DAMAGE as error:
        sentence = f"is damaged or cut off: {str(error).rstrip('.')}."
        raise ReadError(sentence, where=str(path), hint=salvage_hint(path)) from error
    size = members[WEIGHTS].file_size
    assets = archive if any(name.startswith("assets/") for name in members) else None
    return Opened(stack.enter_context(GuardedFile(str(path), stream, size)), config, metadata, assets)


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by name, after looking at all of them."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise HostileError(f"refused: the archive has {len(infos)} members. No Keras checkpoint does that.", where=str(path))
    members = {info.filename: info for info in infos}
    if len(members) < len(infos):
        raise HostileError("refused: the archive names a member twice. No Keras checkpoint does that.", where=str(path))
    if "config.json" in members:
        for info in infos:
            _check_pickle(path, archive, info)
    if not {"config.json", WEIGHTS} <= members.keys():
        held = ", ".join(sorted(members)[:5]) or "nothing"
        hint = "A .keras file holds config.json and model.weights.h5."
        raise ReadError(f"is a zip archive but no .keras file: it holds {held}.", where=str(path), hint=hint)
    for info in infos:
        _check_member(path, info)
    return members


def _check_pickle(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, inside: str = "") -> None:
    """Refuses an archive with a pickle in it: by its first bytes (protocols 2 to 5), its name, or the object arrays of an .npz."""
    if info.flag_bits & 1:  # encrypted, which is told elsewhere
        return
    with archive.open(info) as member:
        head = member.read(_HEAD)
    pickled = head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5")
    objects = head.startswith(b"\x93NUMPY") and re.search(rb"'descr': '\|?O", head) is not None
    if pickled or objects or info.filename.endswith((".pkl", ".pickle")):
        name = f"{inside}{info.filename}"
        raise HostileError(f"refused: {name!r} is a pickle, which would run code. No Keras checkpoint holds one.", where=str(path))
    if head.startswith(b"PK\3\4") and not inside and info.file_size <= IN_MEMORY:
        with zipfile.ZipFile(io.BytesIO(archive.read(info))) as inner:
            for deeper in inner.infolist()[:MAX_MEMBERS]:
                _check_pickle(path, inner, deeper, f"{info.filename}/")


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    steps = info.filename.replace("\\", "/").split("/")
    if ".." in steps or (info.filename not in MEMBERS and not info.filename.startswith("assets/")):
        raise HostileError(f"refused: the archive holds {info.filename!r}. No Keras checkpoint does that.", where=str(path))
    if info.file_size > MAX_RATIO * info.compress_size + (1 << 20) or (info.filename.endswith(".json") and info.file_size > MAX_BYTES):
        raise HostileError(f"refused: {info.filename!r} declares {info.file_size} bytes and stores {info.compress_size}.", where=str(path))
    if info.flag_bits & 1:
        raise ReadError(f"is encrypted ({info.filename!r}).", where=str(path))


@contextmanager
def _weights_stream(whole: BinaryIO, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """The HDF5 member as a seekable stream: in place where it is stored, through an unnamed temporary file where it is compressed."""
    if info.compress_type == zipfile.ZIP_STORED:
        yield io.BufferedReader(_Window(whole, _data_start(whole, info), info.file_size))
        return
    with archive.open(info) as member, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        remaining = info.file_size
        while remaining > 0 and (block := member.read(min(1 << 20, remaining))):
            spool.write(block)
            remaining -= len(block)
        spool.seek(0)
        yield cast(IO[bytes], spool)


def _data_start(whole: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Where a stored member's bytes begin: behind its local header (30 bytes), name and extra field (zip appnote 4.3.7)."""
    whole.seek(info.header_offset)
    header = whole.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile(f"no local header for {info.filename!r}")
    name_size, extra_size = struct.unpack("<HH", header[26:30])
    return int(info.header_offset + 30 + name_size + extra_size)


class _Window(io.RawIOBase):
    """A read-only part of a file, as a file of its own."""

    def __init__(self, whole: BinaryIO, start: int, size: int) -> None:
        self._whole, self._start, self._size, self._at = whole, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._size - self._at))
        self._whole.seek(self._start + self._at)
        data = self._whole.read(wanted)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
