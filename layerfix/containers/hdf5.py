"""Guarded HDF5: nothing outside of the file is ever opened, and nothing is believed before it is checked.

Links are asked for their type first and only hard links are opened, so that no external or soft link is followed. Datasets are read
only after their type, rank, storage and filters were looked at. Budgets bound what a small file can make us do. Filter plugins are
never loaded.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from math import prod
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5l, h5o, h5s

from layerfix.containers.checks import Limits, attribute_fault, dataset_fault
from layerfix.containers.damage import salvage_hint
from layerfix.containers.joined import JoinedNames, joined_names, told
from layerfix.errors import HostileError, LayerfixError, ReadError

KEPT_GROUPS = 10_000
Place = tuple[int, str]
"""A group's HDF5 identifier (never used twice while a file is open) and a path in it."""


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

    def __init__(self, place: str, source: object, size: int, limits: Limits | None = None, mode: str = "r") -> None:
        self.place, self.size, self.limits = place, size, limits or Limits()
        self._declared, self._keep = 0, mode == "r"
        self._seen: set[Place] = set()
        self._charged: set[Place] = set()
        self._groups: dict[Place, h5g.GroupID] = {}
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
        except (LayerfixError, MemoryError):  # what takes all memory is not damaged
            raise
        except Exception as error:
            raise self.damaged(f"{what} cannot be read ({_first_line(error)})") from error

    def damaged(self, sentence: str) -> ReadError:
        """The error for a file that is cut off or broken."""
        return ReadError(f"is damaged or cut off: {sentence}.", where=self.place, hint=salvage_hint(self.place))

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
            if found.get_space().get_simple_extent_type() == h5s.NULL:
                raise self.damaged(f"dataset {path!r} is empty")
            if fault := dataset_fault(found, self.limits):
                raise self.hostile(f"dataset {path!r} {fault}")
            charge = (parent.id.id, path)
            if charge not in self._charged:
                self._charged.add(charge)
                self._charge(prod(found.shape) * found.dtype.itemsize)
        return h5py.Dataset(found)

    def children(self, group: h5py.Group, limit: int = 100_000) -> list[str]:
        """Names in a group, sorted; at most `limit` are looked at. One that Windows made of a path is told as that path, "layers/dense"."""
        names = self._names(group, limit)
        if self._joined:
            own = "/".join(told(str(group.name)))
            plain = names if own else [name for name in names if name.replace("\\", "/") not in self._joined.names]
            names = [*plain, *self._joined.below.get(own, ())]
        return sorted(names)

    def _names(self, group: h5py.Group, limit: int) -> list[str]:
        names: list[str] = []

        def collect(name: bytes) -> bool | None:
            names.append(name.decode("utf-8", "surrogateescape"))
            return True if len(names) >= limit else None

        with self.guarded(f"group {group.name!r}"):
            group.id.links.iterate(collect)
        return names

    @cached_property
    def _joined(self) -> JoinedNames:
        return joined_names(self._names(self.root, self.limits.objects), self.limits.depth)

    def attribute(self, node: h5py.Group, name: str) -> Any:
        """The value of an attribute (str, bytes, number, array), or None where there is none.

        Raises:
            HostileError: where it is larger than the budget or neither text nor numbers.
        """
        key = name.encode()
        with self.guarded(f"attribute {name!r}"):
            if not h5a.exists(node.id, key):
                return None
            if fault := attribute_fault(h5a.open(node.id, key), self.limits):
                raise self.hostile(f"attribute {name!r} {fault}")
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
            if len(found) > self.limits.names:
                raise self.hostile(f"attributes {name!r}0 to {number - 1} list {len(found)} names")
        return tuple(found) if number else None

    def _decode_names(self, value: object, name: str) -> tuple[str, ...]:
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
        if self._joined and (steps := self._joined.place(told(str(parent.name)), parts)) is not None:
            parent, parts = self.root, steps
        node, place = parent.id, (parent.id.id, "")
        for part in parts:
            place = (place[0], f"{place[1]}/{part}")
            with self.guarded(f"{path!r}"):
                node = self._groups.get(place) or self._follow(node, part, path)
            if isinstance(node, h5g.GroupID) and self._keep and len(self._groups) < KEPT_GROUPS:
                self._groups[place] = node
            self._count(place)
            if node is None:
                return None
        return node

    def _follow(self, node: object, part: str, path: str) -> Any:
        """The object behind one hard link, or None."""
        key = part.encode("utf-8", "surrogateescape")
        if not isinstance(node, h5g.GroupID) or not node.links.exists(key):
            return None
        if node.links.get_info(key).type != h5l.TYPE_HARD:
            raise self.hostile(f"{path!r} is a link to somewhere else")
        return h5o.open(node, key)

    def _count(self, place: Place) -> None:
        self._seen.add(place)
        if len(self._seen) > self.limits.objects:
            raise self.hostile(f"it lists more than {self.limits.objects} objects")

    def _charge(self, declared: int) -> None:
        self._declared += declared
        if self._declared > self.limits.ratio * self.size + self.limits.slack:
            raise self.hostile(f"its datasets together declare {self._declared} bytes in a file of {self.size}")


def _open(source: object, mode: str) -> h5py.File:
    """With HDF5's lock where the disk has locks, so that a file in the middle of a write is refused; without one elsewhere."""
    try:
        return h5py.File(source, mode)
    except OSError as error:
        if "unable to lock" not in str(error) or error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
            raise
        return h5py.File(source, mode, locking=False)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
