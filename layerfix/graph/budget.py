"""A bound on the weights that a config may ask for: a file of a few kilobytes must not make us fill the machine's memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import keras

from layerfix.checkpoint.records import Checkpoint
from layerfix.errors import HostileError

FREE = 1 << 31
"""Bytes of weights that any graph may have, whatever its file holds."""
RATIO = 8
"""Bytes of weights for each byte of the file beyond that: in a genuine file most weights of the graph are stored."""
_FLOAT = 4
"""Bytes of an element."""


@contextmanager
def bounded(checkpoint: Checkpoint) -> Iterator[None]:
    """While it lasts, layers that ask for more weights than a genuine checkpoint of this size has are refused before they get them.

    Raises:
        HostileError: where that happens; it names the layer.
    """
    limit = FREE + RATIO * checkpoint.size
    asked = 0
    genuine = keras.layers.Layer.add_weight

    def add_weight(layer: Any, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        sizes = shape if isinstance(shape, (list, tuple)) else () if shape is None else (shape,)
        asked += _FLOAT * prod(size for size in sizes if isinstance(size, int))
        if asked > limit:
            message = f"refused: the graph asks for a weight of shape {tuple(sizes)}; the file has {checkpoint.size} bytes."
            raise HostileError(message, where=f"{checkpoint.path}: {layer.name}")
        return genuine(layer, shape, *args, **kwargs)

    keras.layers.Layer.add_weight = add_weight
    try:
        yield
    finally:
        keras.layers.Layer.add_weight = genuine
