"""Names that Keras gives to the weights of a layer whose list of names is lost."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.errors import LayerfixError
from layerfix.legacy.names import auto_name
from layerfix.legacy.optimizers import OPTIMIZERS
from layerfix.legacy.packages import plain_class
from layerfix.legacy.versions import Release, release
from layerfix.scavenge.promised import Weight, promised
from layerfix.scavenge.tree import Tree

Promises = Mapping[str, Sequence[Weight]]
Kind = tuple[str, tuple[str, ...]]
_BY_NAME = {name.lower(): name for name in OPTIMIZERS}
_SCALES = "loss_scale_optimizer"
_CELLS = ("SimpleRNN", "GRU", "LSTM")
_BY_PARTS = frozenset({"Bidirectional", "TimeDistributed", "RNN"})
"""Classes whose weights bear the names of what is inside of them, which may have numbers of their own."""
_FLOATS = {"float16": "<f2", "float32": "<f4", "float64": "<f8"}


def config_of(named: Tree, name: str = "model_config") -> Mapping[str, Any] | None:
    """The architecture, or another JSON text beside it: the file's own where it is whole, else what is given."""
    held = named.attributes.get("", {}).get(name)
    try:
        config = json.loads(held.items[0]) if held is not None else None
    except (ValueError, IndexError, RecursionError):
        config = None
    return config if isinstance(config, dict) else named.given.get(name)


def float_of(named: Tree, known: Iterable[str]) -> tuple[str, str]:
    """The numpy types of floats that nothing describes: of weights, and of an optimizer's numbers, which follow the session's type; "" for
    one that is not known.

    Args:
        known: the types of tensors that are described.
    """
    held = {name for name in known if np.dtype(name).kind == "f"}
    config = config_of(named)
    inputs, layers = set(_float_types(config, inputs=True)), set(_float_types(config, inputs=False))
    return _one(held | (layers or inputs)), _one(inputs | layers) if config is not None else ""


def _one(types: set[str]) -> str:
    return next(iter(types)) if len(types) == 1 else "" if types else "<f4"


def _float_types(node: Any, *, inputs: bool) -> Iterator[str]:
    """The types that inputs of a config state, or its other layers; a mixed policy keeps variables of 32 bits."""
    for name, of_input in _policies(node):
        if "float" in name and inputs == of_input:
            yield _FLOATS.get("float32" if name.startswith("mixed") else name, "")


def _policies(node: Any) -> Iterator[tuple[str, bool]]:
    """The types that a config states, as names or as policies, and whether an input does."""
    todo = [node]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            said = node.get("dtype")
            policy = said.get("config") if isinstance(said, dict) else None
            name = policy.get("name") if isinstance(policy, dict) else said
            if isinstance(name, str):
                yield name, "sparse" in node  # of inputs alone (Keras 2 and 3)
            todo += [value for key, value in node.items() if isinstance(value, (dict, list)) and key != "inbound_nodes"]
        elif isinstance(node, list):
            todo += [value for value in node if isinstance(value, (dict, list))]


def optimizer_of(named: Tree) -> tuple[str, Mapping[str, Any]]:
    """Class and arguments of the optimizer, of the one inside where it scales its loss; "" where they are lost. A name alone ("adam")
    stands for the class with its defaults."""
    told = _told(named)
    if scaled_by(named):
        inner = told["config"].get("inner_optimizer") if isinstance(told, dict) else None
        told = inner or (told if isinstance(told, dict) else stated_name(named, "optimizer/inner_optimizer/vars"))
    if isinstance(told, str):
        return _BY_NAME.get(told.lower().replace("_", ""), ""), {"name": told}
    if not isinstance(told, dict) or not isinstance(told.get("config"), dict):
        return "", {}
    return plain_class(told.get("class_name")), told["config"]


def scaled_by(named: Tree) -> str:
    """The name of what scales the loss around the optimizer, as mixed precision has it; "" where nothing does. The archives of keras 2.15
    state the one inside alone."""
    told = _told(named)
    if isinstance(told, str):
        return told if told.startswith(_SCALES) else ""
    held = told.get("config") if isinstance(told, dict) else None
    if held is not None and plain_class(told.get("class_name")).startswith("LossScaleOptimizer"):
        return str(held.get("name") or _SCALES)
    return _SCALES if any(said == "mixed_float16" for said, _ in _policies(config_of(named))) else ""


def _told(named: Tree) -> Any:
    training = config_of(named, "training_config") or {}
    told = training.get("optimizer_config") or training.get("optimizer")
    return stated_name(named, "optimizer/vars") if told is None else told


def stated_name(named: Tree, place: str) -> str | None:
    """The name that Keras 3 wrote to a group of variables; None where it did not, or it is lost."""
    held = named.attributes.get(place, {}).get("name")
    return held.items[0].decode("utf-8", "replace") if held is not None and held.items else None


def promises(named: Tree) -> Promises:
    """The weights that the config promises, by top-level layer; none where it is lost."""
    config = config_of(named)
    try:
        return promised(config) if config is not None else {}
    except (LayerfixError, KeyError, TypeError, ValueError, IndexError, RecursionError, AttributeError, ArithmeticError):
        return {}


class Unknown(Exception):  # noqa: N818  the end of what is known, not a failure
    """What the save did next is not known."""


def release_of(named: Tree) -> Release | None:
    """The release that wrote the file; None where it is lost."""
    held = [named.attributes.get(path, {}).get("keras_version") for path in ("", named.weights)]
    return release(next((b"".join(value.items).decode("utf-8", "replace") for value in held if value is not None), None))


