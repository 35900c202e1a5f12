"""A custom layer's trace, replayed with legacy names: its weights and its draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import keras

from layerfix.containers.config import LayerNode
from layerfix.graph.naming import Scopes, attribute_paths, holding_order, unit_scope
from layerfix.graph.replayed import Drawn, Inner, Replayed
from layerfix.graph.shim.base import LegacyLayer
from layerfix.graph.shim.derived import keeps_to_itself
from layerfix.graph.trace import Event
from layerfix.graph.units import UnitWeight, events_of, legacy_class, legacy_config, made_layers, stock_class, unit_weights
from layerfix.legacy.draws import StockDraw
from layerfix.legacy.draws import draws as stock_draws
from layerfix.legacy.initializers import draw_kind
from layerfix.legacy.names import auto_name
from layerfix.legacy.versions import release, tracking

BIDIRECTIONAL = "Bidirectional"
_FIRST = -2
"""Rank of the weights that stand before a custom layer's own, which have -1."""


def replay(node: LayerNode, layer: keras.layers.Layer, names: Mapping[int, str], scopes: Scopes, keras_version: str | None) -> Replayed:
    """Replays the trace of the custom layer of a config.

    Args:
        node: the layer in the config.
        layer: the live one.
        names: legacy names of hidden layers by `id`.
        scopes: the graph's name scopes, shared by all layers of a model.
        keras_version: of the file.
    """
    player = _Player(node, layer, {**names, id(layer): node.name}, scopes, keras_version)
    for event in player.events:
        player.play(event)
    weights = [player.as_left(weight) for weight in _stored_order(player.ranked)]
    draws = [(draw, None if id(variable) in player.stated else variable, source) for draw, variable, source in player.draws]
    return Replayed(weights, draws)


def _stored_order(ranked: list[tuple[int, int, Inner]]) -> list[Inner]:
    """Own weights, then sublayers' by their rank; trainable ones before the others.

    As keras 2.3.1 orders them (engine/base_layer.py, `weights`); ahead of all is what a wrapper wraps, or a recurrent layer's cell holds.
    """
    in_order = [(rank, weight) for rank, _, weight in sorted(ranked, key=lambda item: item[:2])]
    groups = {_FIRST: 0}
    ordered = [weight for _, weight in sorted(in_order, key=lambda item: groups.get(item[0], 1 + ("/" in item[1].role)))]
    return [weight for weight in ordered if weight.trainable] + [weight for weight in ordered if not weight.trainable]


def _ranks(layer: keras.layers.Layer, inner: list[Any], keras_version: str | None) -> dict[int, int]:
    """The place of each sublayer, by `id`: as they were made, which is how classes that are made whole store them; in files of a Keras
    that tracked them itself as attributes hold them, each with its own sublayers right behind it (2.3.1, `trainable_weights`)."""
    if _is_held_by_attributes(layer, keras_version):
        held = holding_order(layer, inner)
        inner = [
            *sorted((one for one in inner if id(one) in held), key=lambda one: held[id(one)]),
            *(one for one in inner if id(one) not in held),
        ]
    return {id(sublayer): index for index, sublayer in enumerate(inner)}


def _is_held_by_attributes(layer: keras.layers.Layer, keras_version: str | None) -> bool:
    """Whether the class ran in a Keras that tracked what attributes hold; a class of today's Keras lists its own."""
    return isinstance(layer, LegacyLayer) and tracking(keras_version) == "attributes"


def _tracks_attributes(layer: keras.layers.Layer, keras_version: str | None) -> bool:
    """Whether that was Keras 2.3, which tracked nothing in lists; tf.keras tracked these too."""
    stated = release(keras_version)
    return stated is not None and stated.family == "keras2" and _is_held_by_attributes(layer, keras_version)


def _attributed(inner: list[Any], paths: Mapping[int, str]) -> frozenset[int]:
    """The sublayers, by `id`, that an attribute of the layer holds, or one of such a sublayer."""
    held = {paths[id(one)]: id(one) for one in inner if id(one) in paths}
    return frozenset(number for path, number in held.items() if all(prefix in held for prefix in _prefixes(path)))


def _prefixes(path: str) -> Iterator[str]:
    """ "a" and "a/b" of "a/b/c"."""
    parts = path.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


