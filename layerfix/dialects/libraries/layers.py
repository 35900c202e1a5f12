"""Single layers of tensorflow_addons, keras_contrib, keras_resnet, efficientnet and keras-layer-normalization."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.composition import Composition
from layerfix.dialects.keras2.composed import become_operation, operation
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Operation, Relay

_CONTRIB_EPSILON = 1e-3
_MOMENTS = (("mean", "mean"), ("std", "deviation"))
_OPERATIONS = {"GELU": "gelu", "Mish": "mish", "Swish": "silu", "Softshrink": "soft_shrink", "Hardshrink": "hard_shrink"}
"""Layers that only apply a function."""
_SAID_OF_ANY = frozenset({"name", "trainable", "dtype", "batch_input_shape"})
_SAID_OF = {"GELU": {"approximate"}, "Softshrink": {"lower", "upper"}, "Hardshrink": {"lower", "upper"}}
_ADDONS = {
    "mish": "mish",
    "sparsemax": "sparsemax",
    "tanhshrink": "tanh_shrink",
    "swish": "silu",
}
"""Functions of tensorflow_addons 0.23 (activations/) that today's Keras has by the same arithmetic."""


def addons_norms(source: Source, entry: Entry) -> str | None:
    """tensorflow_addons' GroupNormalization and InstanceNormalization (0.23, layers/normalizations.py) are Keras' GroupNormalization; an
    InstanceNormalization has one group for each channel, which -1 says.
    """
    name, config = layer_class(entry), entry["config"]
    if name not in {"GroupNormalization", "InstanceNormalization"} or "groups" not in config:
        return None
    if config.get("axis", -1) < -1:
        raise GraphError(f"{name} over axis {config['axis']} has no equal in today's Keras.", where=entry["name"])
    if name == "InstanceNormalization":
        config["groups"] = -1
    entry["class_name"] = "GroupNormalization"
    return None if name == "GroupNormalization" else "tensorflow_addons' InstanceNormalization is GroupNormalization with a group a channel"


def foreign_groups(source: Source, entry: Entry) -> str | None:
    """GroupNormalization came to tf.keras in 2.11. Before, the name is that of keras_contrib's layer (layers/normalization/
    groupnormalization.py) or of a copy, which groups neighbouring places where channels are last; tensorflow_addons did so too before
    0.10, whose first files are of tf.keras 2.4. Its name has its package, a copy's has none.
    """
    if layer_class(entry) != "GroupNormalization" or "GroupNormalization" in source.custom or source.release >= (2, 11):
        return None
    if not source.is_tf_keras or (str(entry["class_name"]).startswith("Addons>") and source.release >= (2, 4)):
        return None
    raise GraphError(
        "its class GroupNormalization is none of this release's Keras, and others of that name group places, not channels.",
        where=entry["name"],
        hint="Give its source with --layers FILE.py.",
    )


def contrib_instance_norm(source: Source, entry: Entry) -> str | None:
    """keras_contrib's InstanceNormalization (layers/normalization/instancenormalization.py): the deviation plus epsilon divides, not the
    root of the variance plus epsilon; `axis` None is over all of a sample, with one gamma and beta.
    """
    config = entry["config"]
    if layer_class(entry) != "InstanceNormalization" or "groups" in config or "epsilon" not in config:
        return None
    made, axis = Composition(entry["name"]), config.get("axis")
    kept = [0] if axis is None else [0, axis]
    mean, deviation = (made.called(operation(name, f"{made.own}_{part}", axes_except=kept), made.start) for name, part in _MOMENTS)
    divisor = made.op("add", "divisor", deviation, {"x2": float(config.get("epsilon", _CONTRIB_EPSILON))})
    normed = made.op("true_divide", "normed", made.op("subtract", "centred", made.start, x2=mean), x2=divisor)
    scale, center = bool(config.get("scale", True)), bool(config.get("center", True))
    if scale or center:
        normed = made.layer(
            "EinsumDense", "scale", normed, equation="channels", output_shape=[None], bias_axes="channels" if center else None,
            trainable=config.get("trainable", True),
        )  # fmt: skip
        normed["channels"] = -1 if axis is None else axis  # the equation is settled when the rank is known
        entry["relay"] = Relay("channel_scale", count=scale + center, scale=scale)
    made.end(entry, normed)
    return "keras_contrib's InstanceNormalization as operations and an EinsumDense that scales channels"


def plain_layer_norm(source: Source, entry: Entry) -> str | None:
    """keras-layer-normalization's LayerNormalization (0.16, layer_normalization.py) normalises the last axis, like Keras' own; it states no
    axis.
    """
    config = entry["config"]
    if layer_class(entry) != "LayerNormalization" or "axis" in config or not {"center", "scale", "epsilon"} <= config.keys():
        return None
    config["axis"] = -1
    entry["stock"] = True
    return "keras-layer-normalization's layer is Keras' own over the last axis"


def inference_only(source: Source, entry: Entry) -> str | None:
    """What acts in training alone: FixedDropout of efficientnet and segmentation_models (a Dropout that takes open sizes in noise_shape),
    and `freeze` of keras_resnet's BatchNormalization.
    """
    name, config = layer_class(entry), entry["config"]
    if name == "FixedDropout":
        entry["class_name"] = "Dropout"
        return "FixedDropout is Dropout today"
    if name == "BatchNormalization" and "freeze" in config:
        config.pop("freeze")
        return "without freeze, which acts in training"
    return None


def function_layers(source: Source, entry: Entry) -> str | None:
    """Layers of tensorflow_addons and efficientnet that only apply a function. GELU's `approximate` is as stated."""
    name, config = layer_class(entry), entry["config"]
    if name not in _OPERATIONS or (name == "GELU" and "approximate" not in config):
        return None
    if not config.keys() <= {*_SAID_OF_ANY, *_SAID_OF.get(name, ())}:
        return None  # somebody's own class of that name
    arguments: dict[str, Any] = {"approximate": bool(config["approximate"])} if name == "GELU" else {}
    if name in {"Softshrink", "Hardshrink"}:
        if -config.get("lower", -0.5) != config.get("upper", 0.5):
            raise GraphError(f"{name} with sides of different width has no equal in today's Keras.", where=entry["name"])
        arguments = {"threshold": float(config.get("upper", 0.5))}
    become_operation(entry, Operation(_OPERATIONS[name], arguments))
    return f"{name} is the operation {_OPERATIONS[name]}"


def addons_functions(source: Source, entry: Entry) -> str | None:
    """Activations of tensorflow_addons, "Addons>mish"; its gelu and others had several forms, and are refused as anybody's own."""
    changed = []
    for key in ("activation", "recurrent_activation"):
        value = entry["config"].get(key) if isinstance(entry["config"], dict) else None
        stated = value.get("config") if isinstance(value, dict) and value.get("class_name") == "function" else value
        if not isinstance(stated, str) or not stated.startswith("Addons>"):
            continue
        name = stated.removeprefix("Addons>")
        if name in source.custom:
            continue
        if name not in _ADDONS:
            hint = f"Give a function named {name} with --layers FILE.py."
            raise GraphError(f"its {key} {name!r} of tensorflow_addons changed between its releases.", where=entry["name"], hint=hint)
        entry["config"][key] = _ADDONS[name]
        changed.append(f"{key} {stated} is Keras' own {_ADDONS[name]}")
    return "; ".join(changed) or None


LIBRARY_LAYERS = (addons_norms, contrib_instance_norm, plain_layer_norm, inference_only, function_layers, addons_functions)
