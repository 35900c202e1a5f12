"""The chain of rules that turns a legacy architecture into one of today's Keras. No TensorFlow here."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from layerfix.containers.config import WRAPPED
from layerfix.dialects.accepted import ACCEPTED
from layerfix.dialects.as_model import as_model
from layerfix.dialects.keras1.arguments import KERAS1_RULES
from layerfix.dialects.keras1.merge import merged_sequential
from layerfix.dialects.keras2.composed import COMPOSED_RULES, plain_merge
from layerfix.dialects.keras2.in_training import called_in_training, training_inside
from layerfix.dialects.keras2.layers import LAYER_RULES, known_arguments, vocabulary
from layerfix.dialects.keras2.models import MODEL_RULES, is_model, list_config
from layerfix.dialects.keras2.settings import (
    COMMON_RULES,
    activation_objects,
    class_names,
    custom_activation,
    dtype_policy,
    initializers,
    penalties,
)
from layerfix.dialects.keras2.theano import THEANO_RULES
from layerfix.dialects.keras3.adapted import adapted_weights
from layerfix.dialects.keras3.graph import initializer_names, merged_masks, operation_entry, stated_calls, without_modules
from layerfix.dialects.later import LATER
from layerfix.dialects.libraries.attention import LIBRARY_ATTENTION
from layerfix.dialects.libraries.chains import LIBRARY_CHAINS
from layerfix.dialects.libraries.layers import LIBRARY_LAYERS, foreign_groups
from layerfix.dialects.libraries.wrappers import LIBRARY_WRAPPERS
from layerfix.dialects.records import FiredRule, Source, Upgraded, is_entry, layer_class, understood
from layerfix.dialects.rules import Entry, Rule, note_owners, without_notes
from layerfix.dialects.spoken import source_of
from layerfix.dialects.tf_keras.nodes import tensorflow_nodes
from layerfix.dialects.tf_keras.operations import tensorflow_operations
from layerfix.dialects.tf_keras.preprocessing import PREPROCESSING_RULES, learned_buckets, resized_crops
from layerfix.errors import GraphError
from layerfix.legacy.aliases import ALIASES
from layerfix.legacy.stock import TF_ONLY
from layerfix.model import Model

_STOCK = frozenset({*ACCEPTED, *LATER})
_KNOWN = frozenset(ACCEPTED) | {
    "Merge", "TimeDistributedDense", "Highway", "MaxoutDense", "AtrousConvolution1D", "AtrousConvolution2D", "AtrousConv1D", "AtrousConv2D",
    "Lambda", "ThresholdedReLU", "CuDNNLSTM", "CuDNNGRU", "LocallyConnected1D", "LocallyConnected2D", "TFOpLambda", "SlicingOpLambda",
    "TensorFlowOpLayer", "RandomHeight", "RandomWidth",
}  # fmt: skip


_RULES = (
    *KERAS1_RULES, *THEANO_RULES, called_in_training, *PREPROCESSING_RULES, *COMPOSED_RULES, *LAYER_RULES, *COMMON_RULES, known_arguments,
)  # fmt: skip
_KERAS3_RULES = (
    adapted_weights, merged_masks, plain_merge, dtype_policy, initializer_names, initializers, penalties, activation_objects,
    custom_activation, vocabulary, learned_buckets, resized_crops, known_arguments,
)  # fmt: skip


class Fired(list[FiredRule]):
    """Rules that fired, in order; and what has no equal today, where somebody wants to know all of it."""

    def __init__(self, problems: list[GraphError] | None) -> None:
        super().__init__()
        self._problems = problems

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Notes what an entry meets instead of raising it, where problems are wanted."""
        try:
            yield
        except GraphError as error:
            if self._problems is None:
                raise
            self._problems.append(error)


def upgrade(
    model_config: Mapping[str, object],
    keras_version: str | None,
    backend: str | None,
    *,
    custom: Collection[str] = (),
    problems: list[GraphError] | None = None,
) -> Upgraded:
    """A legacy `model_config` in today's terms.

    Custom layers are left alone, their registration prefix and the wrapping keys (`batch_input_shape`) aside.

    Args:
        model_config: as stored, {"class_name": ..., "config": ...}; it is not changed.
        keras_version: as stored, "2.2.4" or "2.2.4-tf", or None.
        backend: "tensorflow", "theano", "cntk", or None.
        custom: names of classes and functions that the user gives; one of them wins over a stock class of the same name.
        problems: takes what has no equal in today's Keras, layer by layer, instead of an error at the first.

    Raises:
        GraphError: where a setting has no equal in today's Keras, naming layer and setting.
    """
    fired = Fired(problems)
    model = Model("Sequential", "", ())
    with understood("model"):
        raw = copy.deepcopy(dict(model_config))
        without_notes(raw)
        note_owners(raw, {*_STOCK, *_KNOWN, *ALIASES} - set(custom))
        entry = without_modules(raw, frozenset(custom))
        if not is_model(entry):
            raise GraphError(f"its model_config (class {entry.get('class_name')!r}) lists no layers.")
        _upgrade_model(source_of(entry, keras_version, backend, custom), entry, "", fired)
        with fired.noted():
            model = as_model(entry)
    return Upgraded(model, tuple(fired))


