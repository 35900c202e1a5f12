"""The blueprint of a rebuilt graph: every weight it needs under its legacy name, what the file holds of them, and every draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from layerfix.blueprint import Blueprint, Draw, WeightSpec
from layerfix.containers import config
from layerfix.containers.config import LayerNode
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.wrapped import expanded
from layerfix.dialects.relay import stored_count
from layerfix.graph.held import LiveLayer, Place, group_places, owner_places
from layerfix.graph.naming import Made, Scopes, layer_names
from layerfix.graph.replay import replay
from layerfix.graph.replayed import Replayed, as_draw, recalled
from layerfix.graph.script import Step, script
from layerfix.graph.shim.function_layer import FunctionLayer
from layerfix.graph.units import events_of, legacy_class, made_layers
from layerfix.legacy.draws import StockDraw
from layerfix.legacy.draws import draws as stock_draws
from layerfix.legacy.names import auto_name
from layerfix.legacy.versions import release
from layerfix.legacy.weights import weights as stock_weights
from layerfix.model import Layer, Model


@dataclass(frozen=True, slots=True)
class Adopted:
    """What adoption found.

    Attributes:
        blueprint: for the other stages.
        places: by key, every weight's place.
        leaves: by layer path.
    """

    blueprint: Blueprint
    places: dict[WeightKey, Place] = field(default_factory=dict)
    leaves: dict[str, LiveLayer] = field(default_factory=dict)


def adopt(checkpoint: Checkpoint, architecture: Model, model: keras.Model, arguments: Mapping[str, Mapping[str, object]]) -> Adopted:
    """Accounts for every weight and every draw of a built model.

    Raises:
        GraphError: where the stored arrays of an owner fit the graph in no way.
    """
    assert checkpoint.config is not None
    nodes = expanded(config.tree(checkpoint.config))
    leaves = {leaf.node.path: leaf for leaf in _leaves(nodes, architecture, model)}
    steps = script(nodes)
    names = _hidden_names(steps, leaves, _counts_from_zero(checkpoint, nodes))
    replayed = _replays(steps, leaves, names, checkpoint.keras_version)
    places = [place for node in nodes for place in _owner_places(node, leaves, replayed, checkpoint)]
    draws = tuple(_draws(steps, leaves, replayed, places, checkpoint.keras_version))
    blueprint = Blueprint(tuple(place.spec for place in places), draws, arguments)
    return Adopted(blueprint, {place.spec.key: place for place in places}, leaves)


def _owner_places(
    node: LayerNode, leaves: Mapping[str, LiveLayer], replayed: Mapping[str, Replayed], checkpoint: Checkpoint
) -> Iterator[Place]:
    """The places of a top-level layer's weights, with what the file holds of them."""
    inside = [leaves[inner.path] for inner in config.walk([node]) if inner.path in leaves]
    if checkpoint.is_v3:
        return (place for leaf in inside for place in group_places(leaf, list(_leaf_places(leaf, replayed)), checkpoint))
    return iter(owner_places(node, [place for leaf in inside for place in _leaf_places(leaf, replayed)], checkpoint))


def _leaves(nodes: Sequence[LayerNode], architecture: Model, model: keras.Model) -> Iterator[LiveLayer]:
    known = {layer.stored_name: layer for layer in architecture.weighted}
    for node in nodes:
        record = known.get(node.name)
        if record is None:
            continue
        layer = model.get_layer(record.name)
        inner = record.wrapped.get("layer")
        if node.is_model and record.model is not None:
            yield from _leaves(node.children, record.model, layer)
        elif node.is_model and inner is not None and inner.model is not None:
            yield from _leaves(node.children, inner.model, layer.layer)
        else:
            yield LiveLayer(node, record, layer, _custom(record, layer))


def _custom(record: Layer, layer: keras.layers.Layer) -> Any:
    """The custom layer that a layer is or wraps."""
    if record.custom or isinstance(layer, FunctionLayer):
        return layer
    inner = record.wrapped.get("layer") if record.class_name == "TimeDistributed" else None
    return None if inner is None else _custom(inner, layer.layer)


def _counts_from_zero(checkpoint: Checkpoint, nodes: Sequence[LayerNode]) -> bool:
    """Whether the file counts as tf.keras does: "dense", "dense_1"."""
    stated = release(checkpoint.keras_version)
    if stated is not None:
        return stated.family in ("tf_keras", "keras3")
    layers = (node for node in config.walk(nodes) if not node.is_model and node.class_name != "InputLayer")
    return any(node.name == auto_name(node.class_name) for node in layers)


