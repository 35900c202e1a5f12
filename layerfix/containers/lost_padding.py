"""`output_padding` of transposed convolutions, which Keras 3 left out of its files for long: the shapes that a file states tell it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.legacy.packages import plain_class
from layerfix.legacy.versions import release

_RANKS = {"Conv1DTranspose": 1, "Conv2DTranspose": 2, "Conv3DTranspose": 3}
Shape = Sequence[Any]


def with_output_padding(config: Mapping[str, Any], keras_version: str | None) -> Mapping[str, Any]:
    """A config whose transposed convolutions have the `output_padding` that they were made with; the same object where nothing is told.

    Keras 3.0 to 3.9, at least, write none (base_conv_transpose.py, `get_config`), and take a lost one for None: another output size. What
    takes the output states its shape, and a size is reached by one padding alone.
    """
    if not _of_keras3(keras_version) or not any(_found(config)):
        return config
    settled: dict[str, Any] = copy.deepcopy(dict(config))
    for entry, padding in _found(settled):
        entry["config"]["output_padding"] = padding
    return settled


def untold_paddings(config: Mapping[str, Any], keras_version: str | None) -> Iterator[str]:
    """Names of transposed convolutions whose `output_padding` is in no file and changes the size of what they give: those that nothing in
    the model takes, and those of open sizes.
    """
    for entry, shape in _paddingless(config) if _of_keras3(keras_version) else ():
        made, given = entry["config"], _given(entry)
        first = 2 if made.get("data_format") == "channels_first" else 1
        strided = [first + axis for axis, stride in enumerate(made["strides"]) if stride > 1]
        told = (
            given is not None
            and shape is not None
            and all(axis < len(sizes) and isinstance(sizes[axis], int) for sizes in (given, shape) for axis in strided)
        )
        if strided and not told:
            yield layer_name(entry)


def _of_keras3(keras_version: str | None) -> bool:
    stated = release(keras_version)
    return stated is not None and stated.numbers >= (3,)


def _found(config: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Entries of transposed convolutions without the argument, with what it was."""
    for entry, shape in _paddingless(config):
        padding = _padding(entry["config"], _given(entry), shape, _RANKS[plain_class(entry["class_name"])])
        if padding is not None:
            yield entry, padding


def _paddingless(config: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Shape | None]]:
    """Entries without the argument as Keras 3 writes them, and the shape of what they give where another layer states it."""
    entries = layer_list(config) or []
    shapes: dict[str, Shape | None] = {name: shape for entry in entries for name, shape in _taken(entry.get("inbound_nodes"))}
    if plain_class(config.get("class_name")) == "Sequential":
        shapes = {layer_name(one): _built(two) for one, two in pairwise(entries)}
    for entry in entries:
        yield from _paddingless(entry)
        made = entry.get("config")
        if plain_class(entry.get("class_name")) not in _RANKS or not isinstance(entry, dict) or not isinstance(made, dict):
            continue
        if "output_padding" not in made and {"strides", "kernel_size", "dilation_rate"} <= made.keys():
            yield entry, shapes.get(layer_name(entry))


def _taken(nodes: object) -> Iterator[tuple[str, Shape]]:
    """(layer, shape of what it gave) of each tensor that the calls of a layer take, as Keras 3 states them."""
    if isinstance(nodes, Mapping):
        stated = nodes.get("config")
        if nodes.get("class_name") == "__keras_tensor__" and isinstance(stated, Mapping):
            history, shape = stated.get("keras_history"), stated.get("shape")
            if isinstance(history, list) and history and isinstance(shape, list):
                yield str(history[0]), shape
            return
        nodes = list(nodes.values())
    if isinstance(nodes, list):
        for node in nodes:
            yield from _taken(node)


def _given(entry: Mapping[str, Any]) -> Shape | None:
    """The shape that a layer takes."""
    return _built(entry) or next((taken for _, taken in _taken(entry.get("inbound_nodes"))), None)


def _built(entry: Mapping[str, Any]) -> Shape | None:
    """The shape that a layer was built with."""
    built = entry.get("build_config")
    shape = built.get("input_shape") if isinstance(built, Mapping) else None
    return shape if isinstance(shape, list) else None


def _padding(made: Mapping[str, Any], given: Shape | None, taken: Shape | None, rank: int) -> list[int] | None:
    """What makes `taken` of `given`; None where the default does, or where nothing or too little is told."""
    if given is None or taken is None or len(given) != rank + 2 or len(taken) != rank + 2:
        return None
    first = 2 if made.get("data_format") == "channels_first" else 1
    sizes = (given[first : first + rank], taken[first : first + rank])
    axes = zip(*sizes, made["kernel_size"], made["strides"], made["dilation_rate"], strict=True)
    same, found, default = made.get("padding") == "same", [], True
    for size, reached, kernel, stride, dilation in axes:
        if not isinstance(size, int) or not isinstance(reached, int):
            return None
        extent = (kernel - 1) * dilation + 1
        default &= reached == size * stride + (0 if same else max(extent - stride, 0))
        found.append(reached - ((size - 1) * stride + extent - (2 * (extent // 2) if same else 0)))
    fits = all(0 <= padding < stride for padding, stride in zip(found, made["strides"], strict=True))
    return None if default or not fits else found
