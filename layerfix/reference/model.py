"""A whole legacy model in numpy: the graph of its config, the weights as stored, the semantics of the version that wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layerfix.containers.config import layer_list, layer_name, plain_class
from layerfix.containers.records import Checkpoint
from layerfix.errors import reason
from layerfix.legacy.operations import MODULES
from layerfix.legacy.versions import BROWSER
from layerfix.reference.attention import ATTENTION
from layerfix.reference.expressions import lambda_layer
from layerfix.reference.functions import HARD_SIGMOID3, Array, Unsupported
from layerfix.reference.layers import LAYERS
from layerfix.reference.operations import operation
from layerfix.reference.preprocessing import PREPROCESSING
from layerfix.reference.recurrent import RECURRENT, recurrent
from layerfix.reference.weights import Stored, stored

__all__ = ["Unsupported", "evaluate"]
_OPERATIONS = frozenset({"TFOpLambda", "SlicingOpLambda"})
_MASK_KEPT = frozenset(
    ["Activation", "ActivityRegularization", "BatchNormalization", "Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise",
     "LayerNormalization", "LeakyReLU", "PReLU", "ReLU", "SpatialDropout1D", "ThresholdedReLU"]
)  # fmt: skip
"""Classes that compute as if there were no mask and hand it on; whatever else meets a mask is refused."""
_MASK_LOST = frozenset({"Conv1D", "Flatten", "GlobalMaxPooling1D", "MaxPooling1D", "AveragePooling1D", "Permute", "RepeatVector"})
"""Classes of Keras 3 that compute as if there were no mask and end it (keras 3.15, layer.py, `supports_masking`)."""
_MERGES = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"})
_CALLED = frozenset({"training", "mask", "query_mask", "value_mask", "key_mask", "use_causal_mask", "return_attention_scores"})


@dataclass(frozen=True, slots=True)
class Tensor:
    """A value in the graph and the mask that legacy Keras hands on with it: (batch, steps) of booleans, or None."""

    value: Array
    mask: Array | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """How to compute.

    Attributes:
        release: the Keras that wrote the model.
        tf_keras: whether it was TensorFlow's.
        exact: float64 throughout; else in the precision that the model states, layer by layer.
    """

    release: tuple[int, ...]
    tf_keras: bool
    exact: bool


@dataclass(slots=True)
class _Graph:
    """Values so far, by (layer, call), of a functional model."""

    names: frozenset[str]
    values: dict[tuple[str, int], list[Tensor]] = field(default_factory=dict)

    def known(self, value: Any) -> bool:
        """Whether every tensor in a call's arguments is there."""
        if self.is_tensor(value):
            return self._key(value) in self.values
        items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        return all(map(self.known, items))

    def resolved(self, value: Any) -> Any:
        """Arguments with tensors in place of references."""
        if self.is_tensor(value):
            reference = value["config"]["keras_history"] if isinstance(value, Mapping) else value
            return self.values[self._key(value)][reference[2]]
        if isinstance(value, Mapping):
            return {key: self.resolved(item) for key, item in value.items()}
        return [self.resolved(item) for item in value] if isinstance(value, list) else value

    def is_tensor(self, value: Any) -> bool:
        """Whether a value refers to a tensor, as Keras 2 ([layer, call, tensor, ...]) or Keras 3 (`__keras_tensor__`) say."""
        if isinstance(value, Mapping):
            return value.get("class_name") == "__keras_tensor__"
        legacy = isinstance(value, list) and len(value) in (3, 4) and isinstance(value[0], str) and value[0] in self.names
        return legacy and type(value[1]) is int and type(value[2]) is int

    def _key(self, value: Any) -> tuple[str, int]:
        reference = value["config"]["keras_history"] if isinstance(value, Mapping) else value
        return reference[0], reference[1]


