"""A checkpoint's graph in today's Keras, with its stored weights, everything hidden adopted and accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from layerfix.arrays import Array
from layerfix.blueprint import Blueprint
from layerfix.containers.config import layer_list
from layerfix.containers.records import Checkpoint, WeightKey, spoken
from layerfix.containers.tensors import open_tensors
from layerfix.containers.wrapped import wrapped_model
from layerfix.dialects.filled import with_arguments
from layerfix.dialects.origin import backend_of, with_input_shape
from layerfix.dialects.records import FiredRule, Upgraded
from layerfix.dialects.spoken import written_by_tensorflow1
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError, LayersError, RestoreError
from layerfix.graph.adopt import Adopted, adopt
from layerfix.graph.budget import bounded, bounded_sample
from layerfix.graph.build import build_model
from layerfix.graph.groups import refuse_unclaimed
from layerfix.graph.held import LiveLayer, Place
from layerfix.graph.loading import put_stored, recompute
from layerfix.graph.numpy_calls import noted
from layerfix.graph.shim.loader import load_layers
from layerfix.graph.shim.numbers import Changed
from layerfix.graph.values import set_value
from layerfix.layers import corrected
from layerfix.legacy.packages import plain_class
from layerfix.legacy.recurrent import recurrent_defaults
from layerfix.model import Model


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A live model and what is known about it.

    Attributes:
        model: Keras 3, stored weights loaded, hidden ones freshly initialised.
        blueprint: its needs.
        variables: today's variable of each weight; a weight whose layout changed has none.
        rules: the upgrade rules that fired.
        checkpoint: where it came from.
        classes: the custom classes used, by the name in the file.
        places: where each array goes.
        leaves: by layer path, config and live layer.
        held: stored arrays of layers whose layout changed, which need all of theirs at once.
        architecture: that the model was built from.
    """

    model: keras.Model
    blueprint: Blueprint
    variables: Mapping[WeightKey, keras.Variable]
    rules: tuple[FiredRule, ...]
    checkpoint: Checkpoint
    classes: Mapping[str, Any]
    places: Mapping[WeightKey, Place] = field(default_factory=dict)
    leaves: Mapping[str, LiveLayer] = field(default_factory=dict)
    held: dict[WeightKey, Array] = field(default_factory=dict)
    architecture: Model = field(default_factory=lambda: Model("Sequential", "", ()))


def rebuild(
    checkpoint: Checkpoint,
    *,
    layers: Sequence[Path] = (),
    arguments: Mapping[str, Mapping[str, object]] | None = None,
    states: Mapping[int, Callable[[], np.random.RandomState]] | None = None,
    others: Changed | None = None,
) -> Rebuilt:
    """Rebuilds the graph of a legacy checkpoint and loads what the file holds.

    Args:
        checkpoint: as read; it needs a config.
        layers: the user's source files; classes in them win over stock and shipped ones.
        arguments: constructor arguments by layer path, layer name, class name or "*"; the more specific wins.
        states: for calls of `np.random` by the classes' own code (`NumpyCall.number`), the generator that each drew from.
        others: numbers to stand in place of what `layers` say.

    Raises:
        GraphError, LayersError: where the graph cannot be rebuilt, naming layer and reason.
    """
    if checkpoint.config is None:
        raise GraphError(
            "holds weights without an architecture.", where=str(checkpoint.path), hint="Give the model's JSON with --architecture."
        )
    classes = _classes(checkpoint, layers, others)
    settings, used = with_arguments(with_input_shape(checkpoint), arguments or {}, frozenset(classes))
    upgraded = upgrade(settings, checkpoint.keras_version, backend_of(checkpoint), custom=frozenset(classes))

    def built(classes: Mapping[str, object]) -> tuple[keras.Model, Adopted]:
        with bounded(checkpoint), noted({number: state() for number, state in (states or {}).items()}):
            model = build_model(upgraded.model, classes)
        bounded_sample(model, checkpoint)
        return model, adopt(checkpoint, upgraded.model, model, used)

    model, adopted = built(classes)
    # Once more from the source on: a value that came from a clock or a generator is another the second time.
    if any(spec.value is not None for spec in adopted.blueprint.hidden):
        adopted = replace(adopted, blueprint=_repeated(adopted.blueprint, built(_classes(checkpoint, layers, others))[1].blueprint))
    if checkpoint.is_v3:
        refuse_unclaimed(checkpoint, (weight for weight in checkpoint.weights if weight.key in adopted.places))
    rebuilt = _rebuilt(checkpoint, classes, model, adopted, upgraded)
    _load_known(rebuilt)
    return rebuilt


def _load_known(rebuilt: Rebuilt) -> None:
    """What the file holds, and hidden values that the source states."""
    with open_tensors(rebuilt.checkpoint) as tensors:
        keys = (weight.key for weight in rebuilt.checkpoint.weights)
        load_values(rebuilt, {key: tensors.read(key) for key in keys if key in rebuilt.places})
    stated = (spec for spec in rebuilt.blueprint.hidden if spec.value is not None)
    load_values(rebuilt, {spec.key: np.asarray(spec.value, spec.dtype) for spec in stated})