def _hidden_names(steps: Sequence[Step], leaves: Mapping[str, LiveLayer], from_zero: bool) -> dict[int, str]:
    sequence: list[Made] = []
    for step in steps:
        leaf = leaves.get(step.node.path)
        if leaf is None or not step.first:
            continue
        sequence.append(Made(step.node.class_name, step.node.name))
        if leaf.custom is not None:
            events = events_of(leaf.custom)
            explicit = {id(event.subject): event.detail for event in events if event.kind == "made"}
            inner = [layer for layer in made_layers(events) if layer is not leaf.custom]
            sequence += [Made(legacy_class(layer), explicit.get(id(layer)), layer) for layer in inner]
    return layer_names(sequence, unnumbered_first=from_zero)


def _replays(steps: Sequence[Step], leaves: Mapping[str, LiveLayer], names: Mapping[int, str], version: str | None) -> dict[str, Replayed]:
    scopes = Scopes()
    found: dict[str, Replayed] = {}
    for step in steps:
        leaf = leaves.get(step.node.path)
        if leaf is not None and leaf.custom is not None and step.first and step.node.path not in found:
            wrapped = leaf.custom is not leaf.layer
            if wrapped:
                scopes.enter(step.node.name)
            found[step.node.path] = replay(step.node, leaf.custom, names, scopes, version)
            if wrapped:
                scopes.leave()
    return found


def _leaf_places(leaf: LiveLayer, replayed: Mapping[str, Replayed]) -> Iterator[Place]:
    """The weights of one layer, trainable ones first; a frozen layer trains none."""
    frozen = leaf.node.config.get("trainable", True) is False
    if leaf.custom is not None:
        for position, inner in enumerate(replayed[leaf.node.path].weights):
            shape, dtype = tuple(inner.variable.shape), str(inner.variable.dtype)
            spec = WeightSpec(leaf.node.owner, inner.name, leaf.node.path, inner.role, shape, dtype, inner.initializer,
                              inner.trainable and not frozen, not inner.tracked, inner.value, inner.moved)  # fmt: skip
            yield Place(spec, inner.variable, leaf, position, inner.tracked)
        return
    variables = list(leaf.layer.weights)
    count = stored_count(leaf.record, len(variables))
    known = _known(leaf, count)
    relaid = leaf.record.relay is not None
    for position in range(count):
        variable = None if relaid else variables[position]
        role, initializer, trainable = (
            known[position] if known else (_role(variable, position), None, variable is None or bool(variable.trainable))
        )
        shape = () if variable is None else tuple(variable.shape)
        dtype = "float32" if variable is None else str(variable.dtype)
        spec = WeightSpec(
            leaf.node.owner, f"{leaf.node.name}/{role}:0", leaf.node.path, role, shape, dtype, initializer, trainable and not frozen, False
        )
        yield Place(spec, variable, leaf, position, True)


def _known(leaf: LiveLayer, count: int) -> list[tuple[str, Mapping[str, Any] | None, bool]]:
    """Roles, initializers and trainable flags of a stock layer's weights from the legacy config, where the tables know it."""
    try:
        weights = stock_weights(leaf.node.class_name, leaf.node.config)
    except KeyError:
        return []
    return [(weight.role, weight.initializer, weight.trainable) for weight in weights] if len(weights) == count else []


def _role(variable: keras.Variable, position: int) -> str:
    return f"weight_{position}" if variable is None else str(variable.name)


def _draws(
    steps: Sequence[Step],
    leaves: Mapping[str, LiveLayer],
    replayed: Mapping[str, Replayed],
    places: Sequence[Place],
    version: str | None,
) -> Iterator[Draw]:
    filled = {id(place.variable): (place.spec.key, place.spec.shape) for place in places if place.variable is not None}
    by_role = {(place.spec.layer, place.spec.role): place.spec for place in places}
    for step in steps:
        node = step.node
        leaf = leaves.get(node.path)
        if leaf is None:
            continue
        if leaf.custom is not None:
            traced = replayed[node.path].draws if step.first else recalled(replayed[node.path])
            yield from (as_draw(node, item, filled) for item in traced)
            continue
        try:
            drawn = stock_draws(node.class_name, node.config, first_call=step.first, keras_version=version)
        except KeyError:
            continue
        for draw in drawn:
            yield _stock_draw(node, draw, by_role.get((node.path, draw.role or "")))


def _stock_draw(node: LayerNode, draw: StockDraw, spec: WeightSpec | None) -> Draw:
    source = f"{node.name}/{draw.role}" if draw.role else node.name
    if draw.kind == "normal" and spec is not None and spec.shape:
        rows = 1
        for size in spec.shape[:-1]:
            rows *= size
        return Draw("normal", node.path, source, spec.key, rows * spec.shape[-1], (rows, spec.shape[-1]), draw.phase)
    return Draw(draw.kind, node.path, source, spec.key if spec else None, 1, (), draw.phase)
