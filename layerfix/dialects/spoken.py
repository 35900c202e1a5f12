"""What a raw config tells of who wrote it, beside the version that the file states."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from layerfix.dialects.records import UNSTATED, Source
from layerfix.dialects.rules import Entry


def source_of(entry: Entry, keras_version: str | None, backend: str | None, custom: Collection[str]) -> Source:
    """What rules need to know of a whole model's config."""
    orderings = {str(value) for value in _every(entry, "dim_ordering")} & {"th", "tf"}
    version = keras_version or _version(entry)
    return Source(version, backend, frozenset(custom), written_by_tensorflow1(entry), _masks(entry), frozenset(orderings))


def written_by_tensorflow1(value: object) -> bool | None:
    """Whether TensorFlow 1 wrote a config: its initializers have a `dtype`, those of TensorFlow 2 none; None without initializers."""
    found = None
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        inner = written_by_tensorflow1(item)
        if inner is not None:
            return inner
    if isinstance(value, dict):
        stated = [item for key, item in value.items() if key.endswith("_initializer") and isinstance(item, dict)]
        found = any(isinstance(item.get("config"), dict) and "dtype" in item["config"] for item in stated) if stated else None
    return found


def _every(value: object, key: str) -> Iterator[Any]:
    """Every value under a key of a config."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _every(item, key)
    if isinstance(value, dict) and key in value:
        yield value[key]


def _version(entry: Entry) -> str | None:
    """The version of a config that states none, where its words are those of Keras 1."""
    words = ("border_mode", "inner_init", "W_regularizer", "nb_filter")
    return UNSTATED if any(True for word in words for _ in _every(entry, word)) else None


def _masks(value: object) -> bool:
    """Whether any layer in a config makes a mask."""
    if isinstance(value, list):
        return any(map(_masks, value))
    if not isinstance(value, dict):
        return False
    config = value.get("config")
    own = value.get("class_name") == "Masking" or (isinstance(config, dict) and bool(config.get("mask_zero")))
    return own or any(map(_masks, value.values()))
