"""The index of a TensorFlow checkpoint: its tensors by key, and the Python objects that hold them.

Object-based checkpoints (tf.keras `save_weights`, SavedModel) store the graph of Python objects beside the tensors; Saver's hold names
alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from layerfix.containers.bundle import BFLOAT16, DTYPES, STRING, BundleEntry, data_file, raw_bytes, read_index
from layerfix.containers.object_graph import CHECKSUM, KEY, Node, read_nodes
from layerfix.containers.protobuf import varint
from layerfix.containers.records import Place
from layerfix.errors import ReadError

MAX_TEXT = 64 << 20
"""Bytes of a tensor of text: a vocabulary."""


@dataclass(frozen=True, slots=True)
class Objects:
    """An open checkpoint's index: where each tensor is by key, and the objects that hold them (() in a Saver's)."""

    prefix: Path
    shards: int
    entries: Mapping[str, BundleEntry]
    nodes: tuple[Node, ...]

    def place(self, key: str) -> Place | None:
        """Where a tensor of numbers is; None for text, and for keys that the index does not hold."""
        entry = self.entries.get(key)
        if entry is None or entry.kind not in DTYPES:
            return None
        dtype = "bfloat16" if entry.kind == BFLOAT16 else np.dtype(DTYPES[entry.kind]).name
        piece = (data_file(self.prefix, self.shards, entry.shard), entry.offset, entry.size)
        return Place((piece,), entry.shape, dtype)

    def text(self, key: str) -> list[str] | None:
        """A tensor of text: the lengths, a checksum of them, the bytes. None where the key holds none.

        Raises:
            ReadError: where it is cut off or larger than any vocabulary.
        """
        entry = self.entries.get(key)
        if entry is None or entry.kind != STRING:
            return None
        count = prod(entry.shape)
        if entry.size > MAX_TEXT or count > entry.size:
            raise ReadError(f"its text {key!r} is larger than any vocabulary.", where=str(self.prefix))
        raw, at, lengths = bytes(raw_bytes(self.prefix, self.shards, entry)), 0, []
        try:
            for _ in range(count):
                length, at = varint(raw, at)
                lengths.append(length)
        except ValueError as error:
            raise ReadError(f"its text {key!r} is damaged: {error}.", where=str(self.prefix)) from error
        found, at = [], at + CHECKSUM
        for length in lengths:
            found.append(raw[at : at + length].decode("utf-8", "surrogateescape"))
            at += length
        return found

    @property
    def files(self) -> tuple[Path, ...]:
        """The index and the data files that are there."""
        data = (data_file(self.prefix, self.shards, shard) for shard in range(self.shards))
        return (self.prefix.with_name(f"{self.prefix.name}.index"), *(file for file in data if file.is_file()))


def read_objects(prefix: Path) -> Objects:
    """The index of a checkpoint.

    Raises:
        ReadError: where the index or its object graph is damaged.
    """
    found, shards = read_index(prefix)
    graph = found.pop(KEY, None)  # no tensor of the model
    try:
        nodes = read_nodes(bytes(raw_bytes(prefix, shards, graph))) if graph else ()
    except ValueError as error:
        raise ReadError(f"its object graph is damaged: {error}.", where=str(prefix), hint="Take another copy of it.") from error
    return Objects(prefix, shards, {key.decode("utf-8", "surrogateescape"): entry for key, entry in found.items()}, nodes)


def model_root(nodes: Sequence[Node]) -> int | None:
    """The nearest object that holds layers by number: the model itself, or one inside a `tf.train.Checkpoint`."""
    return next((number for number, _ in reachable(nodes, 0) if "layer-0" in nodes[number].children), None)


def reachable(nodes: Sequence[Node], start: int) -> Iterator[tuple[int, str]]:
    """Objects from one on with the path of attributes to each, nearest first, each once."""
    seen, queue = {start}, [(start, "")]
    for number, path in queue:
        yield number, path
        for name, child in nodes[number].children.items():
            if child not in seen:
                seen.add(child)
                queue.append((child, f"{path}/{name}" if path else name))
