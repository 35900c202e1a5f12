"""The model that a checkpoint means, live and with its stored weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.containers.records import Checkpoint
from layerfix.containers.tensors import open_tensors
from layerfix.dialects.origin import backend_of, with_input_shape
from layerfix.dialects.records import FiredRule
from layerfix.errors import GraphError, LostError
from layerfix.layers import corrected
from layerfix.model import Model

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Live:
    """A migrated model in memory.

    Attributes:
        model: with its weights.
        architecture: that it was built from.
        rules: that fired on the way.
        classes: the user's classes and functions, and shipped ones, by name.
        custom: names of those that the file needs.
    """

    model: keras.Model
    architecture: Model
    rules: tuple[FiredRule, ...]
    classes: Mapping[str, Any]
    custom: tuple[str, ...]

    @property
    def relaid(self) -> tuple[tuple[str, str], ...]:
        """Layers whose weights changed their layout: (path, name of the layout)."""
        return tuple(_relaid(self.architecture))


def live_model(checkpoint: Checkpoint, layers: Sequence[Path], arguments: Mapping[str, Mapping[str, object]]) -> Live:
    """Stock models are built directly; custom classes are adopted, which finds what they hide.

    Args:
        checkpoint: with a config.
        layers: the user's sources.
        arguments: constructor arguments that the file lost.

    Raises:
        GraphError, LayersError: where it cannot be built; LostError where the save lost weights.
    """
    from layerfix.dialects.spoken import written_by_tensorflow1
    from layerfix.dialects.upgrade import upgrade
    from layerfix.graph.budget import bounded, bounded_sample
    from layerfix.graph.build import build_model
    from layerfix.graph.shim.loader import load_layers
    from layerfix.legacy.recurrent import recurrent_defaults

    assert checkpoint.config is not None
    recurrent = recurrent_defaults(checkpoint.keras_version, written_by_tensorflow1(checkpoint.config))
    given = load_layers(list(layers), recurrent=recurrent)
    classes = {**{name: entry for name, entry in corrected().items() if name not in given}, **given}
    used = tuple(sorted(_class_names(checkpoint.config) & classes.keys()))
    if used:
        return _adopted(checkpoint, layers, arguments, used)
    upgraded = upgrade(with_input_shape(checkpoint), checkpoint.keras_version, backend_of(checkpoint), custom=frozenset(given))
    with bounded(checkpoint):
        model = build_model(upgraded.model, given)
    if not model.built:
        raise GraphError(
            "the file does not hold the shape of the model's input.",
            where=str(checkpoint.path),
            hint="Build the model in Keras with its input shape, and load the file's weights into that.",
        )
    bounded_sample(model, checkpoint)
    _assign(model, upgraded.model, checkpoint)
    return Live(model, upgraded.model, upgraded.rules, given, ())


def _assign(model: keras.Model, architecture: Model, checkpoint: Checkpoint) -> None:
    from layerfix.graph.assign import assign
    from layerfix.graph.groups import assign_groups

    if checkpoint.is_v3:
        assign_groups(model, architecture, checkpoint)
        return
    with open_tensors(checkpoint) as tensors:
        stored = {layer.name: [(weight.name, tensors.read(weight.key)) for weight in layer.weights] for layer in checkpoint.layers}
    assign(model, architecture, stored)


def _adopted(checkpoint: Checkpoint, layers: Sequence[Path], arguments: Mapping[str, Mapping[str, object]], used: tuple[str, ...]) -> Live:
    from layerfix.graph.rebuilt import rebuild

    rebuilt = rebuild(checkpoint, layers=list(layers), arguments=arguments)
    stored = {weight.key for weight in checkpoint.weights}
    lost = sorted({spec.layer for spec in rebuilt.blueprint.weights if spec.key not in stored and spec.value is None})
    if lost:
        raise LostError(
            f"{'layer' if len(lost) == 1 else 'layers'} {', '.join(lost)} {'has' if len(lost) == 1 else 'have'} lost weights in the save.",
            where=str(checkpoint.path),
            hint="Run layerfix repair first, with -o NEW.keras.",
        )
    return Live(rebuilt.model, rebuilt.architecture, rebuilt.rules, rebuilt.classes, used)


def _class_names(value: object) -> set[str]:
    """Every class name in a config."""
    if isinstance(value, list):
        return set().union(*map(_class_names, value)) if value else set()
    if not isinstance(value, Mapping):
        return set()
    own = {value["class_name"].rsplit(">", 1)[-1]} if isinstance(value.get("class_name"), str) else set()
    return own.union(*map(_class_names, value.values()))


def _relaid(model: Model, prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for layer in model.layers:
        path = f"{prefix}{layer.name}"
        if layer.relay is not None and layer.relay.name != "as_stored":
            found.append((path, layer.relay.name))
        elif layer.model is not None:
            found += _relaid(layer.model, f"{path}/")
    return found


def plain_or_live(checkpoint: Checkpoint, live: Live, layers: Sequence[Path]) -> tuple[Live, str]:
    """The model as plain Keras gives it with the user's own source; where it cannot, the one at hand, and a sentence that says so."""
    from layerfix.graph.plain import plain_model

    if not live.custom:
        return live, ""
    needed = (
        f"custom classes {', '.join(live.custom)}: open the file with layerfix.load_model, or in plain Keras with what --emit-layers writes"
    )
    if not layers:
        return live, f"{needed}."
    try:
        model, architecture, classes = plain_model(live.model, live.architecture, checkpoint.keras_version, layers)
    except GraphError as error:
        return live, f"{needed} ({error})"
    return Live(model, architecture, live.rules, {**live.classes, **classes}, live.custom), ""
