"""The objects that a stock layer consists of in Keras 3's layout, in the order in which they are saved.

Sources: keras 3.15, saving/saving_lib.py (`_walk_saveable`); keras 2.15, saving/saving_lib.py, which goes through attributes backwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from layerfix.containers.groups import snake_case
from layerfix.scavenge.cells import both_ways, cells
from layerfix.scavenge.names import Unknown, stated_name
from layerfix.scavenge.promised import Weight
from layerfix.scavenge.tree import Tree

_CELLS = {
    **{kind: f"{snake_case(kind)}_cell" for kind in ("SimpleRNN", "GRU", "LSTM")},
    **{f"ConvLSTM{rank}D": "conv_lstm_cell" for rank in (1, 2, 3)},
}
"""Layers whose weights are in a cell, and the cell's name."""
_RANDOM = frozenset(
    {"Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "GaussianNoise", "AlphaDropout"}
)
_HEADS = ("_value_dense", "_softmax", "_query_dense", "_output_dense", "_key_dense", "_dropout_layer")
_HEADS_3 = ("key_dense", "output_dense", "query_dense", "value_dense", "_dropout_layer", "_softmax")
_ROLES = {"key_dense": "key", "output_dense": "attention_output", "query_dense": "query", "value_dense": "value"}
"""Parts of a MultiHeadAttention in keras 2.15 and 3.15, and what those that have weights are called."""
Shapes = Sequence[tuple[int, ...] | None]
Part = tuple[str, str, Shapes, Mapping[int, str]]
"""Path, name, shapes of its variables, and the types of those that are no weights."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a release saves: objects told by their names, the optimizer first, into memory before it goes into an archive,
    with an optimizer of how many slots for each weight in each of its blocks, or None."""

    named: bool
    backwards: bool
    memory: bool
    slots: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A layer's class, its arguments and its weights."""

    name: str
    config: Mapping[str, Any]
    weights: Sequence[Weight]

    def of(self, lead: str) -> Shapes:
        """The shapes of weights whose role begins so."""
        return [weight.shape for weight in self.weights if weight.role.startswith(lead)]

    def inside(self, kind: str, config: Mapping[str, Any], lead: str = "") -> Kind:
        """A layer in it, with those of its weights whose role begins so."""
        own = [replace(weight, role=weight.role.removeprefix(lead)) for weight in self.weights if weight.role.startswith(lead)]
        return Kind(kind, config, own)


class Parts:
    """The parts of layers, one after the other."""

    def __init__(self, way: Way, named: Tree) -> None:
        self._way, self._named = way, named
        self._counted: Counter[str] = Counter()

    def of(self, path: str, name: str, kind: Kind) -> Iterator[Part]:
        """The objects of one layer. Raises Unknown at the first that is not known."""
        self._count(name)
        if kind.name in _CELLS:
            yield path, name, (), {}
            yield f"{path}/cell", _CELLS[kind.name], kind.of(""), {}
        elif kind.name == "Bidirectional":
            yield path, name, (), {}
            yield from self._both_ways(path, kind)
        elif kind.name == "TimeDistributed":
            yield path, name, (), {}
            inner = kind.config["layer"]
            yield from self.of(f"{path}/layer", str(inner["config"].get("name")), kind.inside(inner["class_name"], inner["config"]))
        elif kind.name == "RNN":
            yield path, name, (), {}
            yield from self._of_cells(path, kind)
        elif kind.name == "MultiHeadAttention":
            yield path, name, (), {}
            yield from self._attention(path, kind)
        else:
            yield path, name, kind.of(""), {}
            if kind.name in _RANDOM and not self._way.backwards and not self._way.named:
                yield f"{path}/seed_generator", "seed_generator", [(2,)], {0: "<u4"}

    def _both_ways(self, path: str, kind: Kind) -> Iterator[Part]:
        """Two layers; keras 2.15 keeps the one that both were made of too, without weights of its own."""
        inner = dict(both_ways(kind.config))
        if self._way.backwards:
            yield from self.of(f"{path}/layer", "", Kind(*inner["forward"], ()))
        for way in sorted(inner, reverse=self._way.backwards):
            said = str(inner[way][1].get("name")).removeprefix(f"{way}_")
            yield from self.of(f"{path}/{way}_layer", f"{way}_{said}", kind.inside(*inner[way], f"{way}/"))

    @staticmethod
    def _of_cells(path: str, kind: Kind) -> Iterator[Part]:
        """A cell, or stacked ones, which are counted by their classes."""
        found = cells(kind.config)
        if found is None:
            raise Unknown
        around, held = found
        if not around:
            yield f"{path}/cell", str(held[0][1].get("name")), kind.of(""), {}
            return
        yield f"{path}/cell", around, (), {}
        used: Counter[str] = Counter()
        for number, (name, settings) in enumerate(held):
            group = snake_case(name)
            place = f"{path}/cell/cells/{group}{f'_{used[group]}' if used[group] else ''}"
            yield place, str(settings.get("name")), kind.of(f"{number}/"), {}
            used[group] += 1

    def _attention(self, path: str, kind: Kind) -> Iterator[Part]:
        """Four layers, each with a kernel and a bias, and two without weights, which the session counted. How Keras 3 saved it before
        it wrote names has not been measured."""
        if not (self._way.named or self._way.backwards):
            raise Unknown
        for part in _HEADS if self._way.backwards else _HEADS_3:
            role = _ROLES.get(part.removeprefix("_"), "")
            name = role or self._next_name(f"{path}/{part}/vars", part.strip("_").removesuffix("_layer"))
            yield f"{path}/{part}", name, kind.of(f"{role}/") if role else (), {}

    def _next_name(self, place: str, plain: str) -> str:
        """The name of a layer that nobody named: as it is held, else the next number behind those that came before."""
        counted = f"{plain}_{self._counted[plain]}" if self._counted[plain] else plain
        held = stated_name(self._named, place)
        name = counted if held is None else held
        self._count(name)
        return name

    def _count(self, name: str) -> None:
        found = re.fullmatch(r"(dropout|softmax)(?:_(\d{1,9}))?", name)
        if found is not None:
            self._counted[found[1]] = int(found[2] or 0) + 1
