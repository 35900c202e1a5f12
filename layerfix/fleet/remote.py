"""Files that are elsewhere (anything fsspec knows), brought one at a time to a bounded local cache."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, cast

from layerfix.disk.paths import SUFFIXES
from layerfix.errors import ReadError, UsageError

_URL = re.compile(r"^([a-z][a-z0-9+.-]+):/+(?=.)", re.IGNORECASE)
_INDIRECT = frozenset({"reference", "file", "local", "zip", "tar", "libarchive", "generic", "dir", "data"})
"""Protocols of fsspec whose address is not where a file is: what is read there depends on another file, or is this machine's."""
LARGEST_CACHE = 4 << 30


class Cache:
    """A temporary folder that never holds more than `limit` bytes: who needs room waits until another file is done."""

    def __init__(self, limit: int = LARGEST_CACHE) -> None:
        self.limit = limit
        self._used = 0
        self._room = threading.Condition()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def folder(self) -> Path:
        """The folder, made when it is first asked for."""
        with self._room:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="layerfix-")
            return Path(self._folder.name)

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Holds `size` bytes of the limit. A file larger than the whole limit waits until it is alone."""
        with self._room:
            self._room.wait_for(lambda: self._used == 0 or self._used + size <= self.limit)
            self._used += size
        try:
            yield
        finally:
            with self._room:
                self._used -= size
                self._room.notify_all()


def url(name: str) -> str | None:
    """The name as a URL ("s3://bucket/key", also where a path type has eaten a slash), or None for a local path."""
    match = _URL.match(name)
    if match is None or len(match[1]) == 1:  # a drive letter
        return None
    return f"{match[1].lower()}://{name[match.end() :]}"


def remote_files(name: str) -> list[str]:
    """The files that a URL means: itself, those that its pattern fits, or the checkpoints below it; sorted.

    Raises:
        UsageError: where fsspec, or its part for this protocol, is not installed.
        ReadError: where the place cannot be reached or holds no such file.
    """
    filesystem, path = _open(name)
    try:
        if any(sign in path for sign in "*?["):
            found = [str(item) for item in filesystem.glob(path) if not filesystem.isdir(item)]
        elif not _is_page(path) and filesystem.isdir(path):
            found = [str(item) for item in filesystem.find(path) if Path(item).suffix.lower() in SUFFIXES]
        else:
            return [str(url(name))]
    except Exception as error:
        raise _unreachable(name, error) from error
    if not found:
        raise ReadError("no file fits this pattern.", where=name, hint="Check the address.")
    return sorted(str(filesystem.unstrip_protocol(item)) for item in found)


def _is_page(path: str) -> bool:
    """Whether it is a file on the web: asked for what is in it, fsspec would fetch all of it and look for links."""
    return path.startswith(("http://", "https://")) and Path(path).suffix.lower() in SUFFIXES


def mark(name: str) -> str:
    """What a place tells of a file's version (an ETag, a time), as text; it changes when the file does."""
    filesystem, path = _open(name)
    return str(filesystem.ukey(path))


@contextmanager
def fetched(name: str, cache: Cache | None) -> Iterator[Path]:
    """A local path for the time of the block: the file itself, or a copy of a remote one."""
    if url(name) is None:
        yield Path(name)
        return
    filesystem, path = _open(name)
    size = remote_size(name)
    with (
        Cache() if cache is None else nullcontext(cache) as place,
        place.room(size),
        tempfile.TemporaryDirectory(dir=place.folder) as folder,
    ):
        local = Path(folder) / (Path(path).name or "file")
        try:
            filesystem.get_file(path, str(local))
        except Exception as error:
            raise _unreachable(name, error) from error
        yield local


def remote_size(name: str) -> int:
    """Bytes of a remote file; 0 where the place does not tell.

    Raises:
        ReadError: where it cannot be reached.
    """
    filesystem, path = _open(name)
    try:
        return int(filesystem.info(path).get("size") or 0)
    except Exception as error:
        raise _unreachable(name, error) from error


def remote_stream(name: str) -> BinaryIO:
    """A remote file that fetches what is read and no more; whether the place gives parts of files shows when it is read.

    Raises:
        ReadError: where it cannot be reached.
    """
    filesystem, path = _open(name)
    try:
        return cast(BinaryIO, filesystem.open(path, "rb", cache_type="none"))
    except Exception as error:
        raise _unreachable(name, error) from error


def _open(name: str) -> tuple[Any, str]:
    address = str(url(name))
    if "::" in address or address.partition("://")[0] in _INDIRECT:
        message = "names a place by way of another one; a file from there could say what is read."
        raise UsageError(message, where=name, hint="Fetch the file first, and name the copy.")
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise UsageError(
            "needs fsspec.", where=name, hint=f"Install layerfix[{'hub' if address.startswith('hf://') else 'fleet'}]."
        ) from error
    try:
        filesystem, path = url_to_fs(address)
    except ImportError as error:
        wanted = "layerfix[hub]" if address.startswith("hf://") else "it with pip"
        raise UsageError(f"needs a package that is not installed ({error}).", where=name, hint=f"Install {wanted}.") from error
    except ValueError as error:
        raise UsageError(f"is no address that fsspec knows ({error}).", where=name) from error
    return filesystem, str(path)


def _unreachable(name: str, error: Exception) -> ReadError:
    reason = (str(error).splitlines() or [""])[0] or type(error).__name__
    return ReadError(f"cannot be fetched ({reason[:200]}).", where=url(name) or name, hint="Check the address and your credentials.")
