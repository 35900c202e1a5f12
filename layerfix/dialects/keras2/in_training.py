"""Calls with `training=True`, which Keras 2 obeyed whatever the model was asked for: an argument of the call went before the phase (keras
2.2.4, normalization.py, `call`; tf.keras 2.15, base_layer.py, `_set_training_mode`). In Keras 3 the phase of the whole model goes before
it (keras 3.15, functional.py, `call`): `predict` makes nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from layerfix.containers.config import layer_list
from layerfix.dialects.keras2.composed import become_functional, layer, operation
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
    models = {inner["name"]: (inner, list(_trains(inner))) for inner in entry["config"]["layers"] if is_model(inner)}
    forced = [name for name, (_, trains) in models.items() if any(trains) and all(trains)]
    for name in forced:
        for inner in layer_list(models[name][0]) or ():
            inner["in_training"] = True  # type: ignore[index]
    at_times = [name for name, (inner, trains) in models.items() if any(trains) and not all(trains) and _acts_in_training(inner)]
    if at_times:
        entry["doubt"] = f"{', '.join(at_times)} is called with training=True in some places, which `predict` of today's Keras overrides."
    told = [*forced, *at_times]
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
    if all(trains) and _is_plain(source, entry):
        axis = entry["config"].get("axis", -1)
        normalise_by(entry, axis[0] if isinstance(axis, list) else axis, epsilon=entry["config"].get("epsilon", 1e-3))
        return "called with training=True: normalises by the batch even when predicting, and leaves its moving averages behind"
    if layer_class(entry) in _NORMALIZATIONS and not entry.get("custom"):
        why = "is called with training=True where masks, half precision, renorm or other calls without it leave no equal in today's Keras."
        raise GraphError(f"a BatchNormalization {why}", where=entry["name"])
    entry["doubt"] = _DOUBT
    return "called with training=True"


def _trains(entry: Entry) -> Iterator[bool]:
    """Whether each call of a layer states or inherits `training=True`."""
    inherits = bool(entry.get("in_training"))
    calls = list(_stated(entry))
    yield from (inherits if stated is None else stated for stated in calls or [None])


def _stated(entry: Mapping[str, Any]) -> Iterator[bool | None]:
    """What each call says of `training`, as Keras 2 writes it: behind the reference to a tensor."""
    for node in entry.get("inbound_nodes") or ():
        told = [items[3].get("training") for items in _references(node) if len(items) > 3 and isinstance(items[3], dict)]
        yield next((bool(value) for value in told if isinstance(value, bool | int)), None)


def _references(node: object) -> list[list[Any]]:
    items = list(node.values()) if isinstance(node, Mapping) else node if isinstance(node, list) else []
    return [items] if items and isinstance(items[0], str) else [item for item in items if isinstance(item, list)]


def _without_effect(source: Source, entry: Entry) -> bool:
    """Whether it computes alike in training; a frozen BatchNormalization does in TensorFlow 2 (tf.keras 2.15, batch_normalization.py,
    `_get_training_value`).
    """
    if entry.get("custom"):
        return False
    frozen = _is_frozen(source, entry) and source.tensorflow1 is False
    return not _acts_in_training(entry) or (layer_class(entry) in _NORMALIZATIONS and frozen)


def _is_frozen(source: Source, entry: Entry) -> bool:
    return source.is_tf_keras and entry["config"].get("trainable", True) is False


def _acts_in_training(entry: Mapping[str, Any]) -> bool:
    layers = layer_list(entry)
    if layers is not None:
        return any(map(_acts_in_training, layers))
    name, config = layer_class(entry), entry["config"]
    inside = [part for key in ("layer", "backward_layer", "cell") if is_entry(part := config.get(key))]
    random = name.startswith("Random") or any(config.get(key) for key in _RATES)
    return random or name in (*_NORMALIZATIONS, "SpectralNormalization") or any(map(_acts_in_training, [*inside, *config.get("cells", ())]))


def _is_plain(source: Source, entry: Entry) -> bool:
    """Whether operations say a layer: a BatchNormalization in full precision that no mask passes through."""
    config = entry["config"]
    axis, special = config.get("axis", -1), config.get("renorm") or config.get("virtual_batch_size")
    special = special or (_is_frozen(source, entry) and source.tensorflow1 is None)
    stock = layer_class(entry) in _NORMALIZATIONS and not entry.get("custom")
    single = isinstance(axis, int) or (isinstance(axis, list) and len(axis) == 1)
    return stock and single and not special and not source.masks and (config.get("dtype") or "float32") == "float32"


def normalise_by(entry: Entry, axis: int, *, epsilon: float, below: float = 0.0, each_sample: bool = False) -> None:
    """Turns a BatchNormalization into operations that normalise by what they are given, and an EinsumDense of gamma and beta.

    Args:
        axis: of the channels.
        below: what is added to the deviation.
        each_sample: by its own channels, instead of each channel by the batch.
    """
    config, own = entry["config"], entry["name"]
    over = {"axis": -1} if each_sample else {"axes_except": -1}
    start, end = layer("InputLayer", f"{own}_input"), operation("moveaxis", f"{own}_end", source=-1, destination=axis)
    before = operation("moveaxis", f"{own}_start", source=axis, destination=-1)
    mean, spread = (operation(name, f"{own}_{name}", keepdims=True, **over) for name in ("mean", "var"))
    safe, root = operation("add", f"{own}_safe", x2=epsilon), operation("sqrt", f"{own}_root")
    divisor = operation("add", f"{own}_below", x2=below)
    centred, ratio = operation("subtract", f"{own}_centred"), operation("true_divide", f"{own}_ratio")
    gamma, beta = bool(config.get("scale", True)), bool(config.get("center", True))
    scale = layer("EinsumDense", f"{own}_scale", equation="...c,c->...c", output_shape=[None], bias_axes="c" if beta else None)
    scale["config"]["trainable"] = config.get("trainable", True)
    links = [
        (before, start), (mean, before), (spread, before), (safe, spread), (root, safe), (divisor, root),
        (centred, before, mean), (ratio, centred, divisor), *([(scale, ratio)] if gamma or beta else []),
        (end, scale if gamma or beta else ratio),
    ]  # fmt: skip
    for item, first, *second in links:
        arguments = {"x2": [second[0]["name"], 0, 0]} if second else {}
        item["inbound_nodes"] = [[[first["name"], 0, 0, arguments]]]
    become_functional(entry, [start, *(link[0] for link in links)], end["name"])
    entry["relay"] = Relay("without_moving_averages", count=2 + gamma + beta, untrained=2, scale=gamma)
    _without_training(entry)


def _without_training(entry: Entry) -> None:
    for node in entry.get("inbound_nodes") or ():
        for items in _references(node):
            if len(items) > 3 and isinstance(items[3], dict):
                items[3].pop("training", None)
