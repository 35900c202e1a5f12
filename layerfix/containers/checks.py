"""What a dataset or an attribute says about itself, looked at before any of its bytes are read."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from h5py import h5d, h5t, h5z

KNOWN_FILTERS = frozenset({h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32, h5z.FILTER_LZF})
STORED_LAYOUTS = frozenset({h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED})
NUMBERS = frozenset({h5t.INTEGER, h5t.FLOAT})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may ask for; each is far above anything that Keras writes.

    Attributes:
        objects: groups and datasets opened.
        depth: names in one path.
        rank: dimensions of a dataset.
        ratio: declared bytes against stored bytes, for one dataset and for all references together.
        slack: bytes that are free of the ratio.
        attribute: bytes of one attribute.
        names: elements of an attribute of variable-length strings.
    """

    objects: int = 400_000
    depth: int = 32
    rank: int = 8
    ratio: int = 200
    slack: int = 1 << 20
    attribute: int = 256 << 20
    names: int = 100_000


def is_bfloat16(dtype: np.dtype[Any]) -> bool:
    """Whether two opaque bytes are what h5py made of a bfloat16 (keras 3.9, saving_lib.py, states that beside; an .h5 does not)."""
    return dtype.kind == "V" and dtype.itemsize == 2 and dtype.names is None


def dataset_fault(dataset: Any, limits: Limits) -> str | None:
    """What makes a dataset (`h5py.h5d.DatasetID`) one that no checkpoint holds, or None."""
    if dataset.get_type().get_class() not in NUMBERS and dataset.dtype != np.dtype(bool) and not is_bfloat16(dataset.dtype):
        return "holds no numbers"
    if dataset.rank > limits.rank:
        return f"has {dataset.rank} dimensions"
    plist = dataset.get_create_plist()
    if plist.get_external_count() or plist.get_layout() not in STORED_LAYOUTS:
        return "keeps its data outside of the file"
    if plist.get_layout() == h5d.CHUNKED and len(plist.get_chunk()) != dataset.rank:
        return f"has {dataset.rank} dimensions and chunks of {len(plist.get_chunk())}"
    filters = {plist.get_filter(index)[0] for index in range(plist.get_nfilters())}
    if not filters <= KNOWN_FILTERS:
        return f"needs the unknown filter {min(filters - KNOWN_FILTERS)}"
    declared, stored = prod(dataset.shape) * dataset.dtype.itemsize, dataset.get_storage_size()
    return f"declares {declared} bytes and stores {stored}" if declared > limits.ratio * stored + limits.slack else None


def attribute_fault(attribute: Any, limits: Limits) -> str | None:
    """What makes an attribute (`h5py.h5a.AttrID`) one that no checkpoint has, or None."""
    space, kind = attribute.get_space(), attribute.get_type()
    count = space.get_simple_extent_npoints()
    if kind.get_class() not in NUMBERS | {h5t.STRING} and attribute.dtype != np.dtype(bool):
        return "is neither text nor numbers"
    if count * kind.get_size() > limits.attribute or space.get_simple_extent_ndims() > limits.rank:
        return f"declares {count} elements of {kind.get_size()} bytes"
    if kind.get_class() == h5t.STRING and kind.is_variable_str() and count > limits.names:
        return f"lists {count} names"
    return None
