"""Names that Keras gives to the weights of a layer whose list of names is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layerfix.errors import LayerfixError
from layerfix.legacy.names import auto_name
from layerfix.scavenge.naming import Tree
from layerfix.scavenge.shapes import Weight, promised

Promises = Mapping[str, Sequence[Weight]]
_CELLS = ("SimpleRNN", "GRU", "LSTM")


def config_of(named: Tree) -> Mapping[str, Any] | None:
    """The architecture, where it is whole."""
    held = named.attributes.get("", {}).get("model_config")
    try:
        config = json.loads(held.items[0]) if held is not None else None
    except (ValueError, IndexError, RecursionError):
        return None
    return config if isinstance(config, dict) else None


def promises(named: Tree) -> Promises:
    """The weights that the config promises, by top-level layer; none where it is lost or has a class that is not known."""
    config = config_of(named)
    try:
        weights = promised(config) if config is not None else None
    except (LayerfixError, KeyError, TypeError, ValueError, IndexError, RecursionError, AttributeError):
        return {}
    found: dict[str, list[Weight]] = {}
    for weight in weights or ():
        found.setdefault(weight.owner, []).append(weight)
    return found


class Names:
    """Makes names as the file's other layers have them."""

    def __init__(self, named: Tree, expected: Promises) -> None:
        self._said = dict(self._lists(named, expected))
        self._today = any("/" in name and ":" not in name for names in self._said.values() for name in names)

    @staticmethod
    def _lists(named: Tree, expected: Promises) -> Iterator[tuple[tuple[str, tuple[str, ...]], tuple[str, ...]]]:
        """By class and roles, the names of a layer of that class, with its own name left open."""
        for owner, weights in expected.items():
            names = named.names(f"{named.weights}/{owner}" if named.weights else owner, "weight_names")
            if len({weight.layer for weight in weights}) == 1 and len(names) == len(weights):
                key = (weights[0].class_name, tuple(weight.role for weight in weights))
                yield key, tuple(name.replace(owner, "{}", 1) for name in names if name.startswith(owner))

    def of(self, owner: str, weights: Sequence[Weight]) -> tuple[str, ...]:
        """The names of a top-level layer's weights, in order."""
        if not weights:
            return ()
        key = (weights[0].class_name, tuple(weight.role for weight in weights))
        said = self._said.get(key, ())
        if len(said) == len(weights) and len({weight.layer for weight in weights}) == 1:
            return tuple(name.replace("{}", owner, 1) for name in said)
        return tuple(self._made(weight) for weight in weights)

    def _made(self, weight: Weight) -> str:
        cell = f"{auto_name(weight.class_name)}_cell/" if self._today and weight.class_name in _CELLS else ""
        return f"{weight.layer}/{cell}{weight.role}" + ("" if self._today else ":0")
