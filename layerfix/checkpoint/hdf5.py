"""Guarded HDF5: nothing outside of the file is ever opened, and nothing is believed before it is checked.

Links are asked for their type first and only hard links are opened, so that no external or soft link is followed. Datasets are read
only after their type, rank, storage and filters were looked at. Budgets bound what a small file can make us do. Filter plugins are
never loaded.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5l, h5o, h5s, h5t, h5z

from layerfix.errors import HostileError, LayerfixError, ReadError

KNOWN_FILTERS = frozenset({h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32, h5z.FILTER_LZF})
STORED_LAYOUTS = frozenset({h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may ask for; each is far above anything that Keras writes.

    Attributes:
        objects: groups and datasets opened.
        depth: names in one path.
        rank: dimensions of a dataset.
        ratio: declared bytes against stored bytes, for one dataset and for all references together.
        slack: bytes that are free of the ratio.
        attribute: bytes of one attribute.
        names: elements of an attribute of variable-length strings.
    """

    objects: int = 400_000
    depth: int = 32
    rank: int = 8
    ratio: int = 200
    slack: int = 1 << 20
    attribute: int = 256 << 20
    names: int = 100_000


class GuardedFile:
    """An open HDF5 file. Use as a context manager.

    Args:
        place: the file's name for messages.
        source: a path, or a binary file object that can seek.
        size: bytes on disk, against which budgets are measured.
        mode: "r", or "r+" for a copy that may be changed.

    Raises:
        ReadError: where HDF5 cannot open it.
    """

    def __init__(self, place: str, source: Any, size: int, limits: Limits | None = None, mode: str = "r") -> None:
        self.place, self.size, self.limits = place, size, limits or Limits()
        self._objects = self._declared = 0
        self._charged: set[tuple[int, str]] = set()
        with self.guarded("the file"):
            self.file = _open(source, mode)
            self.root: h5py.Group = self.file["/"]

    def __enter__(self) -> GuardedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    @contextmanager
    def guarded(self, what: str) -> Iterator[None]:
        """Turns whatever h5py raises on damaged bytes into one sentence."""
        try:
            yield
        except LayerfixError:
            raise
        except Exception as error:
            raise self.damaged(f"{what} cannot be read ({_first_line(error)})") from error

    def damaged(self, sentence: str) -> ReadError:
        """The error for a file that is cut off or broken."""
        return ReadError(f"is damaged or cut off: {sentence}.", where=self.place, hint="Take another copy of the file.")

    def hostile(self, sentence: str) -> HostileError:
        """The error for what no genuine checkpoint does."""
        return HostileError(f"refused: {sentence}. No Keras checkpoint does that.", where=self.place)

    def group(self, parent: h5py.Group, path: str) -> h5py.Group | None:
        """The group at a relative path, or None where there is none (or a dataset)."""
        found = self._open(parent, path)
        return h5py.Group(found) if isinstance(found, h5g.GroupID) else None

    def dataset(self, parent: h5py.Group, path: str) -> h5py.Dataset | None:
        """The checked dataset at a relative path, or None where there is none (or a group).

        Raises:
            HostileError: for types that are not numbers, external or virtual storage, unknown filters, and blown budgets.
        """
        found = self._open(parent, path)
        if not isinstance(found, h5d.DatasetID):
            return None
        with self.guarded(f"dataset {path!r}"):
            self._check_dataset(found, path)
            charge = (h5o.get_info(parent.id).addr, path)
            if charge not in self._charged:
                self._charged.add(charge)
                self._charge(prod(found.shape) * found.dtype.itemsize)
        return h5py.Dataset(found)

    def children(self, group: h5py.Group, limit: int = 100_000) -> list[str]:
        """Names in a group, sorted; at most `limit` are looked at."""
        names: list[str] = []

        def collect(name: bytes) -> bool | None:
            names.append(name.decode("utf-8", "surrogateescape"))
            return True if len(names) >= limit else None

        with self.guarded(f"group {group.name!r}"):
            group.id.links.iterate(collect)
        return sorted(names)

    def attribute(self, node: h5py.Group, name: str) -> Any:
        """The value of an attribute (str, bytes, number, array), or None where there is none.

        Raises:
            HostileError: where it is larger than the budget or neither text nor numbers.
        """
        key = name.encode()
        with self.guarded(f"attribute {name!r}"):
            if not h5a.exists(node.id, key):
                return None
            self._check_attribute(h5a.open(node.id, key), name)
            value = node.attrs[name]
        return None if isinstance(value, h5py.Empty) else value

    def text(self, node: h5py.Group, name: str) -> str | None:
        """A text attribute, decoded; None where it is missing.

        Raises:
            ReadError: where it is no text.
        """
        value = self.attribute(node, name)
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.reshape(-1)[0]
        if isinstance(value, bytes):
            return bytes(value).decode("utf-8", "surrogateescape")
        if value is None or isinstance(value, str):
            return None if value is None else str(value)
        raise self.damaged(f"attribute {name!r} should be text and is {type(value).__name__}")

    def names(self, node: h5py.Group, name: str) -> tuple[str, ...] | None:
        """A list-of-names attribute, joined where Keras split it (`layer_names0`, `layer_names1`, ...); None where it is missing.

        The empty list is stored as an empty float64 array.
        """
        whole = self.attribute(node, name)
        if whole is not None:
            return self._decode_names(whole, name)
        found: list[str] = []
        number = 0
        while (piece := self.attribute(node, f"{name}{number}")) is not None:
            found.extend(self._decode_names(piece, f"{name}{number}"))
            number += 1
        return tuple(found) if number else None

    def _decode_names(self, value: Any, name: str) -> tuple[str, ...]:
        array = np.asarray(value).reshape(-1)
        if array.size and array.dtype.kind not in "SUO":
            raise self.damaged(f"attribute {name!r} should be a list of names and holds {array.dtype}")
        return tuple(item.decode("utf-8", "surrogateescape") if isinstance(item, bytes) else str(item) for item in array)

    def _open(self, parent: h5py.Group, path: str) -> Any:
        """Opens along a path, hard link by hard link; None where a name is missing."""
        parts = [part for part in path.split("/") if part]
        if not parts or "." in parts:
            return None
        if len(parts) > self.limits.depth:
            raise self.hostile(f"{path[:80]!r} is nested {len(parts)} levels deep")
        node = parent.id
        for part in parts:
            key = part.encode("utf-8", "surrogateescape")
            with self.guarded(f"{path!r}"):
                if not isinstance(node, h5g.GroupID) or not node.links.exists(key):
                    return None
                if node.links.get_info(key).type != h5l.TYPE_HARD:
                    raise self.hostile(f"{path!r} is a link to somewhere else")
                self._objects += 1
                if self._objects > self.limits.objects:
                    raise self.hostile(f"it lists more than {self.limits.objects} objects")
                node = h5o.open(node, key)
        return node

    def _check_dataset(self, found: Any, path: str) -> None:
        kind = found.get_type().get_class()
        if kind not in (h5t.INTEGER, h5t.FLOAT) and found.dtype != np.dtype(bool):
            raise self.hostile(f"dataset {path!r} holds no numbers")
        if found.get_space().get_simple_extent_type() == h5s.NULL:
            raise self.damaged(f"dataset {path!r} is empty")
        if found.rank > self.limits.rank:
            raise self.hostile(f"dataset {path!r} has {found.rank} dimensions")
        plist = found.get_create_plist()
        if plist.get_external_count() or plist.get_layout() not in STORED_LAYOUTS:
            raise self.hostile(f"dataset {path!r} keeps its data outside of the file")
        filters = {plist.get_filter(index)[0] for index in range(plist.get_nfilters())}
        if not filters <= KNOWN_FILTERS:
            raise self.hostile(f"dataset {path!r} needs the unknown filter {min(filters - KNOWN_FILTERS)}")
        declared, stored = prod(found.shape) * found.dtype.itemsize, found.get_storage_size()
        if declared > self.limits.ratio * stored + self.limits.slack:
            raise self.hostile(f"dataset {path!r} declares {declared} bytes and stores {stored}")

    def _charge(self, declared: int) -> None:
        self._declared += declared
        if self._declared > self.limits.ratio * self.size + self.limits.slack:
            raise self.hostile(f"its datasets together declare {self._declared} bytes in a file of {self.size}")

    def _check_attribute(self, attribute: Any, name: str) -> None:
        space, kind = attribute.get_space(), attribute.get_type()
        count = space.get_simple_extent_npoints()
        if kind.get_class() not in (h5t.STRING, h5t.INTEGER, h5t.FLOAT) and attribute.dtype != np.dtype(bool):
            raise self.hostile(f"attribute {name!r} is neither text nor numbers")
        if count * kind.get_size() > self.limits.attribute or space.get_simple_extent_ndims() > self.limits.rank:
            raise self.hostile(f"attribute {name!r} declares {count} elements of {kind.get_size()} bytes")
        if kind.get_class() == h5t.STRING and kind.is_variable_str() and count > self.limits.names:
            raise self.hostile(f"attribute {name!r} lists {count} names")


def _open(source: Any, mode: str) -> h5py.File:
    """With HDF5's lock where the disk has locks, so that a file in the middle of a write is refused; without one elsewhere."""
    try:
        return h5py.File(source, mode)
    except OSError as error:
        if "unable to lock" not in str(error) or error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
            raise
        return h5py.File(source, mode, locking=False)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


