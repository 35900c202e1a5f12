"""The steps of a save before Keras 3's layout: configs as attributes, a group for each layer, the optimizer's tensors behind.

Sources: keras 2.2.4, engine/saving.py (`_serialize_model`); tensorflow 2.4 and 2.15, keras/saving/hdf5_format.py; keras 3, legacy/saving/
legacy_h5_format.py. They differ in whether layers are sorted by name, and in when `training_config` is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from layerfix.containers.config import tree
from layerfix.scavenge.attributes import Value
from layerfix.scavenge.names import Names, Unknown, config_of, float_of, optimizer_of, promises, release_of, scaled_by
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.slots import Family, scaled_names, slot_names, slot_shapes
from layerfix.scavenge.tree import OPTIMIZER, WEIGHTS, Tree
from layerfix.scavenge.writing import Step

TOP = "top_level_model_weights"
_EMPTY = Value("<f8", (0,))


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


def legacy_steps(found: Objects, named: Tree, save: Save) -> Iterator[Step]:
    """The steps of one way of saving. Raises Unknown at the first that is not known."""
    return _Legacy(found, named, save).steps()


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
        self.kind, self.rate = float_of(named, (dtype for shape, dtype in self.shapes.values() if shape))

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
        given = {name: (shape, self.kind) for name, shape in zip(names, shapes, strict=True) if shape is not None and self.kind}
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
        yield from self._tensors(
            OPTIMIZER, names, slot_shapes(names, list(self._trained()), known, (self.kind, self.rate or self.kind), unused=unused)
        )

    def _slots(self) -> tuple[str, ...]:
        """The names that this release gives to its optimizer's tensors."""
        optimizer, config = optimizer_of(self.named)
        trained = [name for name, _ in self._trained()]
        seen = {path.split("/")[1] for path in self.named.paths.values() if path.startswith(f"{OPTIMIZER}/")}
        if self.save.scopes:
            scope, number = self.save.scopes
            seen = {scope, f"{optimizer}{number}"}
        family, scale = self._family(trained), scaled_by(self.named)
        names = slot_names(family, optimizer, config, trained, seen) or ()
        if scale and family != "keras3":  # the session's scopes are in its names
            return ()
        return scaled_names(scale, names) if scale and names else names

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
