"""Tensors of a checkpoint: one at a time, or in chunks, always through the guarded primitives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from layerfix.arrays import Array
from layerfix.containers.archive import opened
from layerfix.containers.checks import is_bfloat16
from layerfix.containers.digests import digest_chunks
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.keras_hdf5 import OPTIMIZER, is_legacy, weights_root
from layerfix.containers.records import Checkpoint, Place, WeightKey, spoken
from layerfix.disk.files import open_regular
from layerfix.errors import ReadError

CHUNK_BYTES = 1 << 20
"""Small enough to stay in a processor's cache between reading and comparing."""


class Tensors(ABC):
    """Read access to the tensors of one open checkpoint; made by `open_tensors`."""

    @abstractmethod
    def read(self, key: WeightKey) -> Array:
        """The whole tensor, in the stored dtype.

        Raises:
            ReadError: where it is missing or its bytes cannot be read.
        """

    @abstractmethod
    def chunks(self, key: WeightKey, limit: int = CHUNK_BYTES) -> Iterator[Array]:
        """The tensor in C order as pieces of about `limit` bytes; memory stays at one piece."""

    @abstractmethod
    def decode(self, key: WeightKey) -> None:
        """Has libraries do all that they do for a tensor, and finds what is cut off."""

    def optimizer(self, name: str) -> Array:
        """A whole optimizer tensor by its name in `OptimizerEntry.weights`. Raises ReadError like `read`."""
        return self.read((OPTIMIZER, name))

    def optimizer_chunks(self, name: str, limit: int = CHUNK_BYTES) -> Iterator[Array]:
        """Like `chunks`, for an optimizer tensor."""
        return self.chunks((OPTIMIZER, name), limit)

    def digest(self, key: WeightKey) -> str:
        """SHA-256 of the tensor's elements, without holding it in memory."""
        return digest_chunks(self.chunks(key))


class Hdf5Tensors(Tensors):
    """Those of an HDF5 file."""

    def __init__(self, file: GuardedFile) -> None:
        self._file = file
        self._legacy = is_legacy(file)
        self._root: h5py.Group = weights_root(file) if self._legacy else file.root

    def read(self, key: WeightKey) -> Array:
        with self._file.guarded(f"tensor {spoken(key)!r}"):
            return _numbers(np.asarray(self._dataset(key)[()]))

    def chunks(self, key: WeightKey, limit: int = CHUNK_BYTES) -> Iterator[Array]:
        return self._pieces(self._dataset(key), key, limit)

    def _pieces(self, dataset: h5py.Dataset, key: WeightKey, limit: int = CHUNK_BYTES) -> Iterator[Array]:
        align = dataset.chunks[0] if dataset.chunks else 1
        for selection in slabs(dataset.shape, dataset.dtype.itemsize, limit, align):
            with self._file.guarded(f"tensor {spoken(key)!r}"):
                piece = _numbers(np.asarray(dataset[selection]))
            yield piece

    def decode(self, key: WeightKey) -> None:
        """Chunks with their index and filters; contiguous bytes the HDF5 library only copies."""
        dataset = self._dataset(key)
        pieces = self._pieces(dataset, key)
        for _ in pieces if dataset.chunks else islice(pieces, 1):
            pass

    def _dataset(self, key: WeightKey) -> h5py.Dataset:
        owner, name = key
        slot = owner == OPTIMIZER
        root = self._file.root if slot else self._root
        group = self._file.group(root, (OPTIMIZER if self._legacy else "optimizer") if slot else owner)
        dataset = None if group is None else self._file.dataset(group, name)
        if dataset is None:
            raise ReadError(f"holds no tensor {name if slot else spoken(key)!r}.", where=self._file.place)
        return dataset


class PlacedTensors(Tensors):
    """Those of a container that stores them plainly."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    def read(self, key: WeightKey) -> Array:
        place = self._place(key)
        raw = b"".join(self._bytes(file, offset, size) for file, offset, size in place.pieces)
        return _decoded(raw, place).reshape(place.shape)

    def chunks(self, key: WeightKey, limit: int = CHUNK_BYTES) -> Iterator[Array]:
        whole = self.read(key)
        for selection in slabs(whole.shape, whole.dtype.itemsize, limit):
            yield whole[selection]

    def decode(self, key: WeightKey) -> None:
        for file, offset, size in self._place(key).pieces:
            self._bytes(file, offset + size, 0)

    def _place(self, key: WeightKey) -> Place:
        place = self._checkpoint.places.get(key)
        if place is None:
            raise ReadError(f"holds no tensor {spoken(key)!r}.", where=str(self._checkpoint.path))
        return place

    def _bytes(self, file: Path, offset: int, size: int) -> bytes:
        try:
            with open_regular(file) as stream:
                if offset + size > stream.seek(0, 2):
                    raise ReadError("is cut off: a tensor lies behind its end.", where=str(file), hint="Take another copy of it.")
                stream.seek(offset)
                return stream.read(size)
        except OSError as error:
            raise ReadError(f"cannot be opened ({error.strerror}).", where=str(file)) from error


def _numbers(stored: Array) -> Array:
    """What HDF5 gave, bfloat16 as float32."""
    return _widened(stored.view("<u2")) if is_bfloat16(stored.dtype) else stored


def _widened(stored: Array) -> Array:
    """bfloat16 is the upper half of a float32."""
    return (stored.astype("<u4") << 16).view("<f4")


def _decoded(raw: bytes, place: Place) -> Array:
    stored = np.frombuffer(raw, np.dtype("<u2" if place.dtype == "bfloat16" else place.dtype).newbyteorder("<"))
    if place.dtype == "bfloat16":
        return _widened(stored)
    if place.scale is None:
        return stored.astype(place.read_as)
    return (stored.astype("<f4") * np.float32(place.scale) + np.float32(place.minimum)).astype("<f4")


@contextmanager
def open_tensors(checkpoint: Checkpoint | Path | str) -> Iterator[Tensors]:
    """Opens a checkpoint for reading tensors.

    Args:
        checkpoint: records of `read`, or a path.

    Raises:
        ReadError, HostileError: as `read`.
    """
    path = checkpoint.path if isinstance(checkpoint, Checkpoint) else Path(checkpoint)
    if isinstance(checkpoint, Checkpoint) and checkpoint.is_placed:
        yield PlacedTensors(checkpoint)
        return
    with ExitStack() as stack:
        yield Hdf5Tensors(stack.enter_context(opened(path)).file)


def slabs(shape: tuple[int, ...], itemsize: int, limit: int, align: int = 1) -> Iterator[tuple[Any, ...]]:
    """Selections that cover a tensor in C order, each of about `limit` bytes; whole rows of HDF5 chunks (`align`) are read once."""
    if prod(shape) * itemsize <= limit or not shape:
        yield (...,)
        return
    row = prod(shape[1:]) * itemsize
    if row * align <= limit or align > 1:
        step = max(align, limit // max(row, 1) // align * align)
        for start in range(0, shape[0], step):
            yield (slice(start, start + step),)
        return
    for index in range(shape[0]):
        for rest in slabs(shape[1:], itemsize, limit):
            yield (index, *rest)
