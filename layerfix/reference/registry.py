"""How the reference keeps its layers: evaluations by class name, and the two ways in which channels lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layerfix.arrays import Array

Config = Mapping[str, Any]
Layer = Callable[[Config, list[Array], list[Array]], Array]
"""(config, inputs, stored weights) -> output."""


def registrar(table: dict[str, Layer]) -> Callable[..., Callable[[Layer], Layer]]:
    """A decorator that registers an evaluation in a table under class names."""

    def layer(*names: str) -> Callable[[Layer], Layer]:
        def register(function: Layer) -> Layer:
            table.update(dict.fromkeys(names, function))
            return function

        return register

    return layer


def whole(value: Any, rank: int) -> list[int]:
    """One number for each dimension."""
    return [int(item) for item in value] if isinstance(value, list | tuple) else [int(value)] * rank


def last(config: Config, x: Array) -> Array:
    """Channels last."""
    return np.moveaxis(x, 1, -1) if config.get("data_format") == "channels_first" else x


def back(config: Config, x: Array) -> Array:
    """As the config wants them."""
    return np.moveaxis(x, -1, 1) if config.get("data_format") == "channels_first" else x
