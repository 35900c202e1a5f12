"""The mask behind a merge of branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.arrays import Array

MERGES = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"})


def merged_mask(
    name: str, config: Mapping[str, Any], arrays: Sequence[Array], masks: Sequence[Array | None], release: tuple[int, ...]
) -> Array | None:
    """(batch, steps) of booleans, or None.

    A step counts where all branches have it; until Keras 3.4 no mask is handed on; since then a step counts where any branch has it (keras
    2.2.4, merge.py; 3.3, layer.py, `__call__`; 3.4, base_merge.py and concatenate.py, `compute_mask`).

    Args:
        name: one of `MERGES`.
        config: its settings.
        arrays, masks: what comes in.
        release: of the Keras that wrote the model.
    """
    known = [mask for mask in masks if mask is not None]
    if not known or (3,) <= release < (3, 4):
        return None
    either = release >= (3, 4)
    if name == "Concatenate":
        whole = [_spread(array, mask) for array, mask in zip(arrays, masks, strict=True)]
        joined = np.concatenate(whole, axis=config["axis"])
        return np.asarray(joined.any(-1) if either else joined.all(-1))
    if either:
        return None if len(known) < len(masks) else np.asarray(np.any(known, axis=0))
    return np.asarray(np.all(known, axis=0))


def _spread(array: Array, mask: Array | None) -> Array:
    """A mask of the tensor's own shape; all true where it has none."""
    ones = np.ones(array.shape, bool)
    if mask is None:
        return ones
    return ones & (mask[..., None] if mask.ndim < ones.ndim else mask)
