"""A custom model with the classes as the user's own Python gives them, so that plain Keras loads what is written with the same source."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from layerfix.dialects.accepted import ACCEPTED
from layerfix.dialects.upgrade import as_stock
from layerfix.errors import GraphError, LayerfixError, reason
from layerfix.graph.build import build_model
from layerfix.graph.loading import put, recompute
from layerfix.graph.shim.loader import load_layers
from layerfix.model import Layer, Model


def plain_model(
    model: keras.Model, architecture: Model, keras_version: str | None, sources: Sequence[Path]
) -> tuple[Any, Model, dict[str, Any]]:
    """The same model built of the user's classes, imported as Python imports them, with the same weights.

    Args:
        model: as rebuilt through the shim.
        architecture: that it was built from.
        keras_version: of the file.
        sources: the user's files.

    Returns:
        The model, its architecture and its classes.

    Raises:
        GraphError: where the source, or a class in it, does not run in plain Keras, with the reason.
    """
    try:
        classes = load_layers(sources, plain=True)
        settled = _settled_model(architecture, classes, keras_version)
        made = build_model(settled, classes)
    except LayerfixError as error:
        raise GraphError(f"the classes do not run in plain Keras {keras.__version__}: {error}") from error
    except Exception as error:  # a user's class raises anything
        raise GraphError(f"the classes do not run in plain Keras {keras.__version__}: {reason(error)}") from error
    _copy(model, made)
    return made, settled, classes


def _settled_model(model: Model, classes: Mapping[str, object], keras_version: str | None) -> Model:
    return replace(model, layers=tuple(_settled(layer, classes, keras_version) for layer in model.layers))


def _settled(layer: Layer, classes: Mapping[str, Any], keras_version: str | None) -> Layer:
    """A layer in which subclasses of stock layers state their base's arguments in today's words."""
    wrapped = {key: _settled(inner, classes, keras_version) for key, inner in layer.wrapped.items()}
    settings = dict(layer.settings)
    if layer.custom:  # which holds the layers in it as it states them itself
        settings |= {key: _as_stated(settings[key], layer.wrapped[key], inner) for key, inner in wrapped.items()}
    cls = classes.get(layer.class_name)
    base = _stock_base(cls) if isinstance(cls, type) else None
    if base is not None and cls is not None:
        own = {key for key in inspect.signature(cls).parameters if key not in ACCEPTED[base]}
        kept = {key: value for key, value in settings.items() if key in own}
        rest = {key: value for key, value in settings.items() if key not in own}
        settings = {**as_stock(base, layer.name, rest, keras_version), **kept}
    return replace(
        layer,
        settings=settings,
        wrapped=wrapped,
        cells=tuple(_settled(cell, classes, keras_version) for cell in layer.cells),
        model=None if layer.model is None else _settled_model(layer.model, classes, keras_version),
    )


def _as_stated(stated: Mapping[str, Any], before: Layer, settled: Layer) -> dict[str, Any]:
    """A custom layer's own entry of a layer in it, with that one's settled settings."""
    kept = {key: value for key, value in stated["config"].items() if key not in before.settings}
    return {**stated, "config": {**kept, **settled.settings}}


def _stock_base(cls: type) -> str | None:
    """The class of Keras that a user's class derives from, `Layer` itself aside."""
    return next(
        (base.__name__ for base in cls.__mro__ if base is getattr(keras.layers, base.__name__, None) and base.__name__ in ACCEPTED), None
    )


def _copy(model: keras.Model, made: Any) -> None:
    for old in model.layers:
        new = made.get_layer(old.name)
        if isinstance(old, keras.Model):
            _copy(old, new)
            continue
        values = [np.asarray(weight) for weight in old.weights]
        # Legacy classes and plain ones may make weights in another order, of which only the shapes tell.
        places = _matched(values, [tuple(weight.shape) for weight in new.weights])
        if places is None:
            found = ", ".join(str(tuple(weight.shape)) for weight in new.weights) or "none"
            raise GraphError(
                f"in plain Keras the class has the weights {found}, the file holds {', '.join(str(value.shape) for value in values)}.",
                where=old.name,
            )
        put(((weight, values[place]) for weight, place in zip(new.weights, places, strict=True)), old.name)
        recompute(new)


def _matched(values: Sequence[Any], shapes: Sequence[tuple[int, ...]]) -> list[int] | None:
    """For each weight in today's order the stored one: the first of its shape that is left. Predictions decide whether that was right."""
    if len(values) != len(shapes):
        return None
    left = list(range(len(values)))
    places = []
    for shape in shapes:
        place = next((index for index in left if values[index].shape == shape), None)
        if place is None:
            return None
        left.remove(place)
        places.append(place)
    return places
