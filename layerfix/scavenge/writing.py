"""The calls of HDF5 that a save of Keras makes, and the same calls made again: HDF5 then gives out the same addresses.

What h5py does for one line of Keras differs between its generations: h5py 2 made every attribute under a passing name of 32
letters and every dataset without a name (h5py 2.10, _hl/attrs.py, `create`; _hl/group.py, `create_dataset`), and kept the time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from mmap import ACCESS_READ, mmap
from typing import Literal

import h5py
import numpy as np

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.image import Image, Torn

Calls = Literal["h5py2", "h5py3", "item"]
PASSING = b"0123456789abcdef0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Step:
    """A group is made; or one of its attributes (then `value`); or a dataset (then `shape` and `dtype`)."""

    path: str
    attribute: str = ""
    value: Value | None = None
    shape: tuple[int, ...] | None = None
    dtype: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A save.

    Attributes:
        steps: the calls of HDF5, up to the first that is not known.
        whole: whether they are all of them.
        calls: as h5py 2 made them, as h5py 3 does, or as it does for `group[name] = array`, which links a dataset when it is written.
        stream: into a Python stream, for which HDF5 does not gather small blocks.
        made_up: the group in which names stand for others of the same length; "" where none does.
    """

    steps: tuple[Step, ...]
    whole: bool
    calls: Calls
    stream: bool = False
    made_up: str = ""

    @property
    def size(self) -> int:
        """Bytes of its tensors."""
        return sum(prod(step.shape) * np.dtype(step.dtype).itemsize for step in self.steps if step.shape is not None)


@contextmanager
def written(script: Script) -> Iterator[Image]:
    """The file that a script makes, without the tensors' bytes, as long as the block lasts. Raises Torn where HDF5 refuses a call."""
    with tempfile.NamedTemporaryFile(prefix="layerfix-", suffix=".h5") as target:
        try:
            with h5py.File(target if script.stream else target.name, "w") as file:
                for step in script.steps:
                    _perform(file, step, script.calls)
        except (ValueError, OSError, KeyError, TypeError, RuntimeError) as error:
            raise Torn(f"no save makes these calls ({error})") from error
        with mmap(target.fileno(), 0, access=ACCESS_READ) as data:
            yield Image(data)


def _perform(file: h5py.File, step: Step, calls: str) -> None:
    if step.value is not None:
        _attribute(file[step.path or "/"], step.attribute, step.value, old=calls == "h5py2")
    elif step.shape is not None:
        _dataset(file, step, step.shape, calls)
    else:
        file.create_group(step.path)


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


def _dataset(file: h5py.File, step: Step, shape: tuple[int, ...], calls: str) -> None:
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    settings.set_obj_track_times(calls == "h5py2")
    kind = h5py.h5t.py_create(np.dtype(step.dtype), logical=True)
    space = h5py.h5s.create(h5py.h5s.SCALAR) if shape == () else h5py.h5s.create_simple(shape)
    parent, _, name = step.path.rpartition("/")
    if calls == "h5py3":
        _place(h5py.h5d.create(file.require_group(parent).id, name.encode(), kind, space, settings), shape)
        return
    made = h5py.h5d.create(file.id, None, kind, space, settings)
    if calls == "item":
        _place(made, shape)
    file[step.path] = h5py.Dataset(made)
    if calls == "h5py2":
        _place(made, shape)


def _place(made: h5py.h5d.DatasetID, shape: tuple[int, ...]) -> None:
    """Has a place given to a dataset: that happens when the first element is written."""
    if prod(shape):
        h5py.Dataset(made)[(0,) * len(shape)] = 0
