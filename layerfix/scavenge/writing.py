"""The calls of HDF5 that a save of Keras makes, and the same calls made again: HDF5 then gives out the same addresses.

What h5py does for one line of Keras differs between its generations: h5py 2 made every attribute under a passing name of 32
letters and every dataset without a name (h5py 2.10, _hl/attrs.py, `create`; _hl/group.py, `create_dataset`), and kept the time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from math import prod
from mmap import ACCESS_READ, mmap
from typing import IO, Literal

import h5py
import numpy as np

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.image import Image, Torn

Calls = Literal["h5py2", "h5py3", "item", "pack"]
PASSING = b"0123456789abcdef0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Step:
    """A group is made; or one of its attributes (then `value`); or a dataset (then `shape` and `dtype`).

    Of a dataset in chunks: elements of a `chunk` by dimension, and the bytes that each takes, as they are `stored`.
    """

    path: str
    attribute: str = ""
    value: Value | None = None
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    chunk: tuple[int, ...] = ()
    stored: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A save.

    Attributes:
        steps: the calls of HDF5, up to the first that is not known.
        whole: whether they are all of them.
        calls: as h5py 2 made them, as h5py 3 does, as it does for `group[name] = array`, which links a dataset when it is written,
            or as a copy packs it.
        stream: into a Python stream, for which HDF5 does not gather small blocks.
        made_up: the group in which names stand for others of the same length; "" where none does.
        pipeline: the filters of its chunks. timed: whether a copy keeps the times of its datasets.
    """

    steps: tuple[Step, ...]
    whole: bool
    calls: Calls
    stream: bool = False
    made_up: str = ""
    pipeline: tuple[int, ...] = ()
    timed: bool = False

    @property
    def size(self) -> int:
        """Bytes of its tensors."""
        return sum(prod(step.shape) * np.dtype(step.dtype).itemsize for step in self.steps if step.shape is not None)


@contextmanager
def written(script: Script) -> Iterator[Image]:
    """The file that a script makes, without the tensors' bytes, as long as the block lasts. Raises Torn where HDF5 refuses a call."""
    with opened(stream=script.stream) as (file, target):
        try:
            for step in script.steps:
                made = perform(file, step, script)
                if made is not None and step.chunk:
                    _chunks(made, step)
            file.close()
        except (ValueError, OSError, KeyError, TypeError, RuntimeError) as error:
            raise Torn(f"no save makes these calls ({error})") from error
        with mmap(target.fileno(), 0, access=ACCESS_READ) as data:
            yield Image(data)


@contextmanager
def opened(*, stream: bool) -> Iterator[tuple[h5py.File, IO[bytes]]]:
    """A new file to be written, and its stream, as long as the block lasts."""
    with tempfile.NamedTemporaryFile(prefix="layerfix-", suffix=".h5") as target, h5py.File(target if stream else target.name, "w") as file:
        yield file, target


def _chunks(made: h5py.h5d.DatasetID, step: Step) -> None:
    for at, size in zip(grid(step), step.stored, strict=True):
        made.write_direct_chunk(at, bytes(size))


def grid(step: Step) -> Iterator[tuple[int, ...]]:
    """Coordinates of all chunks of a dataset in the order of writing."""
    return product(*(range(0, size, side) for size, side in zip(step.shape or (), step.chunk, strict=True)))


def perform(file: h5py.File, step: Step, script: Script) -> h5py.h5d.DatasetID | None:
    """Makes one call; gives a dataset, whose chunks are still to be written."""
    if step.value is not None:
        _attribute(file[step.path or "/"], step.attribute, step.value, old=script.calls == "h5py2")
    elif step.shape is not None:
        return _dataset(file, step, step.shape, script)
    else:
        file.create_group(step.path)
    return None


def _attribute(group: h5py.Group, name: str, held: Value, *, old: bool) -> None:
    data, dtype = array_of(held)
    kind = h5py.h5t.py_create(dtype, logical=True)
    space = h5py.h5s.create(h5py.h5s.SCALAR) if held.shape == () else h5py.h5s.create_simple(held.shape or (0,))
    made = h5py.h5a.create(group.id, PASSING if old else name.encode(), kind, space)
    if data.size:
        made.write(data)
    if old:
        h5py.h5a.rename(group.id, PASSING, name.encode())


def array_of(held: Value) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.generic]], np.dtype[np.generic]]:
    """An attribute's value for h5py, and its type."""
    if held.dtype != "text":
        dtype = np.dtype(held.dtype)
        return np.frombuffer(held.data, dtype).reshape(held.shape or ()), dtype
    dtype = h5py.string_dtype("utf-8" if held.utf8 else "ascii")
    return np.array(held.items, dtype=object).reshape(held.shape or ()).astype(dtype), dtype


def _dataset(file: h5py.File, step: Step, shape: tuple[int, ...], script: Script) -> h5py.h5d.DatasetID:
    calls = script.calls
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    settings.set_obj_track_times(calls == "h5py2" or script.timed)
    if step.chunk:
        settings.set_chunk(step.chunk)
        for code in script.pipeline:
            settings.set_filter(code, h5py.h5z.FLAG_OPTIONAL, (6,) if code == h5py.h5z.FILTER_DEFLATE else ())
    kind = h5py.h5t.py_create(np.dtype(step.dtype), logical=True)
    space = h5py.h5s.create(h5py.h5s.SCALAR) if shape == () else h5py.h5s.create_simple(shape)
    parent, _, name = step.path.rpartition("/")
    if calls in ("h5py3", "pack"):
        made = h5py.h5d.create(file.require_group(parent).id if parent else file.id, name.encode(), kind, space, settings)
        return made if step.chunk else _placed(made, shape)
    made = h5py.h5d.create(file.id, None, kind, space, settings)
    if calls == "item":
        _placed(made, shape)
    file[step.path] = h5py.Dataset(made)
    return _placed(made, shape) if calls == "h5py2" else made


def _placed(made: h5py.h5d.DatasetID, shape: tuple[int, ...]) -> h5py.h5d.DatasetID:
    """A dataset to which a place is given: that happens when the first element is written."""
    if prod(shape):
        h5py.Dataset(made)[(0,) * len(shape)] = 0
    return made