class _Player:
    def __init__(
        self,
        node: LayerNode,
        layer: keras.layers.Layer,
        names: Mapping[int, str],
        scopes: Scopes,
        keras_version: str | None,
    ) -> None:
        events = self.events = events_of(layer)
        self.node, self.layer, self.names, self.scopes, self.version = node, layer, names, scopes, keras_version
        inner = made_layers(events)
        self.order = _ranks(layer, inner, keras_version)
        self.paths = attribute_paths(layer, [*inner, *(event.subject for event in events if event.kind == "variable")])
        own = [*layer._trainable_variables, *layer._non_trainable_variables]
        self.tracked = {id(variable) for variable in getattr(layer, "tracked", own)}
        self.attributed = _attributed(inner, self.paths) if _tracks_attributes(layer, keras_version) else frozenset()
        self.built: set[int] = set()
        self.bare = {id(event.subject) for event in events if event.kind == "variable"}
        self.tokens: dict[int, Any] = {}
        self.ranked: list[tuple[int, int, Inner]] = []
        self.draws: list[Drawn] = []
        self.stated: dict[int, Any] = {}
        self.moved: set[int] = set()
        for event in events:
            if event.kind == "variable" and event.detail.token is not None:
                self.tokens[id(event.detail.token)] = event.subject

    def play(self, event: Event) -> None:
        handler = self._draw_event if event.kind == "draw" else getattr(self, f"_{event.kind}")
        handler(event)

    def _made(self, event: Event) -> None:
        """Numbers were given before the replay."""

    def _enter(self, event: Event) -> None:
        self.scopes.enter(event.subject if isinstance(event.subject, str) else self._name(event.subject))

    def _exit(self, event: Event) -> None:
        self.scopes.leave()

    def _name(self, layer: keras.layers.Layer) -> str:
        return self.names.get(id(layer), str(layer.name))

    def _weights(self, event: Event) -> None:
        layer = event.subject
        if id(layer) in self.built:  # built by user source itself, and told of again at its first call: it drew once
            return
        self.built.add(id(layer))
        weights = [weight for weight in unit_weights(layer) if id(weight.variable) not in self.bare]
        for weight in weights:
            self._unit_weight(layer, weight)
        for weight in weights:
            variable = weight.variable if weight.draws == 1 and weight.initializer is not None else None
            self.draws += weight.draws * [(StockDraw("seed", event.phase, None), variable, f"{self._name(layer)}/{weight.role}")]
        by_role = {weight.role: weight.variable for weight in weights}
        self._draw(layer, "build", event.phase, by_role, first=True)

    def _unit_weight(self, layer: keras.layers.Layer, weight: UnitWeight) -> None:
        scope, short = unit_scope(weight.role, self._inner_scopes(layer))
        if scope:
            self.scopes.stack.append(f"{self.scopes.stack[-1]}/{scope}")
        name = f"{self.scopes.unique(short)}:0"
        if scope:
            self.scopes.stack.pop()
        role = weight.role if layer is self.layer else f"{self._path(layer)}/{weight.role}"
        rank = (_FIRST if keeps_to_itself(layer) else -1) if layer is self.layer else self.order.get(id(layer), _FIRST)
        tracked = id(weight.variable) in self.tracked or id(layer) in self.attributed
        inner = Inner(name, role, weight.variable, weight.initializer, weight.value, weight.trainable, tracked)
        self.ranked.append((rank, len(self.ranked), inner))

    def _inner_scopes(self, layer: keras.layers.Layer) -> dict[str, str]:
        """A Bidirectional's two layers, named after the one it was given (keras 2.2.4, layers/wrappers.py)."""
        if stock_class(layer) != BIDIRECTIONAL:
            return {}
        given = next((name for made, name in self._given(layer)), "layer")
        return {side: f"{side}_{given}" for side in ("forward", "backward")}

    def _given(self, layer: keras.layers.Layer) -> Iterator[tuple[Any, str]]:
        original = getattr(layer, "given_layer", None)
        if original is not None:
            yield original, self._name(original)

    def _path(self, layer: keras.layers.Layer) -> str:
        return self.paths.get(id(layer)) or auto_name(legacy_class(layer)) + f"_{self.order.get(id(layer), 0)}"

    def _called(self, event: Event) -> None:
        self._draw(event.subject, "call", event.phase, {}, first=bool(event.detail))

    def _draw(self, layer: keras.layers.Layer, kind: str, phase: Any, by_role: Mapping[str, Any], *, first: bool) -> None:
        try:
            drawn = stock_draws(stock_class(layer), legacy_config(layer), first_call=first, keras_version=self.version)
        except KeyError:
            return
        for draw in drawn:
            if draw.phase == kind:
                variable = by_role.get(draw.role or "")
                self.draws.append((StockDraw(draw.kind, phase, draw.role), variable, f"{self._name(layer)}/{draw.role or 'mask'}"))

    def _variable(self, event: Event) -> None:
        origin, variable = event.detail, event.subject
        name = f"{self.scopes.unique(origin.name)}:0"
        path = self.paths.get(id(variable))
        role = path if path and "/" not in path else origin.name if origin.tracked_by is self.layer or path is None else path
        if origin.tracked_by is not None and origin.tracked_by is not self.layer:
            role = f"{self._path(origin.tracked_by)}/{origin.name}"
        tracked = id(variable) in self.tracked or id(origin.tracked_by) in self.attributed
        rank = -1 if origin.tracked_by in (None, self.layer) else self.order.get(id(origin.tracked_by), len(self.order))
        inner = Inner(name, role, variable, origin.initializer, origin.value, bool(origin.trainable), tracked)
        self.ranked.append((rank, len(self.ranked), inner))
        kind = draw_kind(origin.initializer) if origin.initializer is not None and origin.token is None else None
        if kind:
            self.draws.append((StockDraw(kind, event.phase, origin.name), variable, name))

    def _stated(self, event: Event) -> None:
        self.stated[id(event.subject)] = event.detail

    def _moved(self, event: Event) -> None:
        self.moved.add(id(event.subject))

    def as_left(self, weight: Inner) -> Inner:
        """The weight as the class left it: a value that it stated, its initializer's is gone then."""
        weight = replace(weight, moved=id(weight.variable) in self.moved)
        if id(weight.variable) not in self.stated:
            return weight
        return replace(weight, initializer=None, value=self.stated[id(weight.variable)])

    def _numpy(self, event: Event) -> None:
        self.draws.append((StockDraw("numpy", event.phase, None), event.detail, event.subject))

    def _draw_event(self, event: Event) -> None:
        variable = self.tokens.get(id(event.detail))
        kind = draw_kind(event.subject)
        if kind:
            self.draws.append((StockDraw(kind, event.phase, None), variable, f"{self.node.name}/random"))