def evaluate(checkpoint: Checkpoint, inputs: Sequence[Array], *, exact: bool = True) -> list[Array]:
    """What the model predicts for a batch.

    Args:
        checkpoint: with a config; Keras 2, tf.keras or Keras 3, on TensorFlow.
        inputs: one array per model input.
        exact: in float64; else in the precision that the model states (float32, float16 where a layer's policy is mixed_float16), so that
            the difference of the two tells what rounding alone may do to this model.

    Raises:
        Unsupported: for a layer, setting or version that the reference does not know, naming it.
    """
    version, config = checkpoint.keras_version or "", checkpoint.config
    if version.startswith(BROWSER):
        version = "2.4.0"  # what TensorFlow.js computes as
    if not version.startswith(("2.", "3.")) or checkpoint.backend not in (None, "tensorflow") or config is None:
        raise Unsupported(
            f"the reference does not know Keras {version or 'of an unstated version'} on {checkpoint.backend or 'an unstated backend'}"
        )
    release = tuple(int(part) for part in version.partition("-")[0].split(".")[:2] if part.isdigit())
    setting = Setting(release, version.endswith("-tf") or release >= (2, 4), exact)
    given = [Tensor(_as_number(np.asarray(array), setting)) for array in inputs]
    try:
        with np.errstate(all="ignore"):
            return [tensor.value for tensor in _model(config, given, stored(checkpoint), setting)]
    except (LookupError, TypeError, ValueError, AttributeError) as error:  # a file that says less than is asked for here proves nothing
        raise Unsupported(f"the reference could not follow the model ({reason(error)})") from error


def _as_number(array: Array, setting: Setting) -> Array:
    return array if array.dtype.kind not in "f" else array.astype(np.float64 if setting.exact else np.float32)


def _model(entry: Mapping[str, Any], inputs: list[Tensor], weights: Stored, setting: Setting) -> list[Tensor]:
    entries, config = layer_list(entry) or [], entry["config"]
    if plain_class(entry["class_name"]) == "Sequential":
        values = inputs
        for child in entries:
            values = _layer(child, values, {}, weights, setting)
        return values
    references = _listed(config["input_layers"])
    graph = _Graph(frozenset(map(layer_name, entries)))
    graph.values = {(ref[0], 0): [tensor] for ref, tensor in zip(references, inputs, strict=True)}
    pending = [(child, index, *_arguments(node, graph)) for child in entries for index, node in _calls(child, entries, config)]
    while pending:
        waiting = []
        for child, index, arguments, keywords in pending:
            if not graph.known(arguments) or not graph.known(keywords):
                waiting.append((child, index, arguments, keywords))
                continue
            given = graph.resolved(arguments)
            found = _layer(child, given, graph.resolved(keywords), weights, setting)
            graph.values[layer_name(child), index] = found
        if len(waiting) == len(pending):
            raise Unsupported("the reference cannot follow this graph")
        pending = waiting
    return [graph.values[ref[0], ref[1]][ref[2]] for ref in _listed(config["output_layers"])]


def _listed(references: Any) -> list[list[Any]]:
    if not isinstance(references, list):
        raise Unsupported("the reference does not know models that take or give a structure")
    return [references] if references and isinstance(references[0], str) else references


