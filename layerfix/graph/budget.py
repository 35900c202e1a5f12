"""A bound on the weights and tensors that a config may ask for: a file of a few kilobytes must not make us fill the machine's memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import keras

from layerfix.containers.records import Checkpoint
from layerfix.errors import HostileError

FREE = 1 << 31
"""Bytes of weights that any graph may have, whatever its file holds; and of any one tensor that it makes of one sample."""
RATIO = 8
"""Bytes of weights for each byte of the file beyond that: in a genuine file most weights of the graph are stored."""
_FLOAT = 4
"""Bytes of an element."""


@contextmanager
def bounded(checkpoint: Checkpoint) -> Iterator[None]:
    """While it lasts, layers that ask for more weights than a genuine checkpoint of this size has, or make larger tensors of a sample than
    a genuine one does (`RepeatVector(10**9)`), are refused before they get them.

    Raises:
        HostileError: where that happens; it names the layer.
    """
    limit = FREE + RATIO * checkpoint.size
    asked = 0
    refused: list[HostileError] = []
    genuine, symbol = keras.layers.Layer.add_weight, keras.KerasTensor.__init__

    def add_weight(layer: Any, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        sizes = shape if isinstance(shape, (list, tuple)) else () if shape is None else (shape,)
        asked += _FLOAT * prod(size for size in sizes if isinstance(size, int))
        if asked > limit:
            message = f"refused: the graph asks for a weight of shape {tuple(sizes)}; the file has {checkpoint.size} bytes."
            raise HostileError(message, where=f"{checkpoint.path}: {layer.name}")
        return genuine(layer, shape, *args, **kwargs)

    def tensor(made: Any, shape: Any, *args: Any, **kwargs: Any) -> None:
        if _FLOAT * prod(size for size in shape if isinstance(size, int)) > limit:
            message = f"refused: the graph makes a tensor of shape {tuple(shape)} of each sample; the file has {checkpoint.size} bytes."
            refused.append(HostileError(message, where=str(checkpoint.path)))
            raise refused[0]
        symbol(made, shape, *args, **kwargs)

    keras.layers.Layer.add_weight, keras.KerasTensor.__init__ = add_weight, tensor
    try:
        yield
    except HostileError as error:  # Keras raises its own copy, with the arguments of the call in it
        raise refused[0] if refused else error from None
    finally:
        keras.layers.Layer.add_weight, keras.KerasTensor.__init__ = genuine, symbol
