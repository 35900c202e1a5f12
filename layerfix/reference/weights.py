"""The stored arrays of each layer, read by the reference's own way: by the names in the file, and by Keras' order only where that is its
rule for this very file. Nothing here is shared with what gives the migrated model its weights, which the reference is to prove."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint
from layerfix.containers.tensors import open_tensors
from layerfix.legacy.packages import plain_class
from layerfix.legacy.weights import weights as weights_of
from layerfix.model import Layer, Model
from layerfix.reference.functions import Unsupported

Named = Sequence[tuple[str, Array]]
_PARTS = ("vars", "forward_layer", "backward_layer", "layer", "cell", "cells", "query_dense", "key_dense", "value_dense", "output_dense")
_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")


class Stored:
    """The arrays below one model; `of` gives those of a layer in it, in the order in which its class makes its weights."""

    def of(self, layer: Layer) -> Stored:
        """The part of one layer. Raises Unsupported where the file does not tell it."""
        raise NotImplementedError

    def arrays(self, layer: Layer) -> list[Array]:
        """The arrays of a layer that is no model."""
        raise NotImplementedError

    def within(self, layer: Layer, inner: Layer) -> Stored:
        """The part of a model inside a wrapper."""
        raise NotImplementedError


class ByName(Stored):
    """Legacy HDF5: a list of (name, array) an owner, shared by the layers of a nested model."""

    def __init__(self, owned: Mapping[str, Named], own_config: bool) -> None:
        self.owned, self.own_config = owned, own_config

    def of(self, layer: Layer) -> ByName:
        return ByName(_split(layer, _inside(layer), self.owned.get(layer.name, []), self.own_config), self.own_config)

    def within(self, layer: Layer, inner: Layer) -> ByName:
        return ByName(_split(layer, _inside(inner), self.owned.get(layer.name, []), self.own_config), self.own_config)

    def arrays(self, layer: Layer) -> list[Array]:
        return [array for _, array in self.owned.get(layer.name, [])]


def _inside(layer: Layer) -> tuple[Layer, ...]:
    return () if layer.model is None else layer.model.layers


def _split(layer: Layer, children: Sequence[Layer], named: Named, own_config: bool) -> dict[str, Named]:
    """A nested model's arrays by layer: as the scopes in their names say. Else trainable ones of all layers first, then the others (keras
    2.2.4, network.py), which holds where the config was saved together with the weights."""
    sizes = {child.name: sum(_counts(child)) for child in children}
    if sum(sizes.values()) != len(named):
        raise Unsupported(f"the reference cannot split the weights of {layer.name}")
    firsts = [name.partition("/")[0] for name, _ in named]
    if all(firsts.count(name) == size for name, size in sizes.items()):  # the whole path in each name, as the record of objects gives it
        return {
            child.name: [
                (name.partition("/")[2] if child.model else name, array)
                for (name, array), first in zip(named, firsts, strict=True)
                if first == child.name
            ]
            for child in children
        }
    scopes = {child.name: _scopes(child) for child in children if sizes[child.name]}
    for loose in (False, True):
        votes = [[own for own, words in scopes.items() if words & _words(name, loose)] for name, _ in named]
        if all(len(vote) == 1 for vote in votes):
            shares: dict[str, list[tuple[str, Array]]] = {own: [] for own in sizes}
            for vote, item in zip(votes, named, strict=True):
                shares[vote[0]].append(item)
            if all(len(share) == sizes[own] for own, share in shares.items()):
                return dict(shares)
    if not own_config and len(scopes) > 1:
        raise Unsupported(f"the names of its weights do not tell the reference which layer of {layer.name} each belongs to")
    return _in_order(children, named)


def _words(name: str, loose: bool) -> set[str]:
    """The scopes in a weight's name; loosely also without the number that TensorFlow gave a name that was taken."""
    words = set(name.split("/")[:-1]) or {name.partition(":")[0]}
    return words | {re.sub(r"_\d+$", "", word) for word in words} if loose else words


def _scopes(layer: Layer) -> set[str]:
    """The names that scopes of a layer's weights bear: its own, and those of the layers in it."""
    found = {layer.name}
    for child in _inside(layer):
        found |= _scopes(child)
    inner = layer.wrapped.get("layer")
    if inner is not None and inner.model is not None:
        found |= _scopes(inner)
    return found | ({"mean", "variance", "count"} if layer.class_name == "Normalization" else set())


def _in_order(children: Sequence[Layer], named: Named) -> dict[str, Named]:
    counts = [(child.name, *_counts(child)) for child in children]
    trained = sum(count for _, count, _ in counts)
    first, rest = iter(named[:trained]), iter(named[trained:])
    return {name: [*itertools.islice(first, own), *itertools.islice(rest, fixed)] for name, own, fixed in counts}


def _counts(layer: Layer) -> tuple[int, int]:
    """(trainable, other) stored arrays of a layer or nested model."""
    if layer.model is not None:
        parts = [_counts(child) for child in layer.model.layers]
        return sum(part[0] for part in parts), sum(part[1] for part in parts)
    inner = layer.wrapped.get("layer")
    if inner is not None and inner.model is not None:
        return _counts(inner)
    total, fixed = _known(layer.class_name, layer.settings)
    return (0, total) if layer.settings.get("trainable", True) is False else (total - fixed, fixed)