class Names:
    """Makes names as the file's other layers have them, and as its release makes them."""

    def __init__(self, named: Tree, expected: Promises) -> None:
        stated = release_of(named)
        config = config_of(named) or {}
        self._family = stated.family if stated else None
        since = stated.numbers if stated is not None and self._family == "tf_keras" else (0, 0, 0)
        self._cells = self._family == "keras3" or since >= (2, 3, 0)
        self._plain_cells = self._family == "keras3" or since >= (2, 13, 0)
        self._listed = _listed(named)
        self._scope = ""
        if self._family == "keras3" and config.get("class_name") == "Sequential":  # its layers are built inside of its scope
            self._scope = f"{config['config']['name']}/" if isinstance(config.get("config"), dict) and "name" in config["config"] else ""
        self._said = dict(self._lists(named, expected))
        seen = [name for names in self._said.values() for name in names]
        self._today = self._family == "keras3" or (stated is None and any(":" not in name for name in seen))

    def _lists(self, named: Tree, expected: Promises) -> Iterator[tuple[Kind, tuple[str, ...]]]:
        """By class and roles, the names of a layer of that class behind the layer's own."""
        for owner, weights in expected.items():
            names = named.names(f"{named.weights}/{owner}" if named.weights else owner, "weight_names")
            lead = f"{self._scope}{owner}/"
            if {weight.layer for weight in weights} == {owner} and len(names) == len(weights) and self._alike(weights[0].class_name):
                yield _kind(weights), tuple(name.removeprefix(lead) for name in names if name.startswith(lead))

    def _alike(self, class_name: str) -> bool:
        """Whether layers of a class are named alike: those inside of them may have numbers of their own."""
        return class_name not in _BY_PARTS and (self._plain_cells or class_name not in _CELLS)

    def of(self, owner: str, weights: Sequence[Weight]) -> tuple[str, ...]:
        """The names of a top-level layer's weights, in order. Raises Unknown."""
        said = self._said.get(_kind(weights), ()) if weights else ()
        if weights and len(said) == len(weights) and {weight.layer for weight in weights} == {owner}:
            return tuple(f"{self._scope}{owner}/{name}" for name in said)
        wrapped = {weight.role for weight in weights if weight.class_name == "TimeDistributed"}
        if "recurrent_kernel" in wrapped:  # a cell inside a layer inside another: by a rule of each release
            raise Unknown
        if weights and weights[0].class_name == "RNN" and self._family == "keras2":
            return tuple(_counted(weights))
        return tuple(self._made(weight) for weight in weights)

    def _made(self, weight: Weight) -> str:
        """The name of a weight as its release makes it. Raises Unknown for names by other rules."""
        place, role = weight.layer, weight.role
        if weight.class_name in ("RNN", "Bidirectional"):
            place, role = f"{place}/{self._inside(weight)}", role.rpartition("/")[2]
        elif "/" in role and weight.class_name != "MultiHeadAttention":
            raise Unknown
        if self._cells and weight.class_name in _CELLS:
            place += f"/{self._cell(weight)}"
        if not self._today:
            return f"{place}/{role}:0"
        if weight.class_name.startswith("DepthwiseConv") and role == "depthwise_kernel":
            role = "kernel"  # keras 3, layers/convolutional/base_depthwise_conv.py
        scope = self._scope if weight.layer == weight.owner else weight.scope
        if scope is None:
            raise Unknown
        wrapped = weight.inner if weight.class_name == "TimeDistributed" else None
        inner = f"{wrapped[1]}/" if wrapped else "conv_lstm_cell/" if weight.class_name.startswith("ConvLSTM") else ""
        return f"{scope}{place}/{inner}{role}"

    def _inside(self, weight: Weight) -> str:
        """The name of the cell, or of one of the two layers of a Bidirectional one and its cell. Raises Unknown."""
        if weight.inner is None or (weight.class_name == "RNN" and not self._cells):
            raise Unknown
        kind, name = weight.inner
        if weight.class_name == "RNN":
            return name
        if kind not in _CELLS or (self._cells and not self._plain_cells):  # the session counted the cells
            raise Unknown
        way = weight.role.partition("/")[0]
        name = name.removeprefix(f"{way}_") if self._today else name
        return f"{way}_{name}/{auto_name(kind)}_cell" if self._cells else f"{way}_{name}"

    def _cell(self, weight: Weight) -> str:
        """The name of a layer's cell: before Keras 2.13 the session counted them, and only other lists of the file tell how far."""
        if self._plain_cells:
            return f"{auto_name(weight.class_name)}_cell"
        found = re.search(rf"(?:^|/){re.escape(weight.layer)}/(\w+_cell(?:_\d+)?)/", self._listed, re.MULTILINE)
        if found is None:
            raise Unknown
        return found[1]


def _counted(weights: Sequence[Weight]) -> Iterator[str]:
    """Names of Keras 2, where cells open no scope: "layer/kernel:0", "layer/kernel_1:0"."""
    seen: Counter[str] = Counter()
    for weight in weights:
        role = weight.role.rpartition("/")[2]
        yield f"{weight.layer}/{role}{f'_{seen[role]}' if seen[role] else ''}:0"
        seen[role] += 1


def _listed(named: Tree) -> str:
    """Every name of a weight in the lists of a file, one a line."""
    lists = [value for values in named.attributes.values() for key, value in values.items() if key.startswith("weight_names")]
    return "\n".join(item.decode("utf-8", "replace") for value in lists for item in value.items)


def _kind(weights: Sequence[Weight]) -> Kind:
    return weights[0].class_name, tuple(weight.role for weight in weights)
