"""Which group of a v3 file holds which layer of its architecture.

Keras names a group by the layer's class and counts them, model by model, in the order of `model.layers`; never by the layer's own name
(saving/saving_lib.py, `_save_state` and `_save_container_state`). What is saved already (a shared layer) gets no second group. Releases
differ in how they count:

- Keras 2.12 and 2.13: each layer, and each with weights twice (`_layer_checkpoint_dependencies` lists those as two entries);
- Keras 2.14 and 2.15: each that is not saved yet;
- Keras 3: each.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from layerfix.containers.config import LayerNode, tree
from layerfix.containers.wrapped import expanded, wrapped_model
from layerfix.errors import ReadError

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
Counting = Literal["each", "unsaved", "weighted twice"]


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a v3 file.

    Attributes:
        paths: of every group that is an object's ("layers/dense"), however deep, empty ones too.
        weighted: those of them with a variable in or below them.
        names: the layer's own name where the file tells it (Keras 3.8 and later).
    """

    paths: frozenset[str]
    weighted: frozenset[str]
    names: Mapping[str, str]


def homes(config: Mapping[str, object], groups: Groups, keras_version: str | None) -> dict[str, str]:
    """The group of each layer, by the layer's path in the config; layers whose group the rule does not tell are left out.

    Args:
        config: `model_config`, of a functional or Sequential model.
        groups: of the file.
        keras_version: of the Keras that wrote it, None where the file does not say.

    Raises:
        ReadError: where the file's own record of names contradicts the architecture.
    """
    found = _Homes(groups, keras_version or "", _numbers(groups.paths))
    found.model(expanded(tree(config)), "")
    return found.by_path


@dataclass(slots=True)
class _Homes:
    groups: Groups
    version: str
    numbers: Mapping[tuple[str, str], Sequence[int]]
    """By container and class, the numbers of the groups that are there, ascending."""
    by_path: dict[str, str] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)
    """By identity, the group of what has been saved so far."""

    def model(self, nodes: Sequence[LayerNode], prefix: str) -> None:
        container = next((name for name in CONTAINERS if f"{prefix}{name}" in self.groups.paths), None)
        if container is None:
            return
        base = f"{prefix}{container}"
        counting = self._counting(container)
        classes: dict[str, list[LayerNode]] = defaultdict(list)
        for node in nodes:
            classes[snake_case(node.class_name)].append(node)
        own: dict[str, str] = {}
        for name, members in classes.items():
            own.update(self._members(base, name, members, self.numbers.get((base, name), ()), counting))
        self._check_names(nodes, own)
        for node in nodes:
            self._enter(node, own.get(node.path))

    def _enter(self, node: LayerNode, home: str | None) -> None:
        if home is None:
            return
        self.by_path[node.path] = home
        self.saved.setdefault(_identity(node), home)
        if node.children:
            self.model(node.children, f"{home}/layer/" if wrapped_model(node.config) else f"{home}/")

    def _members(self, base: str, name: str, members: Sequence[LayerNode], numbers: Sequence[int], counting: Counting) -> dict[str, str]:
        """The groups of one model's layers of one class."""
        if len(numbers) == len(members):  # each was saved here, and so in this order
            return {node.path: _numbered(base, name, number) for node, number in zip(members, numbers, strict=True)}
        shared = [node for node in members if _identity(node) in self.saved]
        counting = "each" if counting == "unsaved" and not shared else counting
        if counting == "unsaved" and len(members) - len(shared) != len(numbers):
            return {}
        found, number = {}, 0
        for node in members:
            group = _numbered(base, name, number)
            if counting == "unsaved" and node in shared:
                found[node.path] = self.saved[_identity(node)]
                continue
            if group in self.groups.paths:
                found[node.path] = group
            elif node in shared:
                found[node.path] = group = self.saved[_identity(node)]
            elif counting == "weighted twice":
                break
            number += 2 if counting == "weighted twice" and group in self.groups.weighted else 1
        return found

    def _counting(self, container: str) -> Counting:
        if container == "layers":
            return "unsaved" if self.version.startswith("2.15") else "each"
        return "unsaved" if self.version.startswith("2.14") else "weighted twice"

    def _check_names(self, nodes: Sequence[LayerNode], own: Mapping[str, str]) -> None:
        """Where the file tells the very names that the architecture has, they must be at the same layers."""
        told = {node.name: self.groups.names[own[node.path]] for node in nodes if own.get(node.path) in self.groups.names}
        if set(told) != set(told.values()):
            return
        for name, recorded in told.items():
            if name != recorded:
                raise ReadError(
                    f"its architecture has layer {name!r} where the weights are those of layer {recorded!r}.",
                    hint="The architecture belongs to another file, or its layers are in another order: give the right one.",
                )


def _numbers(paths: Iterable[str]) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for path in paths:
        parent, _, last = path.rpartition("/")
        stem, _, digits = last.rpartition("_")
        found[parent, last].append(0)
        if stem and digits.isdecimal():
            found[parent, stem].append(int(digits))
    return {place: sorted(numbers) for place, numbers in found.items()}


def _numbered(base: str, name: str, number: int) -> str:
    return f"{base}/{name}_{number}" if number else f"{base}/{name}"


def _identity(node: LayerNode) -> str:
    """What tells a layer that is listed in two models from two layers: a shared one has the same name and the same settings in both."""
    return json.dumps([node.class_name, node.name, _plain(node.config)], sort_keys=True, default=str)


def _plain(value: object) -> object:
    """Without the numbers by which Keras links what is stated several times."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if key != "shared_object_id"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def snake_case(class_name: str) -> str:
    """The name of a class in groups (keras 2.12 to 3.15, utils/naming.py, to_snake_case)."""
    words = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", class_name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", words).lower()