def _known(class_name: str, config: Mapping[str, object]) -> tuple[int, int]:
    """(all, never trained) arrays of a stock layer."""
    biased = bool(config.get("use_bias", True))
    tables = {
        "Normalization": (3, 3), "MultiHeadAttention": (8 if biased else 4, 0),
        "EinsumDense": (2 if config.get("bias_axes") else 1, 0),
        "Attention": (1 if config.get("use_scale") else 0, 0), "AdditiveAttention": (1 if config.get("use_scale", True) else 0, 0),
    }  # fmt: skip
    if class_name in tables:
        return tables[class_name]
    try:
        specs = weights_of(class_name, config)
    except KeyError:
        raise Unsupported(f"the reference does not know {class_name}") from None
    return len(specs), sum(not spec.trainable for spec in specs)


class ByPath(Stored):
    """Keras 3's layout: a group an object, layers named by class and counter in the order of the model's layers (keras 3, saving_lib.py);
    tf.keras 2.12 and 2.13 counted layers with weights twice."""

    def __init__(self, arrays: Mapping[str, Array], place: str, twice: bool) -> None:
        self.files, self.place, self.twice = arrays, place, twice
        self.places: dict[str, str] = {}

    def enter(self, layers: Sequence[Layer]) -> None:
        """Names the groups of a model's layers."""
        seen: dict[str, int] = {}
        container = next((name for name in _CONTAINERS if self._below(f"{self.place}{name}/")), _CONTAINERS[0])
        for layer in layers:
            stem = _snake(layer.class_name)
            number = seen.get(stem, 0)
            place = f"{self.place}{container}/{stem}{f'_{number}' if number else ''}/"
            seen[stem] = number + (2 if self.twice and self._below(place) else 1)
            self.places[layer.name] = place

    def _below(self, place: str) -> bool:
        return any(path.startswith(place) for path in self.files)

    def of(self, layer: Layer) -> ByPath:
        child = ByPath(self.files, self.places[layer.name], self.twice)
        child.enter(_inside(layer))
        return child

    def within(self, layer: Layer, inner: Layer) -> ByPath:
        child = ByPath(self.files, f"{self.places[layer.name]}layer/", self.twice)
        child.enter(_inside(inner))
        return child

    def arrays(self, layer: Layer) -> list[Array]:
        place = self.places[layer.name]
        found = [path for path in self.files if path.startswith(place) and "seed_generator" not in path]
        cells = _cell_numbers(layer.settings, {part for path in found for part in path.removeprefix(place).split("/")})
        return [self.files[path] for path in sorted(found, key=lambda path: _ranks(path.removeprefix(place), cells))]


def _ranks(path: str, cells: Mapping[str, int]) -> list[tuple[int, str, int]]:
    parts = (word.lstrip("_") for word in path.split("/"))
    return [(_PARTS.index(part) if part in _PARTS else cells.get(part, 99), *_natural(part)) for part in parts]


def _cell_numbers(config: Mapping[str, object], groups: Collection[str]) -> dict[str, int]:
    """The position of each group of stacked cells: the groups of a class, by their counter, are its cells in their order."""
    found: dict[str, int] = {}
    left = sorted(groups, key=_natural, reverse=True)
    for number, cell in enumerate(_stacked(config)):
        stem = _snake(plain_class(cell["class_name"]))
        group = next((name for name in reversed(left) if _natural(name)[0] == stem), None)
        if group is not None:
            left.remove(group)
            found[group] = number
    return found


def _stacked(config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The cells stacked in a layer, whatever wraps them."""
    if "cells" in config:
        return list(config["cells"])
    inner = config.get("cell") or config.get("layer")
    return _stacked(inner["config"]) if isinstance(inner, Mapping) and isinstance(inner.get("config"), Mapping) else ()


def _natural(word: str) -> tuple[str, int]:
    stem = word.rstrip("0123456789")
    return stem.rstrip("_"), int(word[len(stem) :] or -1)


def _snake(class_name: str) -> str:
    """The group's name of a class (keras 3, utils/naming.py, to_snake_case)."""
    name = re.sub(r"\W+", "", class_name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def stored(checkpoint: Checkpoint, model: Model) -> Stored:
    """The arrays of a checkpoint whose architecture is `model`, in their stored precision."""
    with open_tensors(checkpoint) as tensors:
        arrays = [[(weight, tensors.read(weight.key)) for weight in layer.weights] for layer in checkpoint.layers]
    if not checkpoint.format.endswith("v3"):
        owned = {
            layer.name: [(weight.name, array) for weight, array in part] for layer, part in zip(checkpoint.layers, arrays, strict=True)
        }
        return ByName(owned, checkpoint.architecture is None)
    twice = str(checkpoint.keras_version).startswith(("2.12", "2.13"))
    root = ByPath({f"{weight.owner}/{weight.name}": array for part in arrays for weight, array in part}, "", twice)
    root.enter(model.layers)
    return root
