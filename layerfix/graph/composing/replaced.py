"""A model in which what a target lacks is composed of what it has; everything else is the same layers with the same weights."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras
from keras import layers

from layerfix.dialects.down.targets import Target
from layerfix.dialects.records import FiredRule
from layerfix.graph.composing.activations import ACTIVATIONS, activation_of, apart
from layerfix.graph.composing.attention import ATTENTIONS
from layerfix.graph.composing.normalizations import NORMALIZATIONS
from layerfix.graph.composing.operations import OPERATIONS
from layerfix.graph.composing.pieces import Pieces, Unfit
from layerfix.graph.composing.products import PRODUCTS, grouped
from layerfix.legacy.arguments import has_activation, taken

_WITH_ACTIVATION = frozenset(["Activation", "Dense", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"])
_TRAINING_ALONE = frozenset(
    [
        "RandomBrightness",
        "RandomContrast",
        "RandomFlip",
        "RandomHue",
        "RandomRotation",
        "RandomSaturation",
        "RandomTranslation",
        "RandomZoom",
    ]
)
"""Layers that hand on what they get, whenever a model predicts."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A model that a target can say.

    Attributes:
        model: the model itself where nothing had to be composed.
        rules: what was composed, in order.
    """

    model: keras.Model
    rules: tuple[FiredRule, ...] = ()


@dataclass(slots=True)
class _Work:
    target: Target
    rules: list[FiredRule] = field(default_factory=list)
    models: dict[int, keras.Model] = field(default_factory=dict)


def composed(model: keras.Model, target: Target) -> Replaced:
    """Composes what a target lacks, where that is exact.

    Args:
        model: functional or Sequential, built; it is not changed.
        target: of the dialect "keras2", "tf_keras" or "tfjs".
    """
    work = _Work(target)
    return Replaced(_model(work, model, ""), tuple(work.rules))


def _model(work: _Work, model: keras.Model, prefix: str) -> keras.Model:
    """The same model, or one made anew where a layer in it is composed."""
    if id(model) in work.models:  # one that is called twice stays one model, with one set of weights
        return work.models[id(model)]
    graph: Any = getattr(model, "_functional", None) if isinstance(model, keras.Sequential) else model
    made = model
    if hasattr(graph, "_run_through_graph") and any(_changes(work, one) for one in graph.operations):
        inputs = keras.tree.map_structure(_input, graph._inputs_struct)
        outputs = graph._run_through_graph(inputs, operation_fn=lambda operation: partial(_call, work, prefix, operation))
        made = keras.Model(inputs, outputs, name=model.name, trainable=model.trainable)
    work.models[id(model)] = made
    return made


def _input(tensor: keras.KerasTensor) -> keras.KerasTensor:
    return keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=tensor.name)


def _changes(work: _Work, operation: keras.Operation) -> bool:
    if isinstance(operation, keras.Model):
        graph: Any = getattr(operation, "_functional", None) or operation
        return any(_changes(work, one) for one in getattr(graph, "operations", ()))
    return _composition(operation, work.target) is not None


def _call(work: _Work, prefix: str, operation: keras.Operation, *args: Any, **kwargs: Any) -> Any:
    if isinstance(operation, keras.Model):
        operation = _model(work, operation, f"{prefix}{operation.name}/")
        return operation(*args, **kwargs)
    compose = _composition(operation, work.target)
    found = [value for value in keras.tree.flatten((args, kwargs)) if isinstance(value, keras.KerasTensor)]
    stated = any(value is not None for key, value in kwargs.items() if "mask" in key) or bool(kwargs.get("return_attention_scores"))
    if compose is None or stated or _is_masked(work, operation, found) or any(tensor.dtype != "float32" for tensor in found):
        return operation(*args, **kwargs)
    try:
        y = compose(Pieces(_unique(work, operation.name)), *_first_by_place(operation, args, kwargs))
    except Unfit:  # the target then refuses the layer by its own name, which says more than any reason of ours
        y = None
    if y is None:
        return operation(*args, **kwargs)
    work.rules.append(FiredRule("composed", f"{prefix}{operation.name}", _told(type(operation).__name__)))
    return y


def _first_by_place(operation: keras.Operation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A call whose first argument is told by its place, however the model tells it: `layer(inputs=x)`."""
    first = next(iter(inspect.signature(operation.call).parameters))
    return ((kwargs[first],), {key: value for key, value in kwargs.items() if key != first}) if first in kwargs else (args, kwargs)


