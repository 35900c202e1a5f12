"""Temporary siblings of outputs: random names, and a lock by which everybody sees whether their owner still lives.

Process numbers would not do: containers on one file system have the same ones. A lock (flock(2)) is the kernel's, and gone with its owner.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed: that is the lock
    fcntl = None  # type: ignore[assignment]

_NAME = re.compile(r"\.layerfix-([0-9a-f]{16})(?:-|\.lock$)")


@dataclass(frozen=True, slots=True)
class Reserved:
    """A file to write to.

    Attributes:
        path: the file, empty, closed to others.
        mode: what a new file gets here, by the user's umask.
    """

    path: Path
    mode: int


@contextmanager
def reserved(output: Path) -> Iterator[Reserved]:
    """A sibling of an output whose name ends with the output's; it is gone afterwards, and nobody else removes it before.

    Raises:
        OSError: where it cannot be made.
    """
    token, handle = _locked(output.parent)
    temp = output.parent / f".layerfix-{token}-{output.name[-180:]}"
    try:
        os.close(os.open(temp, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            yield Reserved(temp, stat.S_IMODE(os.fstat(handle).st_mode))
        finally:
            with suppress(FileNotFoundError):
                temp.unlink()
    finally:
        _let_go(_lock_file(output.parent, token), handle)


def sweep(folder: Path) -> tuple[Path, ...]:
    """Removes what runs that were killed left in a folder; returns what was removed."""
    left: dict[str, list[os.DirEntry[str]]] = {}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if match := _NAME.match(entry.name):
            left.setdefault(match.group(1), []).append(entry)
    return tuple(path for token, entries in left.items() for path in _sweep(_lock_file(folder, token), entries))


def _sweep(lock: Path, entries: list[os.DirEntry[str]]) -> Iterator[Path]:
    """Removes what belongs to one owner, if that is dead."""
    with _claimed(lock) as dead:
        for entry in entries if dead else []:
            if entry.name != lock.name:
                with suppress(OSError):
                    (shutil.rmtree if entry.is_dir(follow_symlinks=False) else os.unlink)(entry.path)
                    yield Path(entry.path)


@contextmanager
def _claimed(lock: Path) -> Iterator[bool]:
    """Whether the owner of a lock is dead; its lock is held meanwhile, and removed last."""
    handle = None
    try:
        if fcntl is None:
            lock.unlink()
        else:
            handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:  # an earlier sweep was cut off behind it
        yield True
        return
    except OSError:
        yield False
        return
    dead = handle is None or _take(handle)
    try:
        yield dead
    finally:
        if handle is not None:
            _let_go(lock, handle) if dead else os.close(handle)


def _lock_file(folder: Path, token: str) -> Path:
    return folder / f".layerfix-{token}.lock"


def _locked(folder: Path) -> tuple[str, int]:
    """A new token, and a handle on its lock."""
    while True:
        token = secrets.token_hex(8)
        lock = _lock_file(folder, token)
        handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        _take(handle)  # where the file system knows no locks, nobody can take it for abandoned either
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), lock.stat()):
                return token, handle
        os.close(handle)  # somebody swept it before it was locked


def _take(handle: int) -> bool:
    """Takes the lock of an open file, if nobody has it."""
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _let_go(lock: Path, handle: int) -> None:
    if fcntl is None:
        os.close(handle)
    with suppress(OSError):  # the next run sweeps it
        lock.unlink()
    if fcntl is not None:
        os.close(handle)
