"""The steps of the saves that wrote a damaged file, as far as what is left of it tells them.

Sources: keras 2.2.4, engine/saving.py (`_serialize_model`); tensorflow 2.4 and 2.15, keras/saving/hdf5_format.py; keras 3, legacy/saving/
legacy_h5_format.py. They differ in whether layers are sorted by name, and in when `training_config` is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from layerfix.containers.config import tree
from layerfix.errors import LayerfixError
from layerfix.scavenge.attributes import Value
from layerfix.scavenge.names import Names, Unknown, config_of, optimizer_of, promises, release_of
from layerfix.scavenge.naming import OPTIMIZER, WEIGHTS, Tree
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.slots import Family, slot_names, slot_shapes
from layerfix.scavenge.v3_saves import Way, guesses, v3_steps, ways
from layerfix.scavenge.writing import Calls, Script, Step

_V3 = frozenset({"layers", "_layer_checkpoint_dependencies", "vars", "optimizer"})
_LEGACY = frozenset({WEIGHTS, OPTIMIZER, "layer_names", "model_config"})
TOP = "top_level_model_weights"
_BROKEN = (LayerfixError, KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)
"""What a config that is none brings about."""
_EMPTY = Value("<f8", (0,))


_YEARS = {(False, False): ((0, 0, 0), (2, 5, 0)), (True, False): ((2, 3, 0), (2, 10, 0)), (True, True): ((2, 5, 0), (3, 0, 0))}
"""By (sorted, top): the releases of Keras inside TensorFlow that may have saved so."""


@dataclass(frozen=True, slots=True)
class Save:
    """How a release saves.

    Attributes:
        sorted: layers by name.
        late: `training_config` behind the layers.
        top: with a group of the weights of no layer.
        old: with the calls of h5py 2.
        slots: with the optimizer's tensors.
        scopes: what stands for names that the session counted, where they are lost.
    """

    sorted: bool
    late: bool
    top: bool
    old: bool
    slots: bool = True
    scopes: tuple[str, ...] = ()


SCOPES = (("training", ""), ("training_1", ""), ("training_1", "_1"), ("training_10", ""), ("training_10", "_1"), ("training_10", "_10"))
"""Scopes of Keras 2 and what follows an optimizer's name, one for each length: names of one length take the same room."""


def saves(found: Objects, named: Tree) -> Iterator[Save]:
    """The ways in which the release that a file states may have saved; all of them where it states none."""
    slots = _is_there(found, named, "", OPTIMIZER)
    top = _is_there(found, named, WEIGHTS, TOP)
    for save in _releases(named):
        if top is None or save.top == top:
            yield replace(save, slots=bool(slots))
            if slots is None and optimizer_of(named)[0]:
                yield replace(save, slots=True)


def _is_there(found: Objects, named: Tree, parent: str, name: str) -> bool | None:
    """Whether a group has a member; None where it has lost some."""
    path = f"{parent}/{name}" if parent else name
    if path in named.attributes or path in named.paths.values():
        return True
    group = next((found.groups[at] for at, place in named.paths.items() if place == parent and at in found.groups), None)
    return None if group is None or group.torn or any(link.name is None for link in group.links) else False


def _releases(named: Tree) -> Iterator[Save]:
    stated = release_of(named)
    family, numbers = (stated.family, stated.numbers) if stated else (None, None)
    for old in (True, False):
        if family in (None, "keras1", "keras2"):
            yield Save(False, True, False, old)
        if family in (None, "tf_keras"):
            for by_name, top in ((False, False), (True, False), (True, True)):
                since, until = _YEARS[by_name, top]
                if numbers is None or since <= numbers < until:
                    yield Save(by_name, False, top, old)
    if family in (None, "keras3"):
        yield Save(True, False, True, False)


def scripts(found: Objects, named: Tree, agreement: Callable[[Script], int]) -> Iterator[Script]:
    """Every save that may have written a file.

    Args:
        agreement: how many structures of the file stand where a script has them.
    """
    told = named.attributes.get("", {}).keys() | {path.partition("/")[0] for path in named.paths.values()}
    if told & _V3 or not told & _LEGACY:
        yield from _of_v3(found, named, agreement)
    if told & _LEGACY or not told & _V3:
        yield from legacy_scripts(found, named)


