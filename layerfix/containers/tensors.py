"""Tensors of a checkpoint: one at a time, or in chunks, always through the guarded primitives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from layerfix.containers.archive import opened
from layerfix.containers.digests import digest_chunks
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.keras_hdf5 import OPTIMIZER, is_legacy, weights_root
from layerfix.containers.records import Checkpoint, WeightKey, spoken
from layerfix.errors import ReadError

CHUNK_BYTES = 1 << 20
"""Small enough to stay in a processor's cache between reading and comparing."""


class Tensors:
    """Read access to the tensors of one open checkpoint; made by `open_tensors`."""

    def __init__(self, file: GuardedFile) -> None:
        self._file = file
        self._legacy = is_legacy(file)
        self._root: h5py.Group = weights_root(file) if self._legacy else file.root

    def read(self, key: WeightKey) -> NDArray[Any]:
        """The whole tensor, in the stored dtype.

        Raises:
            ReadError: where it is missing or its bytes cannot be read.
        """
        return self._whole(self._weight(key), spoken(key))

    def optimizer(self, name: str) -> NDArray[Any]:
        """A whole optimizer tensor by its name in `OptimizerEntry.weights`. Raises ReadError like `read`."""
        return self._whole(self._slot(name), name)

    def chunks(self, key: WeightKey, limit: int = CHUNK_BYTES) -> Iterator[NDArray[Any]]:
        """The tensor in C order as pieces of about `limit` bytes; memory stays at one piece."""
        return self._pieces(self._weight(key), spoken(key), limit)

    def optimizer_chunks(self, name: str, limit: int = CHUNK_BYTES) -> Iterator[NDArray[Any]]:
        """Like `chunks`, for an optimizer tensor."""
        return self._pieces(self._slot(name), name, limit)

    def decode(self, key: WeightKey) -> None:
        """Has the HDF5 library do all that it does for a tensor: chunks with their index and filters; contiguous bytes it only copies."""
        pieces = self.chunks(key)
        for _ in pieces if self._weight(key).chunks else islice(pieces, 1):
            pass

    def digest(self, key: WeightKey) -> str:
        """SHA-256 of the tensor's elements, without holding it in memory."""
        return digest_chunks(self.chunks(key))

    def _weight(self, key: WeightKey) -> h5py.Dataset:
        if key[0] == OPTIMIZER:
            return self._slot(key[1])
        group = self._file.group(self._root, key[0])
        return self._present(None if group is None else self._file.dataset(group, key[1]), spoken(key))

    def _slot(self, name: str) -> h5py.Dataset:
        group = self._file.group(self._file.root, OPTIMIZER if self._legacy else "optimizer")
        return self._present(None if group is None else self._file.dataset(group, name), name)

    def _present(self, dataset: h5py.Dataset | None, name: str) -> h5py.Dataset:
        if dataset is None:
            raise ReadError(f"holds no tensor {name!r}.", where=self._file.place)
        return dataset

    def _whole(self, dataset: h5py.Dataset, name: str) -> NDArray[Any]:
        with self._file.guarded(f"tensor {name!r}"):
            return np.asarray(dataset[()])

    def _pieces(self, dataset: h5py.Dataset, name: str, limit: int) -> Iterator[NDArray[Any]]:
        align = dataset.chunks[0] if dataset.chunks else 1
        for selection in slabs(dataset.shape, dataset.dtype.itemsize, limit, align):
            with self._file.guarded(f"tensor {name!r}"):
                piece = np.asarray(dataset[selection])
            yield piece


@contextmanager
def open_tensors(checkpoint: Checkpoint | Path | str) -> Iterator[Tensors]:
    """Opens a checkpoint for reading tensors.

    Args:
        checkpoint: records of `read`, or a path.

    Raises:
        ReadError, HostileError: as `read`.
    """
    path = checkpoint.path if isinstance(checkpoint, Checkpoint) else Path(checkpoint)
    with ExitStack() as stack:
        yield Tensors(stack.enter_context(opened(path)).file)


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
