"""The steps of the saves that wrote a damaged file, as far as what is left of it tells them.

Sources: keras 2.2.4, engine/saving.py (`_serialize_model`); tensorflow 2.4 and 2.15, keras/saving/hdf5_format.py; keras 3, legacy/saving/
legacy_h5_format.py. They differ in whether layers are sorted by name, and in when `training_config` is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.naming import OPTIMIZER, WEIGHTS, Tree
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.names import Names, Unknown, optimizer_of, promises, release_of
from layerfix.scavenge.slots import Family, slot_names, slot_shapes
from layerfix.scavenge.writing import Step

TOP = "top_level_model_weights"
_EMPTY = Value("<f8", (0,))


@dataclass(frozen=True, slots=True)
class Save:
    """How a release saves: layers sorted by name, `training_config` behind the layers, and as which h5py makes the calls."""

    sorted: bool
    late: bool
    old: bool


SAVES = tuple(Save(*way) for way in ((False, True, True), (True, False, True), (True, False, False), (False, False, True), (False, True, False)))


def steps(found: Objects, named: Tree, save: Save) -> tuple[tuple[Step, ...], bool]:
    """The steps of a legacy save up to the first that is not known, and whether they are all of them."""
    done: list[Step] = []
    try:
        for step in _Legacy(found, named, save).steps():
            done.append(step)
    except Unknown:
        return tuple(done), False
    return tuple(done), True


class _Legacy:
    """One way of saving one damaged file again."""

    def __init__(self, found: Objects, named: Tree, save: Save) -> None:
        self.named, self.save = named, save
        self.shapes = {named.paths[at]: (known.shape, known.type.numpy) for at, known in found.datasets.items() if at in named.paths}
        self.promised = dict(promises(named))
        self.promised.setdefault(TOP, [])
        self._paths = set(named.paths.values())
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
        if self._is_linked(f"{WEIGHTS}/{TOP}"):
            yield from self._group(f"{WEIGHTS}/{TOP}", TOP)
        if self.save.late:
            yield from self._optional("", "training_config")
        if self._is_linked(OPTIMIZER):
            yield from self._optimizer()

    def _is_linked(self, path: str) -> bool:
        return path in self.named.attributes or path in self._paths

    def _held(self, path: str, name: str) -> Value | None:
        return self.named.attributes.get(path, {}).get(name)

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
        elif self._is_linked(OPTIMIZER):
            raise Unknown

    def _layers(self) -> tuple[str, ...]:
        held = self.named.names(self.root, "layer_names")
        if held:
            return held
        raise Unknown

    def _list(self, path: str, name: str, items: Sequence[str]) -> Iterator[Step]:
        """A list of names, in the pieces in which it was kept."""
        pieces = {key: value for key, value in self.named.attributes.get(path, {}).items() if key.startswith(name)}
        for key, value in (pieces or {name: texts(items)}).items():
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
        return slot_names(self._family(trained), optimizer, config, trained) or ()

    def _family(self, trained: Sequence[str]) -> Family:
        if not all(name.endswith(":0") for name in trained):
            return "keras3"
        if self.save.late:
            return "keras2"
        stated = release_of(self.named)
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


def texts(items: Sequence[str]) -> Value:
    """A list of names as Keras writes it; an empty one is an array of no floats."""
    if not items:
        return _EMPTY
    data = np.array([item.encode() for item in items])
    return Value(data.dtype.str.lstrip("|"), data.shape, data.tobytes())
