"""Names that Keras gives to the weights of a layer whose list of names is lost."""

from __future__ import annotations

import json
import re
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
_CELLS = ("SimpleRNN", "GRU", "LSTM")
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
    """The types that inputs of a config state, or its other layers, as a name or as a policy, of which a mixed one keeps variables of
    32 bits."""
    todo = [node]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            said = node.get("dtype")
            policy = said.get("config") if isinstance(said, dict) else None
            name = policy.get("name") if isinstance(policy, dict) else said
            if isinstance(name, str) and "float" in name and inputs == ("sparse" in node):  # of inputs alone (Keras 2 and 3)
                yield _FLOATS.get("float32" if name.startswith("mixed") else name, "")
            todo += [value for key, value in node.items() if isinstance(value, (dict, list)) and key != "inbound_nodes"]
        elif isinstance(node, list):
            todo += [value for value in node if isinstance(value, (dict, list))]


def optimizer_of(named: Tree) -> tuple[str, Mapping[str, Any]]:
    """Class and arguments of the optimizer; "" where they are lost. A name alone ("adam") stands for the class with its defaults."""
    training = config_of(named, "training_config") or {}
    told = training.get("optimizer_config") or training.get("optimizer")
    if told is None and (name := named.attributes.get("optimizer/vars", {}).get("name")) is not None and name.items:
        told = name.items[0].decode("utf-8", "replace")
    if isinstance(told, str):
        return _BY_NAME.get(told.lower().replace("_", ""), ""), {"name": told}
    if not isinstance(told, dict) or not isinstance(told.get("config"), dict):
        return "", {}
    return plain_class(told.get("class_name")), told["config"]


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
        return class_name not in ("Bidirectional", "TimeDistributed") and (self._plain_cells or class_name not in _CELLS)

    def of(self, owner: str, weights: Sequence[Weight]) -> tuple[str, ...]:
        """The names of a top-level layer's weights, in order. Raises Unknown."""
        said = self._said.get(_kind(weights), ()) if weights else ()
        if weights and len(said) == len(weights) and {weight.layer for weight in weights} == {owner}:
            return tuple(f"{self._scope}{owner}/{name}" for name in said)
        wrapped = {weight.role for weight in weights if weight.class_name == "TimeDistributed"}
        if "recurrent_kernel" in wrapped:  # a cell inside a layer inside another: by a rule of each release
            raise Unknown
        return tuple(self._made(weight) for weight in weights)

    def _made(self, weight: Weight) -> str:
        """The name of a weight as its release makes it. Raises Unknown for names by other rules."""
        if "/" in weight.role:
            raise Unknown
        place = weight.layer
        if self._cells and weight.class_name in _CELLS:
            place += f"/{self._cell(weight)}"
        if not self._today:
            return f"{place}/{weight.role}:0"
        role = weight.role
        if weight.class_name.startswith("DepthwiseConv") and role == "depthwise_kernel":
            role = "kernel"  # keras 3, layers/convolutional/base_depthwise_conv.py
        scope = self._scope if weight.layer == weight.owner else weight.scope
        if scope is None:
            raise Unknown
        inner = f"{weight.inner}/" if weight.inner else "conv_lstm_cell/" if weight.class_name.startswith("ConvLSTM") else ""
        return f"{scope}{place}/{inner}{role}"

    def _cell(self, weight: Weight) -> str:
        """The name of a layer's cell: before Keras 2.13 the session counted them, and only other lists of the file tell how far."""
        if self._plain_cells:
            return f"{auto_name(weight.class_name)}_cell"
        found = re.search(rf"(?:^|/){re.escape(weight.layer)}/(\w+_cell(?:_\d+)?)/", self._listed, re.MULTILINE)
        if found is None:
            raise Unknown
        return found[1]


def _listed(named: Tree) -> str:
    """Every name of a weight in the lists of a file, one a line."""
    lists = [value for values in named.attributes.values() for key, value in values.items() if key.startswith("weight_names")]
    return "\n".join(item.decode("utf-8", "replace") for value in lists for item in value.items)


def _kind(weights: Sequence[Weight]) -> Kind:
    return weights[0].class_name, tuple(weight.role for weight in weights)
