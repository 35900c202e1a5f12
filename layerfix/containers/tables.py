"""Vocabularies of lookup layers, brought into the config, where every dialect looks for them.

tf.keras keeps them in tables: with their keys and values in the checkpoint before TF 2.9, as constants of a SavedModel's graph since
(keras 2.15, preprocessing/index_lookup.py). A checkpoint of a later release alone, and an `.h5`, hold them in the config or nowhere.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.containers.bundle import DTYPES, raw_bytes
from layerfix.containers.config import layer_list
from layerfix.containers.object_layers import paired
from layerfix.containers.objects import Objects, reachable
from layerfix.containers.saved_graph import SavedGraph, ordered, read_saved_graph
from layerfix.errors import ReadError
from layerfix.legacy.packages import plain_class

LOOKUPS = frozenset({"StringLookup", "IntegerLookup", "TextVectorization"})
_COUNTS = ("token_counts", "token_document_counts", "_accumulators", "_counts")
"""Tables that only counted while a layer was adapted."""


def with_vocabularies(config: Mapping[str, object], path: Path, objects: Objects, root: int) -> Mapping[str, Any]:
    """The config of a model with the vocabulary of each lookup layer in it; the very same object where it has none.

    Args:
        config: {"class_name", "config"} of a functional or Sequential model.
        path: the SavedModel's folder, or what a checkpoint was called.
        root: the model among the checkpoint's objects.
    """
    if not any(True for _ in _lookups(config)) or not objects.nodes:
        return config
    filled: dict[str, Any] = copy.deepcopy(dict(config))
    graph = _graph(path)
    places = dict(reachable(objects.nodes, 0))
    for entry, number in _placed(filled, objects, root):
        inner = entry["config"]
        if isinstance(inner, dict) and not inner.get("vocabulary"):
            found = _stored(objects, number) or _constant(graph, objects, number, places.get(number, ""))
            if found:
                inner["vocabulary"] = found
                _idf(inner, objects, number, len(found))
    return filled


def is_lookup(entry: Mapping[str, object]) -> bool:
    """Whether a layer entry is a lookup layer."""
    return plain_class(entry.get("class_name")) in LOOKUPS


def _lookups(config: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
    for entry in layer_list(config) or ():
        yield from (entry,) if is_lookup(entry) else _lookups(entry)


def _placed(config: Mapping[str, object], objects: Objects, root: int) -> Iterator[tuple[Mapping[str, Any], int]]:
    for entry, number in paired(config, objects.nodes, root):
        if is_lookup(entry):
            yield entry, number
        elif layer_list(entry):
            yield from _placed(entry, objects, number)


def _graph(path: Path) -> SavedGraph | None:
    if not path.is_dir():
        return None
    try:
        return read_saved_graph(path)
    except (ValueError, IndexError, UnicodeError) as error:
        raise ReadError(f"is damaged or cut off: {error}.", where=str(path / "saved_model.pb")) from error


def _stored(objects: Objects, number: int) -> Sequence[Any] | None:
    """The keys of a layer's table that the checkpoint itself holds."""
    for one, place in reachable(objects.nodes, number):
        key = next((key for name, key in objects.nodes[one].keys.items() if name != "VARIABLE_VALUE"), None)
        if key is None or any(word in place for word in _COUNTS):
            continue
        keys, values = _listed(objects, f"{key}-keys"), _listed(objects, f"{key}-values")
        if keys and values and len(keys) == len(values):
            # a table from words to numbers, or with `invert` from numbers to words
            turned = isinstance(values[0], str)
            return ordered(values, keys) if turned else ordered(keys, values)
    return None


def _listed(objects: Objects, key: str) -> list[Any] | None:
    """A tensor of text or numbers as a list."""
    found = objects.text(key)
    if found is not None or key not in objects.entries:
        return found
    entry = objects.entries[key]
    return np.frombuffer(raw_bytes(objects.prefix, objects.shards, entry), DTYPES[entry.kind]).tolist()


def _constant(graph: SavedGraph | None, objects: Objects, number: int, place: str) -> Sequence[Any] | None:
    """The keys of a layer's table that constants of the graph fill."""
    if graph is None:
        return None
    for _, inner in reachable(objects.nodes, number):
        at = graph.follow([part for part in (*place.split("/"), *inner.split("/")) if part])
        if at is not None and "_initialize" in graph.children[at]:
            return graph.filled_with(at)
    return None


def _idf(inner: dict[str, Any], objects: Objects, number: int, words: int) -> None:
    """The weights of a vocabulary in output mode tf_idf: behind those of the tokens that stand for unknown words."""
    if str(inner.get("output_mode")).replace("-", "_") != "tf_idf" or inner.get("idf_weights"):
        return
    for one, place in reachable(objects.nodes, number):
        key = objects.nodes[one].value
        if key and place.rpartition("/")[2] in {"idf_weights", "tf_idf_weights"}:
            first = int(inner.get("num_oov_indices") or 1)
            inner["idf_weights"] = (_listed(objects, key) or [])[first : first + words]
