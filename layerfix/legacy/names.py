"""Automatic layer names: `conv1d_3` is the third Conv1D that a session made."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def auto_name(class_name: str) -> str:
    """The prefix that Keras puts before a layer's number: "Conv1D" gives "conv1d", "BatchNormalization" "batch_normalization".

    Copies `_to_snake_case` of keras 2.2.4, engine/base_layer.py (2.0.9: engine/topology.py), the same in all of 2.0-2.3.
    """
    words = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    snake = re.sub("([a-z])([A-Z])", r"\1_\2", words).lower()
    return f"private{snake}" if snake.startswith("_") else snake


def numbered(name: str, class_name: str) -> int | None:
    """The number in an automatic name: 3 for ("conv1d_3", "Conv1D"), 0 for tf.keras' unnumbered first "conv1d", None for a given name."""
    prefix = auto_name(class_name)
    if not name.startswith(prefix):
        return None
    if name == prefix:
        return 0
    tail = name[len(prefix) + 1 :] if name[len(prefix)] == "_" else ""
    return int(tail) if tail.isdecimal() and len(tail) <= 9 else None