def legacy_scripts(found: Objects, named: Tree) -> Iterator[Script]:
    """The saves before Keras 3's layout."""
    for save in saves(found, named):
        known, whole = collected(_Legacy(found, named, save).steps())
        calls: Calls = "h5py2" if save.old else "h5py3"
        yield Script(known, whole, calls)
        if whole and save.slots:  # where the slots are others than the rules say, the layers are still where they were
            yield Script(tuple(step for step in known if step.path.partition("/")[0] != OPTIMIZER), False, calls)
        elif save.slots and save.late:
            for scopes in SCOPES:
                known, whole = collected(_Legacy(found, named, replace(save, scopes=scopes)).steps())
                if whole:  # of the first length there is one name alone
                    yield Script(known, whole, calls, made_up="" if scopes == SCOPES[0] else OPTIMIZER)


def plain_groups(named: Tree) -> tuple[str, ...]:
    """Beginnings of paths of stock layers whose every shape the config tells, without a layer or a model inside."""
    promised = promises(named).items()
    plain = [owner for owner, held in promised if all(w.layer == owner and w.shape is not None for w in held)]
    return tuple(f"{named.weights}/{owner}/" if named.weights else f"{owner}/" for owner in plain)


def v3_scripts(found: Objects, named: Tree) -> Iterator[Script]:
    """The saves in Keras 3's layout, into a file of their own."""
    for way in ways(named):
        for slots in guesses(named, backwards=way.backwards, linked=None):
            known, whole = collected(v3_steps(found, named, replace(way, slots=slots)))
            yield Script(known, whole, "item", way.memory)


def _of_v3(found: Objects, named: Tree, agreement: Callable[[Script], int]) -> Iterator[Script]:
    """The way that fits best, with every count of slots that its optimizer may have."""

    def script(way: Way) -> Script:
        known, whole = collected(v3_steps(found, named, way))
        return Script(known, whole, "item", way.memory)

    linked = _is_there(found, named, "", "optimizer")

    def slots(way: Way) -> tuple[tuple[int, ...] | None, ...]:
        return guesses(named, backwards=way.backwards, linked=linked)

    best = max(ways(named), key=lambda way: agreement(script(replace(way, slots=slots(way)[0]))))
    yield from (script(replace(best, slots=count)) for count in slots(best))


def collected(steps: Iterator[Step]) -> tuple[tuple[Step, ...], bool]:
    """The steps up to the first that is not known, and whether they are all."""
    done: list[Step] = []
    try:
        done.extend(steps)
    except (Unknown, *_BROKEN):
        return tuple(done), False
    return tuple(done), True


