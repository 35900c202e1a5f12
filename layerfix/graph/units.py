"""Stock layers inside a custom one, as legacy Keras knew them: class, config, weights by role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from layerfix.errors import LayersError
from layerfix.graph.shim.base import LegacyLayer
from layerfix.graph.shim.initial import OWN_FUNCTION, fixed_value, scaled
from layerfix.graph.shim.stock import Stock
from layerfix.graph.trace import Event, VariableOrigin
from layerfix.legacy.stock import is_stock
from layerfix.legacy.weights import StockWeight
from layerfix.legacy.weights import weights as stock_weights


@dataclass(frozen=True, slots=True)
class UnitWeight:
    """One weight of a stock layer: legacy role, today's variable, legacy initializer, whether it is trained, its fixed value or None,
    and how many numbers a function of the user's own drew for it."""

    role: str
    variable: keras.Variable
    initializer: Mapping[str, Any] | None
    trainable: bool
    value: Any = None
    draws: int = 0


def legacy_class(layer: keras.layers.Layer) -> str:
    """The class name that numbered the layer in legacy Keras."""
    return layer.legacy_class if isinstance(layer, Stock) and not isinstance(layer, LegacyLayer) else type(layer).__name__


def stock_class(layer: keras.layers.Layer) -> str:
    """The stock class whose weights and draws it has: its own, or the one that its class derives from."""
    return layer.legacy_class if isinstance(layer, Stock) else type(layer).__name__


def legacy_config(layer: keras.layers.Layer) -> Mapping[str, Any]:
    """Its arguments by their Keras 2 names."""
    return layer.legacy_config if isinstance(layer, Stock) else dict(layer.get_config())


def unit_weights(layer: keras.layers.Layer) -> list[UnitWeight]:
    """The weights of a built stock layer in the order in which legacy Keras stored them.

    Raises:
        LayersError: where today's layer has others than the legacy one had.
    """
    name = stock_class(layer)
    try:
        expected = stock_weights(name, legacy_config(layer))
    except KeyError:
        expected = ()
    variables = layer.own_variables() if isinstance(layer, LegacyLayer) else list(layer.weights)
    if len(expected) != len(variables):
        if not expected:
            return [UnitWeight(str(v.name), v, None, bool(v.trainable)) for v in variables]
        raise LayersError(
            f"a hidden {name} had {len(expected)} weights in legacy Keras and has {len(variables)} today.",
            where=str(layer.name),
            hint="Write the layer without it in the source given with --layers.",
        )
    frozen = not layer.trainable
    return [
        _unit_weight(layer, weight, variable, trainable=weight.trainable and not frozen)
        for weight, variable in zip(expected, variables, strict=True)
    ]


def _unit_weight(layer: keras.layers.Layer, weight: StockWeight, variable: keras.Variable, *, trainable: bool) -> UnitWeight:
    """A function of the user's own may be a stock initializer at another size, or always give one value."""
    if weight.initializer != OWN_FUNCTION:
        return UnitWeight(weight.role, variable, weight.initializer, trainable)
    function = getattr(layer, f"{weight.role}_initializer", None)
    config, draws = scaled(function, tuple(variable.shape))
    value = None if draws else fixed_value(function, tuple(variable.shape))
    return UnitWeight(weight.role, variable, config, trainable, value, draws)


def events_of(layer: keras.layers.Layer) -> list[Event]:
    """The events of a custom layer: as traced, or for a class of today's Keras as its own weights and tracked sublayers tell."""
    if isinstance(layer, LegacyLayer):
        return layer.events
    events = [Event("made", layer, "init", layer.name), Event("enter", layer, "build"), *_own_variables(layer)]
    for sublayer in layer._layers:
        events += _modern(sublayer)
    return [*events, Event("exit", layer, "build")]


def _modern(layer: keras.layers.Layer) -> list[Event]:
    made = Event("made", layer, "build", None)
    if is_composite(layer):
        inner = [event for sublayer in layer._layers for event in _modern(sublayer)]
        return [made, Event("enter", layer, "build"), *_own_variables(layer), *inner, Event("exit", layer, "build")]
    steps = (
        Event("enter", layer, "call"),
        Event("weights", layer, "call"),
        Event("called", layer, "call", True),
        Event("exit", layer, "call"),
    )
    return [made, *steps]


def _own_variables(layer: keras.layers.Layer) -> list[Event]:
    """The weights that a class of today's Keras made for itself; how it filled them is not known."""
    variables = (*layer._trainable_variables, *layer._non_trainable_variables)
    return [Event("variable", item, "build", VariableOrigin(str(item.name), None, None, bool(item.trainable), layer)) for item in variables]


def is_composite(layer: keras.layers.Layer) -> bool:
    """Whether a layer of today's Keras is a model or custom, so that its sublayers speak for themselves."""
    return isinstance(layer, keras.Model) or not is_stock(type(layer).__name__)


def made_layers(events: list[Event]) -> list[Any]:
    """The layers made inside, in order, each once."""
    seen: dict[int, Any] = {}
    for event in events:
        if event.kind == "made":
            seen.setdefault(id(event.subject), event.subject)
    return list(seen.values())
