"""Who goes through the ranges of a large search: the threads of this process, or workers elsewhere (`spread`).

A shard is a range of seeds with all that its search needs, as JSON: it can be done by any process, in any order, and again.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from layerfix.arrays import Array

Shard = dict[str, Any]
"""{"search": "numpy" | "op", "start": int, "stop": int, ...}."""
Spread = Callable[[Iterable[Shard]], Iterator[Any]]
"""Shards -> the answer of each, in whatever order."""

_elsewhere: ContextVar[Spread | None] = ContextVar("elsewhere", default=None)


@contextmanager
def spread(elsewhere: Spread) -> Iterator[None]:
    """While it lasts, large searches are given to `elsewhere`, shard by shard."""
    token = _elsewhere.set(elsewhere)
    try:
        yield
    finally:
        _elsewhere.reset(token)


def elsewhere() -> Spread | None:
    """Who does large searches; None for this process."""
    return _elsewhere.get()


def ranges(seeds: range, size: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of the pieces of a range."""
    return ((start, min(start + size, seeds.stop)) for start in range(seeds.start, seeds.stop, size))


def packed(arrays: Sequence[Array]) -> list[str]:
    """Arrays as text, bit for bit."""
    return [b64encode(np.ascontiguousarray(array).tobytes()).decode() for array in arrays]


def unpacked(texts: Sequence[str], dtype: Any) -> list[Array]:
    """The arrays of `packed`, flat."""
    return [np.frombuffer(b64decode(text), dtype) for text in texts]