def is_stock(source: Source, class_name: str) -> bool:
    """Whether a class of a legacy file is one of Keras' own: an `Attention` in a file of multi-backend Keras is somebody's own class."""
    return class_name not in source.custom and class_name in _STOCK and _could_be_stock(source, class_name)


def as_stock(class_name: str, name: str, settings: Mapping[str, object], keras_version: str | None) -> dict[str, Any]:
    """Settings of a user's class in today's words, where it derives from the stock class of that name and takes its arguments.

    Raises:
        GraphError: where a setting has no equal in today's Keras, or today's class would need its weights in another layout.
    """
    plain: Entry = {"class_name": class_name, "name": name, "config": copy.deepcopy(dict(settings))}
    _upgrade_entry(Source(keras_version, "tensorflow"), plain, name, Fired(None))
    if plain["class_name"] != class_name or plain.get("relay"):
        raise GraphError(f"derives from {class_name}, which today's Keras has in another form.", where=name)
    config: dict[str, Any] = plain["config"]
    return config


def _could_be_stock(source: Source, class_name: str) -> bool:
    if source.is_keras3:
        return class_name in LATER or class_name in ACCEPTED or class_name == "Lambda"
    elsewhere = class_name in TF_ONLY and source.keras_version is not None and not source.is_tf_keras
    return not elsewhere and class_name in _KNOWN


def _upgrade_model(source: Source, entry: Entry, path: str, fired: Fired) -> None:
    for rule in (list_config, merged_sequential, *MODEL_RULES, training_inside, stated_calls):
        _fire(rule, source, entry, path or "model", fired)
    for layer in entry["config"]["layers"]:
        own = f"{path}/{layer['name']}" if path else layer["name"]
        with fired.noted(), understood(own):
            _upgrade_entry(source, layer, own, fired)


def _upgrade_entry(source: Source, entry: Entry, path: str, fired: Fired) -> None:
    if is_model(entry):
        _upgrade_model(source, entry, path, fired)
        return
    _fire(operation_entry, source, entry, path, fired)
    _fire(foreign_groups, source, entry, path, fired)
    _fire(class_names, source, entry, path, fired)
    own = layer_class(entry) in source.custom or bool(entry.get("custom"))
    for rule in (*LIBRARY_LAYERS, *LIBRARY_ATTENTION, *LIBRARY_CHAINS, *LIBRARY_WRAPPERS) if not own else ():
        _fire(rule, source, entry, path, fired)
        if is_model(entry):
            entry["composed"] = True
            _upgrade_parts(source, entry, path, fired)
            return
    _fire(tensorflow_operations, source, entry, path, fired)
    _fire(tensorflow_nodes, source, entry, path, fired)
    if layer_class(entry) == "InputLayer" or "operation" in entry:
        return
    if own or not (entry.get("stock") or _could_be_stock(source, layer_class(entry))):
        entry["custom"] = True
        _unwrap(entry)
        _fire(called_in_training, source, entry, path, fired)
        _fire(dtype_policy, source, entry, path, fired)
    else:
        for rule in _KERAS3_RULES if source.is_keras3 else _RULES:
            _fire(rule, source, entry, path, fired)
            if is_model(entry):
                entry["composed"] = True
                _upgrade_parts(source, entry, path, fired)
                return
    for key in WRAPPED:
        inner = entry["config"].get(key)
        if is_entry(inner):
            _upgrade_inner(source, inner, path, fired)
    for cell in entry["config"].get("cells", ()):
        _upgrade_inner(source, cell, path, fired)


def _upgrade_parts(source: Source, entry: Entry, path: str, fired: Fired) -> None:
    """The layers that a rule put in place of one layer."""
    ours = replace(source, keras_version="2.15.0", backend="tensorflow")
    for part in entry["config"]["layers"]:
        _upgrade_entry(ours, part, f"{path}/{part['name']}", fired)
    for part in entry["masked"]["config"]["layers"] if "masked" in entry else ():
        _upgrade_entry(ours, part, f"{path}/{part['name']}", Fired(None))  # the same rules as above


def _upgrade_inner(source: Source, inner: Entry, path: str, fired: Fired) -> None:
    config = inner["config"]
    own = config.get("name") if isinstance(config, dict) else None
    inner["name"] = inner.get("name") or own or str(inner["class_name"]).lower()
    _upgrade_entry(source, inner, f"{path}/{inner['name']}", fired)


def _unwrap(entry: Entry) -> None:
    """A custom layer's config without what Keras itself put around it."""
    for key in ("batch_input_shape", "input_dtype", "shared_object_id"):
        entry["config"].pop(key, None)


def _fire(rule: Rule, source: Source, entry: Entry, path: str, fired: Fired) -> None:
    detail = rule(source, entry)
    if detail:
        fired.append(FiredRule(rule.__name__, path, detail, entry.pop("doubt", "")))
