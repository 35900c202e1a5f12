"""Rules for what the file holds as values (LF205) and for what no legacy file can hold (LF206)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from layerfix.containers.tensors import Tensors, open_tensors
from layerfix.diagnose.records import Finding
from layerfix.errors import HostileError, ReadError

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint, WeightEntry
    from layerfix.diagnose.case import Case

LARGEST = 256 << 20
"""Bytes of weights that are looked at whole; of the tensors of larger files only the first piece."""
LOOKUPS = frozenset({"TextVectorization", "StringLookup", "IntegerLookup"})
"""Classes whose adapted vocabulary is neither weight nor setting: only a `.keras` archive and a SavedModel keep it, as an asset."""


def not_finite(checkpoint: Checkpoint) -> Iterator[Finding]:
    """Weights with values that are no finite numbers, layer by layer. Reads the tensors.

    Raises:
        HostileError: where a tensor is stored as no genuine one is.
    """
    size = sum(prod(weight.shape) * _itemsize(weight) for weight in checkpoint.weights)
    with open_tensors(checkpoint) as tensors:
        for layer in checkpoint.layers:
            counts = {weight.name: _count(tensors, weight, whole=size <= LARGEST) for weight in layer.weights}
            bad = {name: (nans, infinite) for name, (nans, infinite) in counts.items() if nans or infinite}
            if not bad:
                continue
            message = f"Layer {layer.name!r} holds values that are no finite numbers."
            evidence = tuple(f"{name}: {nans} times NaN, {infinite} times infinite" for name, (nans, infinite) in bad.items())
            yield Finding("LF205", "lost" if any(nans for nans, _ in bad.values()) else "suspect", layer.name, message, evidence)


def vocabularies(case: Case) -> Iterator[Finding]:
    """Preprocessing layers whose vocabulary was adapted to data and is in no file of this kind."""
    if case.checkpoint.format == "keras-v3":
        return
    for node in case.layers:
        if node.class_name in LOOKUPS and case.is_stock(node.class_name, node.config):
            stated = node.config.get("vocabulary")
            if stated is None or isinstance(stated, str):
                named = f"it names the file {stated!r}" if stated else "its config holds none"
                message = f"{node.class_name} {node.path!r} has lost its vocabulary: this format does not hold one that was adapted."
                yield Finding("LF206", "lost", node.path, message, (named,))


def _count(tensors: Tensors, weight: WeightEntry, *, whole: bool) -> tuple[int, int]:
    """How many values are NaN, and how many infinite. What cannot be read is told by others."""
    nans = infinite = 0
    try:
        pieces = tensors.chunks(weight.key)
        for piece in pieces if whole else islice(pieces, 1):
            if not np.issubdtype(piece.dtype, np.inexact):
                break
            with np.errstate(all="ignore"):
                nans += int(np.count_nonzero(np.isnan(piece)))
                infinite += int(np.count_nonzero(np.isinf(piece)))
    except HostileError:
        raise
    except ReadError:
        return 0, 0
    return nans, infinite


def _itemsize(weight: WeightEntry) -> int:
    try:
        return np.dtype(weight.dtype).itemsize
    except TypeError:
        return 4
