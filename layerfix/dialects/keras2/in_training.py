"""Calls with `training=True`, which Keras 2 obeyed whatever the model was asked for: an argument of the call went before the phase (keras
2.2.4, normalization.py, `call`; tf.keras 2.15, base_layer.py, `_set_training_mode`). In Keras 3 the phase of the whole model goes before
it (keras 3.15, functional.py, `call`): `predict` makes nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from layerfix.containers.config import inside
from layerfix.dialects.composition import Composition
from layerfix.dialects.keras2.composed import operation
from layerfix.dialects.keras2.models import is_model
from layerfix.dialects.records import Source, is_entry, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Relay

_NORMALIZATIONS = frozenset({"BatchNormalization", "SyncBatchNormalization"})
_RATES = ("rate", "dropout", "recurrent_dropout", "stddev")
"""Arguments of layers that draw at random in training, where they are not 0."""
_DOUBT = (
    "it is called with training=True, and so goes by its batch, or draws at random, in `predict` too. Today's Keras overrides that in "
    "`predict`, and obeys where the model itself is called: use model(x), not model.predict(x)."
)


def training_inside(source: Source, entry: Entry) -> str | None:
    """A model called with `training=True` calls its layers so, unless they state otherwise (tf.keras 2.15, base_layer.py, `__call__`)."""
    if source.is_keras3:
        return None
    models = [(inner, list(_trains(inner))) for inner in entry["config"]["layers"] if is_model(inner)]
    forced = [model for model, trains in models if all(trains)]
    for inner in chain.from_iterable(map(inside, forced)):
        inner["in_training"] = True
    at_times = [model["name"] for model, trains in models if any(trains) and not all(trains) and _acts_in_training(model)]
    if at_times:
        entry["doubt"] = f"{', '.join(at_times)} is called with training=True in some places, which `predict` of today's Keras overrides."
    told = [*(model["name"] for model in forced), *at_times]
    return f"the layers of {', '.join(told)} are called with training=True" if told else None


def called_in_training(source: Source, entry: Entry) -> str | None:
    """A BatchNormalization called with `training=True` normalises by the batch when predicting too, as pix2pix and its kin have it. What
    else acts in training is left as it is, and doubted: no stock layer of today's draws in `predict`.

    Raises:
        GraphError: for a BatchNormalization that operations do not say.
    """
    trains = list(_trains(entry))
    if not any(trains) or _without_effect(source, entry):
        return None
    if not _is_normalization(entry):
        entry["doubt"] = _DOUBT
        return "called with training=True"
    axis = _axis(entry)
    if not all(trains) or axis is None or not _is_plain(source, entry):
        why = "is called with training=True where masks, half precision, renorm or other calls without it leave no equal in today's Keras."
        raise GraphError(f"a BatchNormalization {why}", where=entry["name"])
    normalise_by(entry, axis, epsilon=entry["config"].get("epsilon", 1e-3))
    return "called with training=True: normalises by the batch even when predicting, and leaves its moving averages behind"


def _trains(entry: Entry) -> Iterator[bool]:
    """Whether each call of a layer states or inherits `training=True`."""
    inherits = bool(entry.get("in_training"))
    calls = list(_stated(entry))
    yield from (inherits if stated is None else stated for stated in calls or [None])


def _stated(entry: Mapping[str, Any]) -> Iterator[bool | None]:
    """What each call says of `training`."""
    for node in entry.get("inbound_nodes") or ():
        told = (keywords.get("training") for keywords in _keywords(node))
        yield next((bool(value) for value in told if isinstance(value, bool | int)), None)


def _keywords(node: object) -> list[dict[str, Any]]:
    """What a call of Keras 2 states behind each of its references to tensors."""
    items = list(node.values()) if isinstance(node, Mapping) else node if isinstance(node, list) else []
    references = [items] if items and isinstance(items[0], str) else [item for item in items if isinstance(item, list)]
    return [reference[3] for reference in references if len(reference) > 3 and isinstance(reference[3], dict)]


def _without_effect(source: Source, entry: Entry) -> bool:
    """Whether it computes alike in training; a frozen BatchNormalization does in TensorFlow 2 (tf.keras 2.15, batch_normalization.py,
    `_get_training_value`).
    """
    if entry.get("custom"):
        return False
    return not _acts_in_training(entry) or (_is_normalization(entry) and _is_frozen(source, entry) and source.tensorflow1 is False)


def _is_normalization(entry: Entry) -> bool:
    return layer_class(entry) in _NORMALIZATIONS and not entry.get("custom")


def _is_frozen(source: Source, entry: Entry) -> bool:
    return source.is_tf_keras and entry["config"].get("trainable", True) is False


def _acts_in_training(entry: Mapping[str, Any]) -> bool:
    """Whether a layer, or one that it holds, computes otherwise in training."""
    name, config = layer_class(entry), entry["config"]
    random = name.startswith("Random") or (isinstance(config, dict) and any(config.get(key) for key in _RATES))
    acts = random or name in (*_NORMALIZATIONS, "SpectralNormalization")
    return acts or any(_acts_in_training(inner) for inner in inside(entry) if is_entry(inner))


def _axis(entry: Entry) -> int | None:
    """The axis of the channels; None where there is not just one."""
    axis = entry["config"].get("axis", -1)
    only = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    return only if isinstance(only, int) else None


def _is_plain(source: Source, entry: Entry) -> bool:
    """Whether operations say a BatchNormalization: in full precision, and no mask passes through it."""
    config = entry["config"]
    special = config.get("renorm") or config.get("virtual_batch_size") or (_is_frozen(source, entry) and source.tensorflow1 is None)
    return not special and not source.masks and (config.get("dtype") or "float32") == "float32"


def normalise_by(entry: Entry, axis: int, *, epsilon: float, below: float = 0.0, each_sample: bool = False) -> None:
    """Turns a BatchNormalization into operations that normalise by what they are given, and an EinsumDense of gamma and beta.

    Args:
        axis: of the channels.
        below: what is added to the deviation.
        each_sample: by its own channels, instead of each channel by the batch.
    """
    config, made = entry["config"], Composition(entry["name"])
    over = {"axis": -1} if each_sample else {"axes_except": -1}
    last = made.op("moveaxis", "start", made.start, {"source": axis, "destination": -1})
    mean, spread = (made.called(operation(name, f"{made.own}_{name}", keepdims=True, **over), last) for name in ("mean", "var"))
    root = made.op("sqrt", "root", made.op("add", "safe", spread, {"x2": epsilon}))
    divisor = made.op("add", "below", root, {"x2": below})
    normed = made.op("true_divide", "ratio", made.op("subtract", "centred", last, x2=mean), x2=divisor)
    gamma, beta = bool(config.get("scale", True)), bool(config.get("center", True))
    if gamma or beta:
        normed = made.layer(
            "EinsumDense", "scale", normed, equation="...c,c->...c", output_shape=[None], bias_axes="c" if beta else None,
            trainable=config.get("trainable", True),
        )  # fmt: skip
    made.end(entry, made.op("moveaxis", "end", normed, {"source": -1, "destination": axis}))
    entry["relay"] = Relay("without_moving_averages", count=2 + gamma + beta, untrained=2, scale=gamma)
    for keywords in chain.from_iterable(map(_keywords, entry.get("inbound_nodes") or ())):
        keywords.pop("training", None)
