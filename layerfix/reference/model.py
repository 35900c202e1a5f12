"""A whole legacy model in numpy: the graph of its config, the weights as stored, the semantics of the version that wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint
from layerfix.errors import reason
from layerfix.legacy.versions import BROWSER
from layerfix.model import Layer, Model, Operation, StatedOperation
from layerfix.reference.attention import ATTENTION
from layerfix.reference.chains import MASKED
from layerfix.reference.expressions import lambda_layer
from layerfix.reference.functions import Unsupported
from layerfix.reference.layers import LAYERS
from layerfix.reference.masked_values import Value, Values, bare, known, resolved
from layerfix.reference.masks import MERGES, merged_mask
from layerfix.reference.normalizations import by_the_batch
from layerfix.reference.operations import operation
from layerfix.reference.preprocessing import PREPROCESSING
from layerfix.reference.reading import stated_model
from layerfix.reference.recurrent import RECURRENT, recurrent
from layerfix.reference.setting import Setting, precise, spoken
from layerfix.reference.weights import Stored, stored

__all__ = ["LegacyModel", "Unsupported", "evaluate", "legacy_model"]
_MASK_KEPT = frozenset(
    ["Activation", "ActivityRegularization", "BatchNormalization", "Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise",
     "LayerNormalization", "LeakyReLU", "PReLU", "ReLU", "SpatialDropout1D", "ThresholdedReLU"]
)  # fmt: skip
"""Classes that compute as if there were no mask and hand it on; whatever else meets a mask is refused."""
_MASK_LOST = frozenset({"Conv1D", "Flatten", "GlobalMaxPooling1D", "MaxPooling1D", "AveragePooling1D", "Permute", "RepeatVector"})
"""Classes of Keras 3 that compute as if there were no mask and end it (keras 3.15, layer.py, `supports_masking`)."""
_CALLED = frozenset({"training", "mask", "query_mask", "value_mask", "key_mask", "use_causal_mask", "return_attention_scores"})


@dataclass(frozen=True, slots=True)
class LegacyModel:
    """A legacy model and its weights, read once.

    Attributes:
        model: its config in the words of the release that wrote it.
        weights: as stored.
        release, tf_keras, browser: see `Setting`.
    """

    model: Model
    weights: Stored
    release: tuple[int, ...]
    tf_keras: bool
    browser: bool

    def evaluate(self, inputs: Sequence[Array], *, exact: bool = True) -> list[Array]:
        """What it predicts for a batch, one array per input and output; see `evaluate`."""
        setting = Setting(self.release, self.tf_keras, exact, self.browser)
        with _followed(), np.errstate(all="ignore"):
            given = [Value(_as_number(np.asarray(array), setting)) for array in inputs]
            return [value.array for value in _model(self.model, given, self.weights, setting)]


def legacy_model(checkpoint: Checkpoint) -> LegacyModel:
    """A checkpoint's model for the reference.

    Args:
        checkpoint: with a config; Keras 2, tf.keras or Keras 3, on TensorFlow.

    Raises:
        Unsupported: for a version or a graph that the reference does not know, naming it.
    """
    version, config = checkpoint.keras_version or "", checkpoint.config
    browser = version.startswith(BROWSER)
    if browser:
        version = "2.4.0"  # what TensorFlow.js computes as
    if not version.startswith(("2.", "3.")) or checkpoint.backend not in (None, "tensorflow") or config is None:
        raise Unsupported(
            f"the reference does not know Keras {version or 'of an unstated version'} on {checkpoint.backend or 'an unstated backend'}"
        )
    release = tuple(int(part) for part in version.partition("-")[0].split(".")[:2] if part.isdigit())
    with _followed():
        model = stated_model(config)
        return LegacyModel(model, stored(checkpoint, model), release, version.endswith("-tf") or release >= (2, 4), browser)


def evaluate(checkpoint: Checkpoint, inputs: Sequence[Array], *, exact: bool = True) -> list[Array]:
    """What the model of a checkpoint predicts for a batch.

    Args:
        checkpoint: see `legacy_model`.
        inputs: one array per model input.
        exact: in float64; else in the precision that the model states (float32, float16 where a layer's policy is mixed_float16), so that
            the difference of the two tells what rounding alone may do to this model.

    Raises:
        Unsupported: for a layer, setting or version that the reference does not know, naming it.
    """
    return legacy_model(checkpoint).evaluate(inputs, exact=exact)


@contextmanager
def _followed() -> Iterator[None]:
    """A file that says less than is asked for here proves nothing."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unsupported(f"the reference could not follow the model ({reason(error)})") from error


def _as_number(array: Array, setting: Setting) -> Array:
    return array if array.dtype.kind not in "f" else array.astype(np.float64 if setting.exact else np.float32)


def _model(model: Model, inputs: list[Value], weights: Stored, setting: Setting) -> list[Value]:
    if model.kind == "Sequential":
        found = inputs
        for layer in model.layers:
            found = _layer(layer, found, {}, weights, setting)
        return found
    values: Values = {(tensor.layer, 0): [value] for tensor, value in zip(model.inputs, inputs, strict=True)}
    pending = [(layer, index, call) for layer in model.layers for index, call in enumerate(layer.calls)]
    while pending:
        waiting = []
        for layer, index, call in pending:
            if not known([call.args, call.kwargs], values):
                waiting.append((layer, index, call))
                continue
            given, keywords = resolved(call.args, values), resolved(call.kwargs, values)
            values[layer.name, index] = _layer(layer, given, keywords, weights, setting)
        if len(waiting) == len(pending):
            raise Unsupported("the reference cannot follow this graph")
        pending = waiting
    return [values[tensor.layer, tensor.call][tensor.place] for tensor in model.outputs]


def _layer(layer: Layer, inputs: list[Any], keywords: dict[str, Any], weights: Stored, setting: Setting) -> list[Value]:
    if layer.is_input:
        return inputs
    if layer.operation is not None:
        return [_rounded(_operated(layer.operation, bare(inputs), bare(keywords)), layer, setting)]
    values = [value for item in inputs for value in (item if isinstance(item, list) else [item])]
    unknown = {key for key, value in keywords.items() if value not in (None, False)} - _CALLED - {"initial_state", "value", "key", "query"}
    if unknown:
        raise Unsupported(f"the reference does not know the call argument {sorted(unknown)[0]} of {layer.name}")
    trains = setting.release < (3,) and keywords.get("training") not in (None, False, 0)  # Keras 3 overrides it in `predict`
    if trains and layer.class_name != "BatchNormalization":
        raise Unsupported(f"the reference computes as in `predict`, and {layer.name} is called with training=True")
    if layer.model is not None:
        return _model(layer.model, values, weights.of(layer), setting)
    arrays = [precise(array, layer, setting) for array in weights.arrays(layer)]
    given = [Value(precise(value.array, layer, setting), _mask(value, keywords)) for value in values]
    if trains:
        arrays = by_the_batch(spoken(layer.settings, setting), given[0].array, arrays, setting)
    found = _computed(layer, given, keywords, arrays, weights, setting)
    return [_rounded(value.array, layer, setting, value.mask) for value in found]


def _operated(stated: Operation | StatedOperation, inputs: list[Any], keywords: dict[str, Any]) -> Array:
    if isinstance(stated, StatedOperation):
        return operation(stated.class_name, inputs, {**stated.settings, **keywords})
    joins = stated.function.rsplit(".", 1)[-1] in {"concat", "stack"}
    return operation(stated.function, [inputs] if joins else inputs, keywords)


def _mask(value: Value, keywords: Mapping[str, object]) -> Array | None:
    stated = keywords.get("mask")
    return stated.array.astype(bool) if isinstance(stated, Value) else value.mask


def _computed(
    layer: Layer, given: list[Value], keywords: dict[str, Any], arrays: list[Array], weights: Stored, setting: Setting
) -> list[Value]:
    name, config = layer.class_name, spoken(layer.settings, setting)
    values, mask = [value.array for value in given], given[0].mask
    if name in RECURRENT:
        states = keywords.get("initial_state")
        states = [] if states is None else states if isinstance(states, list) else [states]
        return [
            Value(*pair) for pair in recurrent(name, config, values + [state.array for state in states], arrays, mask, setting.tf_keras)
        ]
    if name == "TimeDistributed":
        return _timewise(layer, given[0], weights, arrays, setting)
    if name in MASKED:
        return MASKED[name](config, given[0], arrays)
    if name in ATTENTION:
        return [_attended(name, config, given, keywords, arrays)]
    if name == "Masking":
        kept = np.any(values[0] != config["mask_value"], axis=-1)
        return [Value(values[0] * kept[..., None], kept)]
    if name == "Embedding":
        return [Value(LAYERS[name](config, values, arrays), values[0] != 0 if config.get("mask_zero") else None)]
    if name == "SpectralNormalization":
        return [_normalized(layer.wrapped["layer"], values, arrays, setting)]
    if name == "Lambda":
        return [Value(array) for array in lambda_layer(layer.expression, values)]
    table = PREPROCESSING if name in PREPROCESSING else LAYERS
    if name not in table:
        raise Unsupported(f"the reference does not know {name}")
    if setting.release >= (3,) and name in _MASK_LOST:
        return [Value(table[name](config, values, arrays))]
    if name in {"Multiply", "Maximum", "Minimum"} and setting.release >= (3, 4) and any(value.mask is not None for value in given):
        raise Unsupported(f"the reference does not know what {name} makes of masked steps since Keras 3.4")
    if name in MERGES:
        return [
            Value(table[name](config, values, arrays), merged_mask(name, config, values, [value.mask for value in given], setting.release))
        ]
    if any(value.mask is not None for value in given) and name not in _MASK_KEPT:
        raise Unsupported(f"the reference does not follow masks into {name}")
    return [Value(table[name](config, values, arrays), mask)]


def _attended(name: str, config: Mapping[str, Any], given: list[Value], keywords: Mapping[str, Any], arrays: list[Array]) -> Value:
    masked = any(value.mask is not None for value in given)
    if masked or any(keywords.get(key) for key in ("use_causal_mask", "query_mask", "value_mask")):
        raise Unsupported(f"the reference does not follow masks into {name}")
    named = [keywords[key].array for key in ("value", "key") if isinstance(keywords.get(key), Value)]
    return Value(ATTENTION[name](config, [value.array for value in given] + named, arrays))


def _normalized(inner: Layer, values: list[Array], arrays: list[Array], setting: Setting) -> Value:
    """The layer in a SpectralNormalization, without the vector that estimates its norm, which stands first or second."""
    vector = next((place for place in (1, 2) if arrays[place - 1].shape[:1] == (1,) and arrays[place - 1].ndim == 2), 0)
    return Value(LAYERS[inner.class_name](spoken(inner.settings, setting), values, arrays[vector:]))


def _timewise(layer: Layer, given: Value, weights: Stored, arrays: list[Array], setting: Setting) -> list[Value]:
    """A layer or model at each step."""
    inner, x = layer.wrapped["layer"], given.array
    flat = [Value(x.reshape((-1, *x.shape[2:])))]
    if inner.model is not None:
        found = _model(inner.model, flat, weights.within(layer, inner), setting)[0].array
    else:
        found = _computed(inner, flat, {}, arrays, weights, setting)[0].array
    return [Value(found.reshape((*x.shape[:2], *found.shape[1:])), given.mask)]


def _rounded(array: Array, layer: Layer, setting: Setting, mask: Array | None = None) -> Value:
    return Value(precise(np.asarray(array), layer, setting), mask)
