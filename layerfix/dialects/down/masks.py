"""Masks. Keras 3 writes them into the graph, as operations and `mask` arguments; older Keras makes them itself, wherever a layer runs.

A `mask` argument may be left out only where it is the very mask that the older layer gets by itself: that of a Masking or an Embedding,
passed on by layers that pass masks on. Any other is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerfix.dialects.down.references import Tensor, is_tensor, tensor, tensors
from layerfix.dialects.down.saying import Config, Saying, words

_ARGUMENTS = {"mask": 0, "query_mask": 0, "value_mask": 1, "key_mask": 2}
"""The arguments that carry masks, and which of the tensors the mask is of."""
_PASSING = frozenset(
    [
        "Activation",
        "ActivityRegularization",
        "AlphaDropout",
        "BatchNormalization",
        "Dense",
        "Dropout",
        "ELU",
        "GaussianDropout",
        "GaussianNoise",
        "LayerNormalization",
        "LeakyReLU",
        "PReLU",
        "ReLU",
        "Softmax",
        "SpatialDropout1D",
        "UnitNormalization",
        "Masking",
    ]
)
"""Layers that hand a mask on as it is, in every generation."""
_POINTWISE = frozenset({"Activation", "BatchNormalization", "Dense", "Dropout", "ELU", "LeakyReLU", "PReLU", "ReLU"})
"""Layers that are the same under a mask in a TimeDistributed, which hands the mask on (keras 2.2.4,
wrappers.py, `compute_mask`)."""
_ENDING = frozenset(
    [
        "AveragePooling1D",
        "Conv1D",
        "Cropping1D",
        "Flatten",
        "GlobalAveragePooling1D",
        "GlobalMaxPooling1D",
        "MaxPooling1D",
        "Permute",
        "RepeatVector",
        "Reshape",
        "SeparableConv1D",
        "UpSampling1D",
        "ZeroPadding1D",
    ]
)
"""Layers behind which there is no mask, in tf.keras (tensorflow 2.4 to 2.15, base_layer.py,
`_set_mask_metadata`) as in Keras 3; multi-backend Keras does not take a mask there at all."""
_SEQUENCES = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"})
_CONSUMING = _SEQUENCES | {"GlobalAveragePooling1D", "MultiHeadAttention", "Attention", "AdditiveAttention", "TimeDistributed", "Softmax"}
"""Layers whose outputs a mask changes."""
_UNKNOWN = ("unknown",)
Mask = tuple[Any, ...]


def is_operation(entry: Config) -> bool:
    """Whether an entry of a graph is an operation of `keras.ops` and no layer."""
    return ".ops." in f".{entry.get('module')}."


def implicit(saying: Saying, layers: list[Config], path: str) -> list[Config]:
    """The graph without the masks that the target makes by itself; each other mask is refused."""
    made = {entry["name"]: entry for entry in layers}
    flows: dict[Tensor, Mask | None] = {}
    for entry in layers:
        for number, node in enumerate(entry.get("inbound_nodes") or ()):
            where = f"{path}{entry['name']}"
            flows[Tensor(entry["name"], number, 0)] = _through(saying, entry, node, flows, made, where)
    return layers


def unused(layers: list[Config], outputs: object) -> list[Config]:
    """The graph without operations whose outputs nobody takes any more."""
    while True:
        used = {
            tensor(one).layer
            for entry in layers
            for node in entry.get("inbound_nodes") or ()
            for one in tensors([node["args"], node["kwargs"]])
        }
        used |= set(words(outputs))
        kept = [entry for entry in layers if entry["name"] in used or not is_operation(entry)]
        if len(kept) == len(layers):
            return kept
        layers = kept


def _through(
    saying: Saying, entry: Config, node: Config, flows: Mapping[Tensor, Mask | None], made: Mapping[str, Config], where: str
) -> Mask | None:
    """The mask that leaves a call in older Keras; arguments that state what comes in anyway are taken out of it."""
    name, config = str(entry["class_name"]), entry["config"]
    coming = [flows.get(tensor(one)) for one in tensors(node["args"])]
    if is_operation(entry):
        return None
    stated = {key: node["kwargs"][key] for key in _ARGUMENTS if node["kwargs"].get(key) is not None}
    told = [_stated(mask, made) for mask in _per_tensor(name, stated, len(coming))]
    if name == "MultiHeadAttention" and not stated:
        told = coming  # it takes the masks of its tensors by itself in Keras 3 as well, and writes none of them
    if name in _CONSUMING or stated:
        if any(_differ(one, two) for one, two in zip(told, coming, strict=False)) or len(told) > len(coming):
            saying.refuse(where, "a mask that older Keras would not make by itself")
        elif name == "MultiHeadAttention" and any(coming) and saying.target.numbers < (2, 10):
            saying.refuse(where, "masked MultiHeadAttention")
        else:
            _refuse_masked(saying, entry, coming, where)
    for key in stated:
        node["kwargs"].pop(key)
        saying.fire("implicit_mask", where, f"{key} is made by the layers themselves")
    source = next(map(tensor, tensors(node["args"])), None)
    return _leaving(saying, name, config, source, coming, where)


def along(saying: Saying, layers: list[Config], prefix: str) -> None:
    """Follows a mask through a Sequential model, where none is ever stated."""
    mask: Mask | None = None
    for entry in layers:
        name, where = str(entry["class_name"]), f"{prefix}{entry['config'].get('name')}"
        _refuse_masked(saying, entry, [mask], where)
        mask = _leaving(saying, name, entry["config"], None, [mask], where)


def _refuse_masked(saying: Saying, entry: Config, coming: list[Mask | None], where: str) -> None:
    """Layers whose outputs a mask changes in another way there."""
    name = str(entry["class_name"])
    other = saying.multi and name in ("Attention", "AdditiveAttention", "TimeDistributed") and not _passes(name, entry["config"])
    if any(coming) and (other or (name == "Bidirectional" and not _fills_alike(saying, entry["config"]["layer"]["config"]))):
        saying.refuse(where, f"masked {name}")


def _passes(name: str, config: Config) -> bool:
    """Whether a layer hands a mask on as it is."""
    return name in _PASSING or (name == "TimeDistributed" and config["layer"]["class_name"] in _POINTWISE)


def _fills_alike(saying: Saying, inner: Config) -> bool:
    """Whether a Bidirectional has the same at the steps where a mask is off.

    tf.keras writes zeros there, multi-backend Keras keeps the last output, as layers do today whose
    `zero_output_for_mask` is None (keras 3.15, bidirectional.py); the last step alone is one in both.
    """
    if saying.target.dialect == "tfjs":
        return False
    keeps = inner.get("zero_output_for_mask") is None
    return not inner.get("return_sequences") or keeps == saying.multi


def _leaving(saying: Saying, name: str, config: Config, source: Tensor | None, coming: list[Mask | None], where: str) -> Mask | None:
    """The mask behind a layer."""
    if name == "Masking":
        return ("Masking", source, float(config["mask_value"]))
    if name == "Embedding":
        return ("Embedding", source) if config.get("mask_zero") else None
    if not any(coming):
        return None
    if _passes(name, config):
        return coming[0]
    if name in _SEQUENCES:
        inner = config["layer"]["config"] if name == "Bidirectional" else config
        return coming[0] if inner.get("return_sequences") else None
    if saying.multi and name not in _CONSUMING:
        saying.refuse(where, f"{name} of what is masked")
    return None if name in _ENDING else _UNKNOWN


def _per_tensor(name: str, stated: Mapping[str, object], number: int) -> list[Any]:
    """The mask stated for each tensor that a layer is called on."""
    whole = stated.get("mask")
    if isinstance(whole, list):
        return [*whole, *[None] * (number - len(whole))]
    found: list[Any] = [None] * max(number, 1)
    for key, value in stated.items():
        place = _ARGUMENTS[key]
        if place < len(found):
            found[place] = value
    if name == "MultiHeadAttention" and number == 2 and stated.get("key_mask") is not None and stated.get("value_mask") is None:
        found.append(stated["key_mask"])
    return found


def _stated(value: object, made: Mapping[str, Config]) -> Mask | None:
    """The layer's rule that a stated mask is: NotEqual(ids, 0) of an Embedding, Any(NotEqual(x, value), -1) of a Masking."""
    if value is None:
        return None
    source = made.get(tensor(value).layer) if is_tensor(value) else None
    if source is None or not is_operation(source):
        return _UNKNOWN
    args = source["inbound_nodes"][0]["args"]
    if source["class_name"] == "NotEqual" and is_tensor(args[0]) and args[1:] == [0]:
        return ("Embedding", tensor(args[0]))
    if source["class_name"] == "Any" and source["config"].get("axis") in (-1, [-1]) and not source["config"].get("keepdims"):
        inner = made.get(tensor(args[0]).layer)
        given = inner["inbound_nodes"][0]["args"] if inner is not None and inner["class_name"] == "NotEqual" else [None]
        if is_tensor(given[0]) and len(given) == 2 and isinstance(given[1], (int, float)):
            return ("Masking", tensor(given[0]), float(given[1]))
    return _UNKNOWN


def _differ(one: Mask | None, two: Mask | None) -> bool:
    return one != two or _UNKNOWN in (one, two)
