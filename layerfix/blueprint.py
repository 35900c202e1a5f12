"""What a graph expects: every weight it needs, and every random number that legacy Keras drew while building it.

The checkpoint says what a file holds, the blueprint says what the graph needs; diagnosis is their difference. No Keras objects here.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from layerfix.containers.records import WeightKey


@dataclass(frozen=True, slots=True)
class WeightSpec:
    """One weight that the corrected graph has.

    Attributes:
        owner: top-level layer group in the file, "encoder" or "denoising_layer_1".
        name: dataset path inside the group, "denoising_layer_1/conv1d_2/kernel:0".
        layer: path of the layer in the config that owns it, outer models first: "encoder/denoising_layer_1".
        role: where it sits inside that layer: "kernel" for a stock layer, "conv1d/kernel" for a sublayer's, "blocks/0/value/kernel".
        shape: full static shape.
        dtype: numpy name.
        initializer: legacy form {"class_name": ..., "config": {...}}; None where unknown.
        trainable: whether a correct layer would train it.
        hidden: True where legacy Keras did not track it, so that it is in no saved file.
        value: for hidden weights whose value follows from the source (a sin/cos table), that value as nested tuples or an array; else None.
        moved: whether its class updates it while it trains (`add_update`), so that it need not hold its first value.
    """

    owner: str
    name: str
    layer: str
    role: str
    shape: tuple[int, ...]
    dtype: str
    initializer: Mapping[str, Any] | None
    trainable: bool
    hidden: bool
    value: Any = None
    moved: bool = False

    @property
    def key(self) -> WeightKey:
        return (self.owner, self.name)


@dataclass(frozen=True, slots=True, eq=False)
class NumpyCall:
    """One call of `np.random` by a custom layer's own code.

    Attributes:
        number: from 0, in the order in which the graph is built.
        name: "normal", as `np.random` and `RandomState` call it.
        args, kwargs: as given.
    """

    number: int
    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def draw(self, state: np.random.RandomState) -> object:
        """The same call of another generator."""
        return getattr(state, self.name)(*copy.deepcopy(self.args), **copy.deepcopy(dict(self.kwargs)))

    def __str__(self) -> str:
        given = [repr(value) for value in self.args] + [f"{name}={value!r}" for name, value in self.kwargs.items()]
        return f"np.random.{self.name}({', '.join(given)})"


@dataclass(frozen=True, slots=True)
class Draw:
    """One use of numpy's global generator by legacy Keras while it built the graph.

    Attributes:
        kind: "seed" for `np.random.randint(10e6)` (an initializer or a Dropout without seed);
            "wide" for `np.random.randint(10e8)` (`K.random_uniform_variable` and `K.random_normal_variable`);
            "normal" for `np.random.normal(0, 1, count)` (Orthogonal);
            "numpy" for a call of `np.random` by a custom layer's own code.
        layer: path of the layer in the config during whose build or call it happened.
        source: what drew, for people: "conv1d_2/kernel", "dropout_1".
        weight: the weight that the draw initialised, or None (Dropout and noise).
        count: numbers drawn: 1 for "seed", rows * columns for "normal".
        shape: for "normal", the (rows, columns) that Orthogonal flattened the weight to; else ().
        phase: "init" (in the layer's __init__, before the script connects it), "build" or "call" (when it is connected).
        call: for "numpy", what was called.
    """

    kind: Literal["seed", "wide", "normal", "numpy"]
    layer: str
    source: str
    weight: WeightKey | None
    count: int = 1
    shape: tuple[int, ...] = ()
    phase: Literal["init", "build", "call"] = "build"
    call: NumpyCall | None = None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The needs of one graph under one set of arguments.

    Attributes:
        weights: every weight in the order in which a corrected legacy layer would store them, owner by owner.
        draws: every draw in the order of the config's layers (the script's order, as far as the file shows it).
        arguments: constructor arguments used for each custom layer path that has any: {"denoising_layer_1": {"filter_type": "mean"}}.
    """

    weights: tuple[WeightSpec, ...]
    draws: tuple[Draw, ...]
    arguments: Mapping[str, Mapping[str, Any]]

    @property
    def hidden(self) -> tuple[WeightSpec, ...]:
        """The weights that legacy Keras lost."""
        return tuple(weight for weight in self.weights if weight.hidden)

    def weight(self, key: WeightKey) -> WeightSpec | None:
        """The weight of that key, or None."""
        return next((weight for weight in self.weights if weight.key == key), None)
