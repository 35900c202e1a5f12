"""The objects and constants of a SavedModel's own graph, as far as lookup tables need them; nothing is run.

A table that was made from a list is filled by a function `_initialize`, whose arguments are constants of the graph
(tensorflow/core/protobuf/saved_object_graph.proto: `concrete_functions`, `bound_inputs`, SavedConstant).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.containers.exported import load
from layerfix.containers.protobuf import fields, messages, packed, text

GRAPH = "saved_model.pb"
META_GRAPHS, GRAPH_DEF, OBJECT_GRAPH = 2, 2, 7
OBJECTS, FUNCTIONS = 1, 2
USER_OBJECT, FUNCTION, BARE_FUNCTION, CONSTANT = 4, 6, 8, 9
INT64, TEXT = 9, 7
Vocabulary = list[str] | list[int]


def meta_graph(folder: Path) -> memoryview:
    """The first graph of a SavedModel. Raises ValueError on damage."""
    return next(messages(load(folder / GRAPH), META_GRAPHS), memoryview(b""))


@dataclass(frozen=True, slots=True)
class SavedGraph:
    """What a SavedModel's graph says of its objects.

    Attributes:
        children: of each object, the objects held under each name.
        functions: by object, the concrete function that it stands for.
        constants: by object, the name of the graph's node.
        inputs: by concrete function, the objects that it is given.
        nodes: by name, the attributes of each constant of the graph.
    """

    children: Sequence[Mapping[str, int]]
    functions: Mapping[int, str]
    constants: Mapping[int, str]
    inputs: Mapping[str, Sequence[int]]
    nodes: Mapping[str, memoryview]

    def follow(self, names: Sequence[str], start: int = 0) -> int | None:
        """The object at a path of attributes, or None."""
        at: int | None = start
        for name in names:
            at = None if at is None or at >= len(self.children) else self.children[at].get(name)
        return at

    def filled_with(self, table: int) -> Vocabulary | None:
        """The keys of a table that constants fill, in the order of its values; None where none do."""
        initialize = self.children[table].get("_initialize")
        function = self.functions.get(initialize) if initialize is not None else None
        given = [self.constant(number) for number in self.inputs.get(function or "", ()) if number in self.constants]
        if len(given) != 2 or given[0] is None or given[1] is None or len(given[0]) != len(given[1]):
            return None
        return ordered(given[0], given[1])

    def constant(self, number: int) -> list[Any] | None:
        """The values of a constant of whole numbers or text."""
        raw = self.nodes.get(self.constants[number])
        return None if raw is None else _values(raw)


def read_saved_graph(folder: Path) -> SavedGraph:
    """Reads `saved_model.pb`. Raises ValueError on damage."""
    meta = meta_graph(folder)
    children: list[dict[str, int]] = []
    functions: dict[int, str] = {}
    constants: dict[int, str] = {}
    inputs: dict[str, list[int]] = {}
    for graph in messages(meta, OBJECT_GRAPH):
        for number, raw in enumerate(messages(graph, OBJECTS)):
            held, function, constant = _object(raw)
            children.append(held)
            functions |= {number: function} if function else {}
            constants |= {number: constant} if constant else {}
        for entry in messages(graph, FUNCTIONS):
            parts = dict(fields(entry))
            inputs[_text(parts.get(1))] = _bound(parts.get(2))
    nodes = {}
    for graph in messages(meta, GRAPH_DEF):
        for node in messages(graph, 1):
            parts = dict(fields(node))
            if _text(parts.get(2)) == "Const":
                nodes[_text(parts.get(1))] = node
    return SavedGraph(children, functions, constants, inputs, nodes)


def ordered(keys: Sequence[object], values: Sequence[int]) -> list[Any]:
    """Keys sorted by their values, as text or whole numbers."""
    return [key for _, key in sorted(zip(values, keys, strict=True), key=lambda pair: int(pair[0]))]


def _object(raw: memoryview) -> tuple[dict[str, int], str, str]:
    """(children, concrete function, constant's node) of a SavedObject; the latter two "" for most."""
    children, function, constant = {}, "", ""
    for number, value in fields(raw):
        if not isinstance(value, memoryview):
            continue
        if number == 1:
            parts = dict(fields(value))
            target = parts.get(1, 0)
            children[_text(parts.get(2))] = target if isinstance(target, int) else 0
        elif number in (FUNCTION, BARE_FUNCTION):
            function = _text(dict(fields(value)).get(1))
        elif number == CONSTANT:
            constant = _text(dict(fields(value)).get(1))
    return children, function, constant


def _bound(saved: object) -> list[int]:
    """`bound_inputs` of a SavedConcreteFunction: packed, or one field each."""
    found: list[int] = []
    for number, value in fields(saved) if isinstance(saved, memoryview) else ():
        if number == 2:
            found += packed(value) if isinstance(value, memoryview) else [value]
    return found


def _values(node: memoryview) -> list[Any] | None:
    """The value of a Const node of int64 or text (tensorflow/core/framework/tensor.proto)."""
    for attribute in messages(node, 5):
        parts = dict(fields(attribute))
        value = parts.get(2)
        if _text(parts.get(1)) == "value" and isinstance(value, memoryview):
            for tensor in messages(value, 8):
                return _tensor(tensor)
    return None


def _tensor(tensor: memoryview) -> list[Any] | None:
    kind, content = 0, b""
    shape: tuple[int, ...] = ()
    texts: list[str] = []
    numbers: list[int] = []
    for number, value in fields(tensor):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 2 and isinstance(value, memoryview):
            shape = tuple(_size(dim) for dim in messages(value, 2))
        elif number == 4 and isinstance(value, memoryview):
            content = bytes(value)
        elif number == 8 and isinstance(value, memoryview):
            texts.append(text(value))
        elif number == 10:
            numbers += packed(value) if isinstance(value, memoryview) else [value]
    if kind == TEXT:
        return texts if len(texts) == prod(shape) else None
    if kind != INT64:
        return None
    found = np.frombuffer(content, "<i8").tolist() if content else [one - (1 << 64) if one >> 63 else one for one in numbers]
    return found if len(found) == prod(shape) else None


def _size(dim: memoryview) -> int:
    return next((value for number, value in fields(dim) if number == 1 and isinstance(value, int)), 0)


def _text(value: object) -> str:
    return text(value) if isinstance(value, memoryview) else ""