def _repeated(blueprint: Blueprint, again: Blueprint) -> Blueprint:
    """Only values that the source gives whenever it runs are stated by it: others came from a clock, or from a generator."""
    values = {spec.key: spec.value for spec in again.weights if spec.value is not None}
    weights = (
        spec if spec.value is None or (spec.key in values and np.array_equal(spec.value, values[spec.key])) else replace(spec, value=None)
        for spec in blueprint.weights
    )
    return replace(blueprint, weights=tuple(weights))


def _rebuilt(
    checkpoint: Checkpoint,
    classes: Mapping[str, object],
    model: keras.Model,
    adopted: Adopted,
    upgraded: Upgraded,
) -> Rebuilt:
    variables = {key: place.variable for key, place in adopted.places.items() if place.variable is not None}
    return Rebuilt(
        model, adopted.blueprint, variables, upgraded.rules, checkpoint, classes, adopted.places, adopted.leaves, {}, upgraded.model
    )


def _classes(checkpoint: Checkpoint, layers: Sequence[Path], others: Changed | None) -> dict[str, Any]:
    """The user's classes, and shipped ones under their legacy names where the user gives none."""
    assert checkpoint.config is not None
    recurrent = recurrent_defaults(checkpoint.keras_version, written_by_tensorflow1(checkpoint.config))
    given = load_layers([Path(path) for path in layers], recurrent=recurrent, others=others)
    named = {plain_class(entry["class_name"]) for entry in _entries(checkpoint.config)}
    shipped = {name: entry.load() for name, entry in corrected().items() if name in named and name not in given}
    return {**shipped, **given}


def _entries(settings: Mapping[str, object]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for entry in layer_list(settings) or layer_list(wrapped_model(settings.get("config")) or {}) or []:
        found += [entry, *_entries(entry)]
        inner = entry.get("config")
        if isinstance(inner, Mapping) and isinstance(inner.get("layer"), Mapping) and "class_name" in inner["layer"]:
            found.append(inner["layer"])
    return found


def load_values(rebuilt: Rebuilt, values: Mapping[WeightKey, Array]) -> None:
    """Gives weights of a rebuilt model their values, in legacy layout and shape.

    Raises:
        RestoreError: for a weight that the graph does not have, or a wrong shape.
    """
    touched: dict[int, LiveLayer] = {}
    for key, value in values.items():
        place = rebuilt.places.get(key)
        if place is None:
            raise RestoreError(f"the graph has no weight {key[1]!r} in {key[0]!r}.", where=str(rebuilt.checkpoint.path))
        touched[id(place.leaf)] = place.leaf
        if place.variable is None:
            rebuilt.held[key] = value
        elif tuple(place.variable.shape) != tuple(value.shape):
            raise RestoreError(f"needs shape {tuple(place.variable.shape)}, the value has {tuple(value.shape)}.", where=spoken(key))
        else:
            set_value(place.variable, value)
    for leaf in touched.values():
        if leaf.record.relay is not None:
            _relay(rebuilt, leaf)
        recompute(leaf.layer)


def _relay(rebuilt: Rebuilt, leaf: LiveLayer) -> None:
    """Once all arrays of a layer with another layout are there."""
    places = sorted((place for place in rebuilt.places.values() if place.leaf is leaf), key=lambda place: place.position)
    arrays = [rebuilt.held[place.spec.key] for place in places if place.spec.key in rebuilt.held]
    if len(arrays) == len(places):
        put_stored(leaf.record, leaf.layer, arrays, leaf.node.path)


@contextmanager
def holding(rebuilt: Rebuilt, values: Mapping[WeightKey, Array]) -> Iterator[None]:
    """The model with other values, for as long as the block lasts.

    Raises:
        RestoreError: as `load_values`.
    """
    before = {key: value for key in values if (value := _value(rebuilt, key)) is not None}
    try:
        load_values(rebuilt, values)
        yield
    finally:
        load_values(rebuilt, before)


def _value(rebuilt: Rebuilt, key: WeightKey) -> Array | None:
    """What a weight holds now; None for one that the graph does not have, or that is not loaded."""
    variable = rebuilt.variables.get(key)
    return rebuilt.held.get(key) if variable is None else np.asarray(variable)


def predict(rebuilt: Rebuilt, inputs: Sequence[Array]) -> list[Array]:
    """The model's outputs for a batch, one array per output.

    Args:
        inputs: one array per input of the model, samples first.

    Raises:
        RestoreError: where number or shapes of the inputs do not fit.
    """
    wanted = [tuple(tensor.shape) for tensor in rebuilt.model.inputs]
    found = [array.shape for array in inputs]
    fits = len(wanted) == len(found) and all(
        len(a) == len(b) and all(x in (None, y) for x, y in zip(a[1:], b[1:], strict=True)) for a, b in zip(wanted, found, strict=True)
    )
    if not fits:
        raise RestoreError(f"the model takes inputs {wanted}, the samples have {found}.", where=str(rebuilt.checkpoint.path))
    outputs = rebuilt.model.predict(inputs[0] if len(inputs) == 1 else list(inputs), batch_size=128, verbose=0)
    return [np.asarray(output) for output in (outputs if isinstance(outputs, list | tuple) else [outputs])]


__all__ = ["LayersError", "Rebuilt", "load_values", "predict", "rebuild"]
