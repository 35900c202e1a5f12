"""A tensor's value from the bytes that a damaged file holds of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.scavenge.datasets import Dataset, decoded
from layerfix.scavenge.image import Image


def value(image: Image, found: Dataset) -> NDArray[Any]:
    """The whole tensor, in its stored type. Raises Torn where bytes are missing or a checksum is wrong."""
    kind = found.type.dtype
    if found.layout.form == "compact":
        return np.frombuffer(found.layout.compact, kind).reshape(found.shape)
    if found.layout.form == "contiguous":
        data = image.take(found.layout.address, found.size) if found.size else b""
        return np.frombuffer(data, kind).reshape(found.shape)
    whole = np.zeros(found.shape, kind)
    for chunk in found.chunks.chunks:
        piece = np.frombuffer(decoded(image, found, chunk)[0], kind).reshape(found.layout.chunk)
        room = tuple(slice(at, at + step) for at, step in zip(chunk.at, found.layout.chunk, strict=True))
        target = whole[room]
        target[...] = piece[tuple(slice(0, size) for size in target.shape)]
    return whole
