"""A save that was killed before HDF5 wrote its structures: the bytes of tensors alone, and zeros where the structures should be.

HDF5 keeps its structures in memory until the file is closed and writes tensors at once (hdf5, H5C.c). With the architecture from outside,
each way of saving says where tensors begin and end; the one whose edges are those of the zeros in the file is the one that was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.scavenge.attributes import Value
from layerfix.scavenge.image import Image
from layerfix.scavenge.layout import Layout, layout
from layerfix.scavenge.legacy_saves import lists
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.saves import legacy_scripts, v3_scripts
from layerfix.scavenge.tree import WEIGHTS, Tree
from layerfix.scavenge.writing import Script

ENOUGH = 6
"""Edges of tensors at which zeros end: other layouts would have to have theirs at the same bytes."""
_TRAINING = (0, *range(288, 800, 32))
"""Bytes of a text that says how a model is trained; 0 where there is none. It shares 4096 bytes with names."""
_SUPERBLOCK, _BLOCK = 96, 1 << 20


def guessed(image: Image, found: Objects, named: Tree, *, near: bool) -> Iterator[Script]:
    """Every save that the architecture alone allows.

    Args:
        near: with the architecture's text as it is given; else with one of the length that the first tensor's place tells: a text of more
            than 4096 bytes has a heap of its own, as long as itself (hdf5, H5HG.c).
    """
    config = named.given.get("model_config")
    if config is None:
        return
    if near:
        yield from v3_scripts(found, named)
    for tree in _trees(named, config, near=near):
        for script in legacy_scripts(found, tree):
            moved = script if near else _moved(image, script)
            if moved is not None:
                yield moved


def _moved(image: Image, script: Script) -> Script | None:
    """A save with a config as long as it takes for its first tensor to stand where the file's does."""
    first, written = _first(script, 1 << 62), _written(image)
    at = next((number for number, step in enumerate(script.steps) if step.attribute == "model_config"), -1)
    if first is None or written is None or at < 0 or (held := script.steps[at].value) is None:
        return None
    length = len(held.texts[0]) + (written - first[0]) // 8 * 8
    if length <= 0:
        return None
    step = replace(script.steps[at], value=_text(" " * length))
    return replace(script, steps=(*script.steps[:at], step, *script.steps[at + 1 :]))


def _trees(named: Tree, config: Mapping[str, Any], *, near: bool) -> Iterator[Tree]:
    """Attributes as a full model may have them, and as weights alone have them. Keras 3 alone does not state its release."""
    version, backend = str(config.get("keras_version", "3.15.0")), str(config.get("backend", "tensorflow"))
    stated = {"keras_version": _text(version), "backend": _text(backend)}
    plain = {"class_name": config.get("class_name"), "config": config.get("config")}
    whole = {**stated, "model_config": _text(" " * len(json.dumps(plain)))}
    for length in (0, 512) if near else _TRAINING:
        training = {"training_config": _text(" " * length)} if length else {}
        yield Tree(attributes={"": {**whole, **training}, WEIGHTS: {}}, given=named.given)
    if not near:
        return
    try:
        names = [layer_name(layer) for layer in layer_list(config) or []]
    except KeyError:
        return
    for variable in (False, True):
        yield Tree(attributes={"": {"layer_names": lists(names, variable=variable), **stated}}, given=named.given)


def _text(text: str) -> Value:
    return Value("text", (), texts=(text.encode(),))


def begins(image: Image, script: Script, most: int) -> bool:
    """Whether a file's first bytes are in the tensor that a script makes first: a cheap question, asked before the whole is made."""
    first, written = _first(script, most), _written(image)
    return first is not None and written is not None and first[0] <= written < first[1]


def _first(script: Script, most: int) -> tuple[int, int] | None:
    """Where the tensor is that a script makes first."""
    count = next((at for at, step in enumerate(script.steps) if step.shape is not None and 0 not in step.shape), None)
    if count is None:
        return None
    made = layout(replace(script, steps=script.steps[: count + 1], whole=False), most)
    return next((span for known in made.datasets.values() for span in known.extents), None)


def _written(image: Image) -> int | None:
    """The first byte behind the superblock that is not zero."""
    for at in range(_SUPERBLOCK, image.size, _BLOCK):
        data = image.take(at, image.present(at, _BLOCK))
        if any(data):
            return at + len(data) - len(data.lstrip(b"\0"))
    return None


def edges(image: Image, made: Layout) -> frozenset[int]:
    """Edges of tensors beside which the file has zeros, and none inside; none where it has other bytes where structures should be."""
    if any(any(image.take(place[0], image.present(place[0], end - place[0]))) for place, end in made.ends.items() if place[0] < image.size):
        return frozenset()
    seen: set[int] = set()
    for start, end in _merged(made):
        if start + 4 <= image.size and not any(image.take(start - 4, 4)) and any(image.take(start, 4)):
            seen.add(start)
        if end + 4 <= image.size and any(image.take(end - 4, 4)) and not any(image.take(end, 4)):
            seen.add(end)
    return frozenset(seen)


def _merged(made: Layout) -> Iterator[tuple[int, int]]:
    """Stretches of tensors without anything between them."""
    begun = reach = -1
    for start, end in sorted(span for known in made.datasets.values() for span in known.extents):
        if start > reach:
            if begun >= 0:
                yield begun, reach
            begun = start
        reach = max(reach, end)
    if begun >= 0:
        yield begun, reach