class _Legacy:
    """One way of saving one damaged file again."""

    def __init__(self, found: Objects, named: Tree, save: Save) -> None:
        self.named, self.save = named, save
        self.shapes = {named.paths[at]: (known.shape, known.type.numpy) for at, known in found.datasets.items() if at in named.paths}
        self.promised = dict(promises(named))
        self.promised.setdefault(TOP, [])
        held = [
            value
            for values in named.attributes.values()
            for key, value in values.items()
            if key.startswith(("layer_names", "weight_names"))
        ]
        told = [value.dtype == "text" for value in held if value.shape != (0,)]
        self.variable = told[0] if told else not save.old
        self.names = Names(named, self.promised)
        self.root = named.weights

    def steps(self) -> Iterator[Step]:
        full = self.root == WEIGHTS
        if full:
            yield from self._attributes("", ("keras_version", "backend", "model_config"))
            if not self.save.late:
                yield from self._optional("", "training_config")
            yield Step(WEIGHTS)
        layers = self._layers()
        yield from self._list(self.root, "layer_names", layers)
        yield from self._attributes(self.root, ("backend", "keras_version"))
        for layer in sorted(layers) if self.save.sorted else layers:
            yield from self._group(f"{self.root}/{layer}" if self.root else layer, layer)
        if not full:
            return
        if self.save.top:
            yield from self._group(f"{WEIGHTS}/{TOP}", TOP)
        if self.save.late:
            yield from self._optional("", "training_config")
        if self.save.slots:
            yield from self._optimizer()

    def _held(self, path: str, name: str) -> Value | None:
        return self.named.attributes.get(path, {}).get(name) or self.named.fillers.get(path, {}).get(name)

    def _attributes(self, path: str, names: Sequence[str]) -> Iterator[Step]:
        """Attributes that must be there; the version and the backend stand at two places."""
        for name in names:
            value = self._held(path, name) or (None if name == "model_config" else self._held("" if path else WEIGHTS, name))
            if value is None:
                raise Unknown
            yield Step(path, name, value)

    def _optional(self, path: str, name: str) -> Iterator[Step]:
        value = self._held(path, name)
        if value is not None:
            yield Step(path, name, value)
        elif self.save.slots:
            raise Unknown

    def _layers(self) -> tuple[str, ...]:
        held = self.named.names(self.root, "layer_names")
        if held or any(name.startswith("layer_names") for name in self.named.attributes.get(self.root, {})):
            return held
        config = config_of(self.named)
        made = tuple(layer for layer in self.promised if layer != TOP)
        if config is None or not made:
            raise Unknown
        inputs = {node.name for node in tree(config) if node.class_name == "InputLayer"} if config.get("class_name") == "Sequential" else ()
        return tuple(layer for layer in made if layer not in inputs)

    def _list(self, path: str, name: str, items: Sequence[str]) -> Iterator[Step]:
        """A list of names, in the pieces in which it was kept."""
        pieces = {key: value for key, value in self.named.attributes.get(path, {}).items() if key.startswith(name)}
        for key, value in (pieces or {name: lists(items, variable=self.variable)}).items():
            yield Step(path, key, value)

    def _names(self, path: str, owner: str) -> tuple[str, ...]:
        """The names of a layer's weights: listed, or as Keras makes them."""
        if any(key.startswith("weight_names") for key in self.named.attributes.get(path, {})):
            return self.named.names(path, "weight_names")
        if owner not in self.promised:
            raise Unknown
        return self.names.of(owner, self.promised[owner])

    def _group(self, path: str, owner: str) -> Iterator[Step]:
        """A layer's group: its list of names, then its tensors in that order."""
        yield Step(path)
        names, expected = self._names(path, owner), self.promised.get(owner)
        yield from self._list(path, "weight_names", names)
        shapes = [weight.shape for weight in expected or ()] if len(expected or ()) == len(names) else [None] * len(names)
        given = {name: (shape, "<f4") for name, shape in zip(names, shapes, strict=True) if shape is not None}
        yield from self._tensors(path, names, given)

    def _tensors(self, path: str, names: Sequence[str], given: Mapping[str, tuple[tuple[int, ...], str]]) -> Iterator[Step]:
        for name in names:
            known = self.shapes.get(f"{path}/{name}") or given.get(name)
            if known is None:
                raise Unknown
            yield Step(f"{path}/{name}", shape=known[0], dtype=known[1])

    def _optimizer(self) -> Iterator[Step]:
        """The group of the optimizer: its list of names, then its tensors."""
        yield Step(OPTIMIZER)
        names = self.named.names(OPTIMIZER, "weight_names") or self._slots()
        if not names:
            raise Unknown
        yield from self._list(OPTIMIZER, "weight_names", names)
        optimizer, config = optimizer_of(self.named)
        unused = optimizer == "Adam" and config.get("amsgrad") is False
        known = {path.removeprefix(f"{OPTIMIZER}/"): shape for path, (shape, _) in self.shapes.items() if path.startswith(OPTIMIZER)}
        yield from self._tensors(OPTIMIZER, names, slot_shapes(names, list(self._trained()), known, unused=unused))

    def _slots(self) -> tuple[str, ...]:
        """The names that this release gives to its optimizer's tensors."""
        optimizer, config = optimizer_of(self.named)
        trained = [name for name, _ in self._trained()]
        seen = {path.split("/")[1] for path in self.named.paths.values() if path.startswith(f"{OPTIMIZER}/")}
        if self.save.scopes:
            scope, number = self.save.scopes
            seen = {scope, f"{optimizer}{number}"}
        return slot_names(self._family(trained), optimizer, config, trained, seen) or ()

    def _family(self, trained: Sequence[str]) -> Family:
        stated = release_of(self.named)
        if stated.family == "keras3" if stated else not all(name.endswith(":0") for name in trained):
            return "keras3"
        if self.save.late:
            return "keras2"
        return "tf-2.11" if stated is not None and stated.numbers >= (2, 11, 0) else "tf"

    def _trained(self) -> Iterator[tuple[str, tuple[int, ...] | None]]:
        """Name and shape of every trained weight, in the order of the layers."""
        for layer in self._layers():
            path, weights = f"{self.root}/{layer}", self.promised.get(layer, ())
            if not weights:
                continue
            names = self._names(path, layer)
            for name, weight in zip(names, weights, strict=False):
                if weight.trainable:
                    yield name, self.shapes[f"{path}/{name}"][0] if f"{path}/{name}" in self.shapes else weight.shape


def lists(items: Sequence[str], *, variable: bool) -> Value:
    """A list of names as Keras writes it, of variable length with h5py 3; an empty one is an array of no floats."""
    if not items:
        return _EMPTY
    encoded = [item.encode() for item in items]
    if variable:
        return Value("text", (len(items),), texts=tuple(encoded))
    data = np.array(encoded)
    return Value(data.dtype.str.lstrip("|"), data.shape, data.tobytes())
