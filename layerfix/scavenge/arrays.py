"""Arrays of an `.npz`, from what is left of its members (NEP 1, the npy format)."""

from __future__ import annotations

import io
import tokenize
from math import prod
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from layerfix.scavenge.archive import Member
from layerfix.scavenge.hdf5 import State, Tensor

_BROKEN = (ValueError, SyntaxError, TypeError, EOFError, tokenize.TokenError)
"""What numpy meets in a header that is none: it reads one as a text of Python."""


def array(member: Member) -> tuple[Tensor, NDArray[Any] | None]:
    """What is there of an array; its value where all bytes are."""
    name = member.name.removesuffix(".npy")
    try:
        stream = io.BytesIO(member.data)
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read(stream)
    except _BROKEN:
        return Tensor(name, "gone", why=member.why or "its header is broken"), None
    if dtype.kind not in "fiub":
        return Tensor(name, "gone", shape, dtype.str, why="it holds no numbers"), None
    size, there = prod(shape) * dtype.itemsize, len(member.data) - stream.tell()
    share = min(1.0, there / size) if size else 1.0
    if there < size:
        state: State = "partial" if there > 0 else "gone"
        return Tensor(name, state, shape, dtype.str, share=share, why=member.why or "its bytes are cut off"), None
    if not member.whole:
        return Tensor(name, "doubtful", shape, dtype.str, share=share, why=member.why), None
    data = np.frombuffer(member.data, dtype, prod(shape), stream.tell())
    value = data.reshape(shape, order="F" if fortran else "C")
    return Tensor(name, "whole", shape, dtype.str, True, 1.0), value
