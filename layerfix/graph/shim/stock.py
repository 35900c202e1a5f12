"""Legacy stock layers for user source: today's classes that take legacy arguments with legacy defaults, and are traced."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from layerfix.dialects.accepted import ACCEPTED, COMMON
from layerfix.errors import LackError
from layerfix.graph.shim import arguments, initial
from layerfix.graph.shim.base import LEGACY_ONLY, LegacyLayer, Recording
from layerfix.graph.shim.below import Below
from layerfix.graph.shim.derived import derived_class
from layerfix.graph.trace import muted, recorder, scope
from layerfix.layers import gone
from layerfix.legacy.aliases import ALIASES, KERAS1_ALIASES
from layerfix.legacy.recurrent import OLDEST, RecurrentDefaults

_TODAY_AS = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "ThresholdedReLU": "ReLU"}
GONE = frozenset({*_TODAY_AS, "LocallyConnected1D", "LocallyConnected2D", "MaxoutDense", "Highway"})
"""Classes of legacy Keras that today's has under another name or not at all."""
NAMES = {**ALIASES, **KERAS1_ALIASES}
"""What legacy source may call a stock class, for the name it has today; arguments of Keras 1 are taken by their names of then."""
_Key = tuple[str, bool, RecurrentDefaults]
_cache: dict[_Key, type] = {}


class Stock(Below):
    """Mixed into each of today's stock classes: legacy arguments in, events out.

    Attributes:
        legacy_class: the class name that legacy source used.
        keras1_calls: whether it came from multi-backend Keras, which took the calls of Keras 1.
        recurrent: defaults of recurrent layers in the release that the source was written for.
        legacy_config: its arguments by their Keras 2 names, as far as given or a recurrent default, initializers in legacy form.
    """

    legacy_class = ""
    keras1_calls = True
    recurrent = OLDEST
    legacy_initial_weights: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = arguments.by_name(self.legacy_class, args, kwargs, keras1_calls=self.keras1_calls)
        self._legacy = {**self.recurrent.of(self.legacy_class), **{key: _plain(key, value) for key, value in given.items()}}
        with muted():
            super().__init__(**todays_arguments(self.legacy_class, given, self.recurrent))
        self._allow_non_tensor_positional_args = True
        object.__setattr__(self, "given_layer", given.get("layer"))
        object.__setattr__(self, "legacy_initial_weights", given.get("weights"))
        object.__setattr__(self, "legacy_batch_shape", arguments.batch_shape(given))
        recorder.emit("made", self, given.get("name"))

    @property
    def _trainable_weights(self) -> list[Any]:
        """The list that legacy source takes a sublayer's weights from to track them by hand."""
        return [weight for weight in self.weights if weight.trainable]

    @property
    def _non_trainable_weights(self) -> list[Any]:
        return [weight for weight in self.weights if not weight.trainable]

    @property
    def updates(self) -> list[Any]:
        """The variables that its legacy updates move, for `add_update`: moving statistics."""
        return [weight for weight in self.weights if not weight.trainable]

    def get_updates_for(self, inputs: object) -> list[Any]:
        """The same, whatever the inputs (keras 2.2.4, engine/base_layer.py)."""
        return self.updates

    def set_weights(self, weights: Any) -> None:
        """Values that the class states after the initializers drew theirs."""
        super().set_weights(weights)
        for variable, value in zip(self.weights, weights, strict=True):
            recorder.emit("stated", variable, np.asarray(value))

    @property
    def legacy_config(self) -> Mapping[str, Any]:
        return self._legacy

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, LegacyLayer):  # of a class derived from this one, which is traced
            return super().__call__(*args, **kwargs)
        was_built = _has_weights(self)
        with scope(self):
            with muted():
                outputs = super().__call__(*args, **kwargs)
            if not was_built:
                recorder.emit("weights", self)
                if self.legacy_initial_weights is not None:
                    self.set_weights(self.legacy_initial_weights)
            recorder.emit("called", self, not was_built)
        return outputs

    def _lock_state(self) -> None:
        """The end of a build. Called by user source itself, a build makes weights outside of the layer's own name scope."""
        super()._lock_state()
        recorder.emit("weights", self)


def is_initializer(key: str) -> bool:
    """Whether an argument is an initializer: `init` is what Keras 1's own layers call theirs."""
    return key.endswith("_initializer") or key == "init"


def _has_weights(layer: keras.layers.Layer) -> bool:
    return bool(layer.built)


def todays_arguments(class_name: str, given: Mapping[str, object], recurrent: RecurrentDefaults = OLDEST) -> dict[str, Any]:
    """Legacy arguments as today's class takes them."""
    today = _TODAY_AS.get(class_name, class_name)
    settings = arguments.with_legacy_defaults(class_name, given, recurrent)
    for key, value in settings.items():
        if is_initializer(key):
            settings[key] = initial.today(value)
        elif key in {"activation", "recurrent_activation"}:
            settings[key] = arguments.activation(value)
    accepted = ACCEPTED.get(today, frozenset()) | COMMON
    return {key: value for key, value in settings.items() if key in accepted or key not in arguments.WITHOUT_EFFECT | LEGACY_ONLY}


def _plain(key: str, value: object) -> Any:
    """An argument as legacy configs hold it."""
    if is_initializer(key):
        return initial.OWN_FUNCTION if callable(value) and initial.legacy_config(value) is None else initial.legacy_config(value)
    if key in {"layer", "cell"} and isinstance(value, Stock):
        return {"class_name": value.legacy_class, "config": dict(value.legacy_config)}
    if key in {"cell", "cells"} and isinstance(value, list | tuple):
        cells = [_plain("cell", cell) for cell in value]
        return {"class_name": "StackedRNNCells", "config": {"cells": cells}} if key == "cell" else cells
    return value


def _settable(parent: object, role: str) -> property:
    """A weight that today's class only computes (keras 3.15, Dense.kernel from Dense._kernel) and subclasses in legacy source assign."""

    def get(layer: keras.layers.Layer) -> Any:
        own = vars(layer).get(f"_{role}")
        return getattr(parent, role).fget(layer) if own is None else own

    return property(get, lambda layer, value: setattr(layer, f"_{role}", value))


def stock_class(name: str, *, of_tensorflow: bool = False, recurrent: RecurrentDefaults = OLDEST) -> type:
    """The class that legacy source gets for a stock layer's name.

    Args:
        of_tensorflow: whether it is imported from tf.keras.
        recurrent: defaults of recurrent layers in the release that the source was written for.

    Raises:
        LackError: where today's Keras has no equal.
    """
    name = NAMES.get(name, name)
    key = name, of_tensorflow, recurrent
    if key not in _cache:
        parent = getattr(keras.layers, _TODAY_AS.get(name, name), None) or getattr(gone, name, None)
        if not isinstance(parent, type):
            raise LackError(f"the legacy layer {name} has no equal in today's Keras.", hint="Rewrite the class with layers that exist.")
        settable = {role: _settable(parent, role) for role in ("kernel", "embeddings") if isinstance(getattr(parent, role, None), property)}
        names = {
            "legacy_class": name, "keras1_calls": not of_tensorflow, "recurrent": recurrent,
            "derived": lambda: _derived(key), "__doc__": f"Legacy {name}.",
            "__module__": __name__,
        }  # fmt: skip
        made = Recording(name, (Stock, parent), {**names, **settable})
        _cache[key] = keras.saving.register_keras_serializable("legacy")(made)
    return _cache[key]


@functools.cache
def _derived(key: _Key) -> type:
    return derived_class(_cache[key], stock_class)
