"""The steps of a save in the layout of Keras 3: a group an object, its variables numbered in `vars`, its parts below it.

Sources: keras 3.15, saving/saving_lib.py (`_save_state`, `_walk_saveable`, `H5IOStore`); keras 2.15, saving/saving_lib.py, which goes
through an object's attributes backwards, so that the optimizer and the metrics come before the layers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layerfix.containers.config import MODEL_CLASSES, LayerNode, tree
from layerfix.containers.groups import snake_case
from layerfix.scavenge.attributes import Value
from layerfix.scavenge.names import Unknown, config_of, float_of, optimizer_of, promises, scaled_by
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.promised import Weight, is_operation
from layerfix.scavenge.slots import slot_blocks
from layerfix.scavenge.tree import Tree
from layerfix.scavenge.v3_parts import Kind, Parts, Shapes, Way
from layerfix.scavenge.writing import Step

_LOSS = ("metrics/mean", ((), ()))
_ALL_BLOCKS: tuple[tuple[int, ...], ...] = ((2,), (1,), (), (2, 1), (1, 1), (1, 1, 1))
_BLOCKS: Mapping[str, tuple[tuple[int, ...], ...]] = {"Adam": ((2,), (2, 1)), "SGD": ((1,), ()), "RMSprop": ((1,), (1, 1), (1, 1, 1))}
"""Of optimizers whose arguments are lost."""
WAYS = tuple(
    Way(named, backwards, memory) for memory in (True, False) for named, backwards in ((True, False), (False, False), (False, True))
)


def v3_steps(found: Objects, named: Tree, way: Way) -> Iterator[Step]:
    """The steps of one way of saving. Raises Unknown at the first that is not known."""
    return _Save(found, named, way).steps()


def ways(named: Tree) -> tuple[Way, ...]:
    """The ways that what is left of names allows, without an optimizer."""
    told = [path for path, values in named.attributes.items() if path.endswith("vars") and "name" in values]
    return tuple(way for way in WAYS if way.named or not told)


def guesses(named: Tree, *, backwards: bool, linked: bool | None) -> tuple[tuple[int, ...] | None, ...]:
    """The blocks of slots that the optimizer may have; `linked` tells whether there is one, None where nothing does."""
    if linked is False:
        return (None,)
    optimizer, config = optimizer_of(named)
    blocks = slot_blocks("tf-2.11" if backwards else "keras3", optimizer, config) if len(config) > 1 else None  # a name tells no arguments
    known = _BLOCKS.get(optimizer, _ALL_BLOCKS) if blocks is None else (tuple(len(block.roles) for block in blocks),)
    return known if linked else (*known, None)


class _Save:
    def __init__(self, found: Objects, named: Tree, way: Way) -> None:
        self.named, self.way = named, way
        self.known = {named.paths[at]: (known.shape, known.type.numpy) for at, known in found.datasets.items() if at in named.paths}
        self.config: Mapping[str, Any] = config_of(named) or {}
        self.promised = dict(promises(named))
        self.kind, self.rate = float_of(named, (dtype for shape, dtype in self.known.values() if shape))
        self.parts = Parts(way, named)
        self.groups = {path: found.groups[at] for at, path in named.paths.items() if at in found.groups}

    def steps(self) -> Iterator[Step]:
        if not self.config:
            yield from self._as_seen("")
            if not self.way.backwards:
                yield from self._optimizer()
            return
        settings = self.config.get("config")
        yield from self._object("", str(settings.get("name", "")) if isinstance(settings, dict) else "", ())
        if self.way.backwards:
            yield from self._optimizer()
            if self.way.slots is not None:
                yield from self._object(_LOSS[0], "loss", _LOSS[1])
            yield from self._layers("layers", self._nodes(self.config, tree(self.config)))
        else:
            yield from self._layers("layers", self._nodes(self.config, tree(self.config)))
            yield from self._optimizer()

    @staticmethod
    def _nodes(config: Mapping[str, Any], nodes: Sequence[LayerNode]) -> list[LayerNode]:
        """`model.layers`: operations are none, and a Sequential model does not list its input."""
        layers = [node for node in nodes if not is_operation(node)]
        return [node for node in layers if config.get("class_name") != "Sequential" or node.class_name != "InputLayer"]

    def _object(self, path: str, name: str, shapes: Shapes, dtypes: Mapping[int, str] | None = None) -> Iterator[Step]:
        """An object's own group; without a name to tell, Keras 3 makes one only for variables."""
        place = f"{path}/vars" if path else "vars"
        if self.way.named or self.way.backwards or shapes or not path:
            yield from [Step(path), Step(place)] if path else [Step(place)]
        if self.way.named:
            yield Step(place, "name", Value("text", (), texts=(name.encode(),), utf8=True))
        for number, shape in enumerate(shapes):
            known = self.known.get(f"{place}/{number}") or self._told(shape, (dtypes or {}).get(number, self.kind))
            if known is None:
                raise Unknown
            yield Step(f"{place}/{number}", shape=known[0], dtype=known[1])

    @staticmethod
    def _told(shape: tuple[int, ...] | None, kind: str) -> tuple[tuple[int, ...], str] | None:
        return (shape, kind) if shape is not None and kind else None

    def _as_seen(self, path: str) -> Iterator[Step]:
        """An object of a file without a config: its variables and its parts as links tell them. Raises Unknown where some are lost."""
        place = f"{path}/vars" if path else "vars"
        group, variables = self.groups.get(path), self.groups.get(place)
        if group is None or any(link.name is None for link in group.links) or (group.torn and path):
            raise Unknown
        if variables is not None:
            if variables.torn or (self.way.named and "name" not in self.named.attributes.get(place, {})):
                raise Unknown
            name = self.named.attributes[place]["name"].items[0].decode("utf-8", "replace") if self.way.named else ""
            shapes = [self.known[f"{place}/{number}"][0] for number in range(len(variables.links)) if f"{place}/{number}" in self.known]
            if len(shapes) < len(variables.links):
                raise Unknown
            yield from self._object(path, name, shapes)
            self._learn(path, shapes)
        names = [link.name.decode("utf-8", "replace") for link in sorted(group.links, key=lambda link: link.made) if link.name]
        for name in names:
            if name != "vars" and (path or name != "optimizer" or self.way.backwards):
                yield from self._as_seen(f"{path}/{name}" if path else name)

    def _learn(self, path: str, shapes: Sequence[tuple[int, ...]]) -> None:
        """Keeps the trained weights of a layer: what follows the statistics of a batch normalization is trained by nobody."""
        last = path.rpartition("/")[2]
        kept = shapes[:2] if "batch_normalization" in last and len(shapes) == 4 else () if last.startswith("seed_generator") else shapes
        self.promised[path] = [Weight(path, path, "", "", shape, True) for shape in kept]

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
        for part in self.parts.of(path, node.name, Kind(node.class_name, node.config, own)):
            yield from self._object(*part)

    def _optimizer(self) -> Iterator[Step]:
        """Its counter, in Keras 3 its rate, then all slots of one weight after the other; and again in what scales the loss of another."""
        if self.way.slots is None:
            return
        optimizer, config = optimizer_of(self.named)
        scale = scaled_by(self.named)
        trained = [weight.shape for owner in self.promised.values() for weight in owner if weight.trainable]
        slots = [shape for count in self.way.slots for shape in trained for _ in range(count)]
        own: list[tuple[int, ...] | None] = [()] if self.way.backwards else [(), ()]
        kinds = {0: "<i8", **({} if self.way.backwards else {1: self.rate or self.kind})}
        name = str(config.get("name") or optimizer.lower() or "adam")
        if scale:
            scaling = own if self.way.backwards else [(), (), (), (), *own]
            scaled = kinds if self.way.backwards else {**kinds, 2: "<i8", 3: kinds[1], 4: "<i8", 5: kinds[1]}
            yield from self._object("optimizer", scale, [*scaling, *slots], scaled)
            yield from self._object("optimizer/inner_optimizer", name, [*own, *slots], kinds)
            return
        tail: list[tuple[int, ...] | None] = [()] if optimizer == "Nadam" and not self.way.backwards else []
        yield from self._object("optimizer", name, [*own, *slots, *tail], kinds)
