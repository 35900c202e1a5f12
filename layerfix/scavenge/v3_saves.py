"""The steps of a save in the layout of Keras 3: a group an object, its variables numbered in `vars`, its parts below it.

Sources: keras 3.15, saving/saving_lib.py (`_save_state`, `_walk_saveable`, `H5IOStore`); keras 2.15, saving/saving_lib.py, which goes through an
object's attributes backwards, so that the optimizer and the metrics come before the layers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layerfix.containers.config import MODEL_CLASSES, LayerNode, tree
from layerfix.containers.groups import snake_case
from layerfix.scavenge.attributes import Value
from layerfix.scavenge.names import Unknown, config_of, optimizer_of, promises
from layerfix.scavenge.naming import Tree
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.shapes import Weight
from layerfix.scavenge.slots import slot_roles
from layerfix.scavenge.writing import Step

_CELLS = frozenset({"SimpleRNN", "GRU", "LSTM"})
_RANDOM = frozenset(
    {"Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "GaussianNoise", "AlphaDropout"}
)
_LOSS = ("metrics/mean", ((), ()))
Shapes = Sequence[tuple[int, ...] | None]


@dataclass(frozen=True, slots=True)
class Way:
    """How a release saves: objects told by their names, the optimizer first, into memory before it goes into an archive,
    with which optimizer."""

    named: bool
    backwards: bool
    memory: bool
    optimizer: str = ""


WAYS = tuple(
    Way(named, backwards, memory) for memory in (True, False) for named, backwards in ((True, False), (False, False), (False, True))
)
GUESSES = ("Adam", "RMSprop", "SGD")
"""Optimizers with two slots, one and none: in this layout more is not needed where the config does not say which it was."""


def v3_steps(found: Objects, named: Tree, way: Way) -> Iterator[Step]:
    """The steps of one way of saving. Raises Unknown at the first that is not known."""
    return _Save(found, named, way).steps()


def ways(named: Tree) -> tuple[Way, ...]:
    """The ways that what is left of names allows, without an optimizer."""
    told = [path for path, values in named.attributes.items() if path.endswith("vars") and "name" in values]
    return tuple(way for way in WAYS if way.named or not told)


def guesses(named: Tree, *, linked: bool | None) -> tuple[str, ...]:
    """The optimizers that there may be; `linked` tells whether there is one, None where nothing does."""
    known = optimizer_of(named)[0]
    if linked is False:
        return ("",)
    return (known,) if known and linked else (known, "") if known else GUESSES if linked else (*GUESSES, "")


class _Save:
    def __init__(self, found: Objects, named: Tree, way: Way) -> None:
        self.named, self.way = named, way
        self.known = {named.paths[at]: (known.shape, known.type.numpy) for at, known in found.datasets.items() if at in named.paths}
        config = config_of(named)
        if config is None:
            raise Unknown
        self.config: Mapping[str, Any] = config
        self.promised = promises(named)

    def steps(self) -> Iterator[Step]:
        settings = self.config.get("config")
        yield from self._object("", str(settings.get("name", "")) if isinstance(settings, dict) else "", ())
        if self.way.backwards:
            yield from self._optimizer()
            if self.way.optimizer:
                yield from self._object(_LOSS[0], "loss", _LOSS[1])
            yield from self._layers("layers", self._nodes(self.config, tree(self.config)))
        else:
            yield from self._layers("layers", self._nodes(self.config, tree(self.config)))
            yield from self._optimizer()

    @staticmethod
    def _nodes(config: Mapping[str, Any], nodes: Sequence[LayerNode]) -> list[LayerNode]:
        """`model.layers`: a Sequential model does not list its input."""
        return [node for node in nodes if config.get("class_name") != "Sequential" or node.class_name != "InputLayer"]

    def _object(self, path: str, name: str, shapes: Shapes, dtypes: Mapping[int, str] | None = None) -> Iterator[Step]:
        """An object's own group; without a name to tell, Keras 3 makes one only for variables."""
        place = f"{path}/vars" if path else "vars"
        if self.way.named or self.way.backwards or shapes or not path:
            yield from [Step(path), Step(place)] if path else [Step(place)]
        if self.way.named:
            yield Step(place, "name", Value("text", (), texts=(name.encode(),), utf8=True))
        for number, shape in enumerate(shapes):
            known = self.known.get(f"{place}/{number}") or (None if shape is None else (shape, (dtypes or {}).get(number, "<f4")))
            if known is None:
                raise Unknown
            yield Step(f"{place}/{number}", shape=known[0], dtype=known[1])

    def _layers(self, path: str, nodes: Sequence[LayerNode]) -> Iterator[Step]:
        used: dict[str, int] = defaultdict(int)
        for node in nodes:
            name = snake_case(node.class_name)
            number = used[name]
            used[name] += 1
            yield from self._layer(f"{path}/{name}_{number}" if number else f"{path}/{name}", node)

    def _layer(self, path: str, node: LayerNode) -> Iterator[Step]:
        if node.class_name in MODEL_CLASSES:
            yield from self._object(path, node.name, ())
            yield from self._layers(f"{path}/layers", self._nodes({"class_name": node.class_name}, node.children))
            return
        if node.owner not in self.promised:
            raise Unknown
        own = [weight for weight in self.promised[node.owner] if weight.layer == node.name]
        yield from self._stock(path, node.name, node.class_name, node.config, own)

    def _stock(self, path: str, name: str, kind: str, config: Mapping[str, Any], own: Sequence[Weight]) -> Iterator[Step]:
        """A stock layer and its parts."""
        shapes = [weight.shape for weight in own]
        if kind in _CELLS:
            yield from self._object(path, name, ())
            yield from self._object(f"{path}/cell", f"{snake_case(kind)}_cell", shapes)
        elif kind == "Bidirectional":
            inner = config["layer"]["class_name"]
            yield from self._object(path, name, ())
            for way in ("backward", "forward"):
                part = [weight for weight in own if weight.role.startswith(f"{way}/")]
                yield from self._stock(f"{path}/{way}_layer", f"{way}_{config['layer']['config'].get('name')}", inner, {}, part)
        elif kind == "TimeDistributed":
            yield from self._object(path, name, ())
            yield from self._stock(f"{path}/layer", str(config["layer"]["config"].get("name")), config["layer"]["class_name"], {}, own)
        else:
            yield from self._object(path, name, shapes)
            if kind in _RANDOM and not self.way.backwards:
                yield from self._object(f"{path}/seed_generator", "seed_generator", [(2,)], {0: "<u4"})

    def _optimizer(self) -> Iterator[Step]:
        """Its counter, in Keras 3 its rate, then all slots of one weight after the other."""
        optimizer, config = self.way.optimizer, optimizer_of(self.named)[1]
        if not optimizer:
            return
        roles = slot_roles("tf-2.11" if self.way.backwards else "keras3", optimizer, config)
        if roles is None:
            raise Unknown
        trained = [weight.shape for owner in self.promised.values() for weight in owner if weight.trainable]
        head: list[tuple[int, ...] | None] = [()] if self.way.backwards else [(), ()]
        shapes = [*head, *(shape for shape in trained for _ in roles)]
        yield from self._object("optimizer", str(config.get("name") or optimizer.lower()), shapes, {0: "<i8"})