def _is_masked(work: _Work, operation: keras.Operation, found: list[keras.KerasTensor]) -> bool:
    """Whether masks come in that the parts of a composition would not treat as the whole does."""
    masked = any(getattr(tensor, "_keras_mask", None) is not None for tensor in found)
    return masked and (work.target.dialect in ("keras2", "tfjs") or type(operation).__name__ in ATTENTIONS)


def _told(name: str) -> str:
    if name in _TRAINING_ALONE:
        return f"{name} does something in training alone and is left out"
    return f"{name} is composed of layers that are older: it predicts the same, and is not meant for training"


def _unique(work: _Work, name: str) -> str:
    """The name with a number where the layer is called again."""
    again = sum(rule.layer.rpartition("/")[2] == name for rule in work.rules)
    return f"{name}_{again}" if again else name


Compose = Callable[[Pieces, tuple[Any, ...], dict[str, Any]], Any]


def _composition(operation: keras.Operation, target: Target) -> Compose | None:
    """How an operation is composed for a target, or None where it has it or nothing is known."""
    if not isinstance(operation, keras.Layer):
        made = OPERATIONS.get(type(operation).__name__) if target.dialect in ("keras2", "tfjs") else None
        return None if made is None else lambda pieces, args, kwargs: made(pieces, operation, (*args, *kwargs.values()))
    name = type(operation).__name__
    if not type(operation).__module__.startswith("keras.") or operation.dtype_policy.name != "float32":
        return None
    if taken(target.table, "layers", name) is None or (target.dialect == "tfjs" and name == "EinsumDense"):
        return _of_class(operation, name)
    return _of_setting(operation, name, target)


def _of_class(layer: keras.Layer, name: str) -> Compose | None:
    """A layer whose class the target lacks."""
    single = NORMALIZATIONS.get(name) or PRODUCTS.get(name)
    if single is not None:
        return lambda pieces, args, kwargs: single(pieces, layer, args[0])
    if name in _TRAINING_ALONE or name == "Identity":
        return lambda pieces, args, kwargs: pieces.activated(args[0], "linear")
    attention = ATTENTIONS.get(name)
    if attention is None or getattr(layer, "_attention_axes", None) not in (None, (1,), [1]):
        return None

    def attend(pieces: Pieces, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given = (
            list(args[0])
            if isinstance(args[0], list)
            else [*args, *(kwargs[key] for key in ("value", "key") if kwargs.get(key) is not None)]
        )
        if len(given) not in (2, 3) or kwargs.get("use_causal_mask"):
            return None
        return attention(pieces, layer, given[0], given[1], given[2] if len(given) == 3 else given[1])

    return attend


def _of_setting(layer: keras.Layer, name: str, target: Target) -> Compose | None:
    """A layer with a setting that the target lacks."""
    multi = target.dialect in ("keras2", "tfjs")
    activation = activation_of(layer)
    known = has_activation(target.table, activation) or (activation == "silu" and target.dialect == "tf_keras")
    lost = activation == "hard_sigmoid" and name not in ("Dense", "Conv1D", "Conv2D", "Conv3D")
    if name in _WITH_ACTIVATION and activation in ACTIVATIONS and (not known or lost):
        return lambda pieces, args, kwargs: apart(pieces, layer, args[0])
    if getattr(layer, "groups", 1) != 1 and name.startswith("Conv") and (multi or target.numbers < (2, 10)):
        return lambda pieces, args, kwargs: grouped(pieces, layer, args[0])
    if multi and getattr(layer, "keepdims", False) and name.startswith("Global"):
        return lambda pieces, args, kwargs: _kept(pieces, layer, args[0])
    return None


def _kept(pieces: Pieces, layer: keras.Layer, x: keras.KerasTensor) -> keras.KerasTensor | None:
    """A pooling over all places whose places stay, as one each."""
    if layer.data_format != "channels_last":
        return None
    bare = type(layer).from_config({**layer.get_config(), "keepdims": False, "name": pieces.name})
    return layers.Reshape(layer.compute_output_shape(x.shape)[1:], name=pieces.named("reshape"))(bare(x))