def _calls(entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> list[tuple[int, Any]]:
    """The calls of a layer by number: nested models of Keras 2 count from 1, call 0 is on their own inputs."""
    nodes = entry.get("inbound_nodes") or []
    name = layer_name(entry)
    used = [number for other in entries for node in other.get("inbound_nodes") or [] for number in _numbers(node, name)]
    used += [ref[1] for ref in _listed(config["output_layers"]) if ref[0] == name]
    shift = max(0, max(used, default=0) - len(nodes) + 1) if layer_list(entry) else 0
    return [(index + shift, node) for index, node in enumerate(nodes)]


def _numbers(value: Any, name: str) -> list[int]:
    if isinstance(value, Mapping):
        history = value.get("config", {}).get("keras_history") if value.get("class_name") == "__keras_tensor__" else None
        return [history[1]] if history and history[0] == name else [n for item in value.values() for n in _numbers(item, name)]
    if not isinstance(value, list):
        return []
    own = [value[1]] if len(value) >= 3 and value[0] == name and type(value[1]) is int else []
    return own + [number for item in value for number in _numbers(item, name)]


def _arguments(node: Any, graph: _Graph) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments of a call, references unresolved."""
    if isinstance(node, Mapping):
        if node.keys() != {"args", "kwargs"}:
            raise Unsupported("the reference does not know calls with a structure of inputs")
        return list(node["args"]), dict(node["kwargs"])
    items = [node] if node and not isinstance(node[0], list) else list(node)
    if not all(isinstance(item, list) and len(item) >= 3 for item in items):
        raise Unsupported("the reference does not know calls with a structure of inputs")
    if any(not graph.is_tensor(item) for item in items):
        raise Unsupported("the reference does not know a call on a constant")
    keywords: dict[str, Any] = {}
    for item in items:
        keywords |= item[3] if len(item) > 3 and item[3] else {}
    return [item[:3] for item in items], keywords


def _layer(entry: Mapping[str, Any], inputs: list[Any], keywords: dict[str, Any], weights: Stored, setting: Setting) -> list[Tensor]:
    name, config = plain_class(entry["class_name"]), entry["config"]
    if name == "InputLayer":
        return inputs
    if name in _OPERATIONS or _is_operation(entry, setting):
        bare = _values(inputs)
        stated = config if name not in _OPERATIONS else {}
        function = str(config["function"]) if name in _OPERATIONS else name
        if name == "TFOpLambda" and function.rsplit(".", 1)[-1] in {"concat", "stack"}:
            bare = [bare]
        return [_rounded(operation(function, bare, {**stated, **_values(keywords)}), entry, setting)]
    tensors = [tensor for item in inputs for tensor in (item if isinstance(item, list) else [item])]
    unknown = {key for key, value in keywords.items() if value not in (None, False)} - _CALLED - {"initial_state", "value", "key", "query"}
    if unknown:
        raise Unsupported(f"the reference does not know the call argument {sorted(unknown)[0]} of {layer_name(entry)}")
    if layer_list(entry):
        return _model(entry, tensors, weights.of(entry), setting)
    arrays = [_precise(array, entry, setting) for array in weights.arrays(entry)]
    given = [Tensor(_precise(tensor.value, entry, setting), _mask(tensor, keywords)) for tensor in tensors]
    found = _computed(name, entry, given, keywords, arrays, weights, setting)
    return [_rounded(tensor.value, entry, setting, tensor.mask) for tensor in found]


def _is_operation(entry: Mapping[str, Any], setting: Setting) -> bool:
    """Whether an entry of Keras 3 is an operation: its module says so, or in an `.h5`, which names none, that it is not trained."""
    if entry.get("module"):
        return str(entry["module"]).startswith("keras.src.ops")
    return setting.release >= (3,) and plain_class(entry["class_name"]) in MODULES and "trainable" not in entry["config"]


def _mask(tensor: Tensor, keywords: Mapping[str, Any]) -> Array | None:
    stated = keywords.get("mask")
    return stated.value.astype(bool) if isinstance(stated, Tensor) else tensor.mask


def _computed(
    name: str,
    entry: Mapping[str, Any],
    given: list[Tensor],
    keywords: dict[str, Any],
    arrays: list[Array],
    weights: Stored,
    setting: Setting,
) -> list[Tensor]:
    config = _spoken(entry["config"], setting)
    values, mask = [tensor.value for tensor in given], given[0].mask
    if name in RECURRENT:
        states = keywords.get("initial_state")
        states = [] if states is None else states if isinstance(states, list) else [states]
        return [
            Tensor(*pair) for pair in recurrent(name, config, values + [state.value for state in states], arrays, mask, setting.tf_keras)
        ]
    if name == "TimeDistributed":
        return _timewise(entry, given[0], weights, arrays, setting)
    if name in ATTENTION:
        if any(tensor.mask is not None for tensor in given) or any(
            keywords.get(key) for key in ("use_causal_mask", "query_mask", "value_mask")
        ):
            raise Unsupported(f"the reference does not follow masks into {name}")
        named = [keywords[key].value for key in ("value", "key") if isinstance(keywords.get(key), Tensor)]
        return [Tensor(ATTENTION[name](config, values + named, arrays))]
    if name == "Masking":
        kept = np.any(values[0] != config["mask_value"], axis=-1)
        return [Tensor(values[0] * kept[..., None], kept)]
    if name == "Embedding":
        return [Tensor(LAYERS[name](config, values, arrays), values[0] != 0 if config.get("mask_zero") else None)]
    if name == "SpectralNormalization":
        inner = config["layer"]
        vector = next((place for place in (1, 2) if arrays[place - 1].shape[:1] == (1,) and arrays[place - 1].ndim == 2), 0)
        return [Tensor(LAYERS[plain_class(inner["class_name"])](inner["config"], values, arrays[vector:]))]
    if name == "Lambda":
        return [Tensor(array) for array in lambda_layer(entry, values)]
    table = PREPROCESSING if name in PREPROCESSING else LAYERS
    if name not in table:
        raise Unsupported(f"the reference does not know {name}")
    if setting.release >= (3,) and name in _MASK_LOST:
        return [Tensor(table[name](config, values, arrays))]
    if name in _MERGES:
        return [Tensor(table[name](config, values, arrays), _merged(name, config, given, setting.release))]
    if any(tensor.mask is not None for tensor in given) and name not in _MASK_KEPT:
        raise Unsupported(f"the reference does not follow masks into {name}")
    return [Tensor(table[name](config, values, arrays), mask)]


def _merged(name: str, config: Mapping[str, Any], given: Sequence[Tensor], release: tuple[int, ...]) -> Array | None:
    """The mask behind a merge: a step counts where all branches have it; until Keras 3.4 never; since then where any has it (keras 2.2.4,
    merge.py, keras 3.3, layer.py, and keras 3.4, base_merge.py and concatenate.py, `compute_mask`)."""
    masks = [tensor.mask for tensor in given]
    if all(mask is None for mask in masks) or (3,) <= release < (3, 4):
        return None
    either = release >= (3, 4)
    if name == "Concatenate":
        whole = [_spread(tensor) for tensor in given]
        joined = np.concatenate(whole, axis=config["axis"])
        return np.asarray(joined.any(-1) if either else joined.all(-1))
    known = np.stack([mask for mask in masks if mask is not None])
    if either:
        return None if len(known) < len(masks) else np.asarray(known.any(0))
    return np.asarray(known.all(0))


def _spread(tensor: Tensor) -> Array:
    """A mask of the tensor's own shape; all true where it has none."""
    ones = np.ones(tensor.value.shape, bool)
    if tensor.mask is None:
        return ones
    return ones & (tensor.mask[..., None] if tensor.mask.ndim < ones.ndim else tensor.mask)


def _timewise(entry: Mapping[str, Any], given: Tensor, weights: Stored, arrays: list[Array], setting: Setting) -> list[Tensor]:
    """A layer or model at each step."""
    inner, x = entry["config"]["layer"], given.value
    flat = [Tensor(x.reshape((-1, *x.shape[2:])))]
    if layer_list(inner):
        found = _model(inner, flat, weights.within(entry, inner), setting)[0].value
    else:
        found = _computed(plain_class(inner["class_name"]), inner, flat, {}, arrays, weights, setting)[0].value
    return [Tensor(found.reshape((*x.shape[:2], *found.shape[1:])), given.mask)]


def _spoken(config: Mapping[str, Any], setting: Setting) -> Mapping[str, Any]:
    """The config, its activations by names that mean one thing in every release."""
    if config.get("interpolation") == "bilinear" and setting.tf_keras and setting.release >= (2, 3):
        config = {**config, "half_pixels": True}
    if setting.release < (3,):
        return config
    named: dict[str, Any] = {key: HARD_SIGMOID3 for key in ("activation", "recurrent_activation") if config.get(key) == "hard_sigmoid"}
    inner = config.get("layer")
    if isinstance(inner, Mapping) and isinstance(inner.get("config"), Mapping):
        named["layer"] = {**inner, "config": _spoken(inner["config"], setting)}
    return {**config, **named}


def _values(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.value
    if isinstance(value, Mapping):
        return {key: _values(item) for key, item in value.items()}
    return [_values(item) for item in value] if isinstance(value, list) else value


def _computes(entry: Mapping[str, Any]) -> str:
    """The precision that a layer computes in: float16 under the policy mixed_float16."""
    stated = entry["config"].get("dtype")
    while isinstance(stated, Mapping):
        stated = stated.get("config", {}).get("name")
    return {"mixed_float16": "float16", "float16": "float16", "mixed_bfloat16": "bfloat16"}.get(str(stated), "float32")


def _precise(array: Array, entry: Mapping[str, Any], setting: Setting) -> Array:
    """A float in the precision of the layer, held in one that numpy computes in."""
    if array.dtype.kind != "f":
        return array
    if setting.exact:
        return array.astype(np.float64)
    kind = _computes(entry)
    if kind == "bfloat16":
        bits = array.astype(np.float32).view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)
    return array.astype(kind).astype(np.float32)


def _rounded(value: Array, entry: Mapping[str, Any], setting: Setting, mask: Array | None = None) -> Tensor:
    return Tensor(_precise(np.asarray(value), entry, setting), mask)
