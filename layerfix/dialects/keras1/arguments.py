"""Rules for Keras 1: every argument had another name (keras 2.0, legacy/interfaces.py lists them), and weights another layout."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.keras1.dropped import KERAS1_LAYER_RULES
from layerfix.dialects.keras1.merge import keras1_merge
from layerfix.dialects.keras1.normalization import KERAS1_NORMALIZATION
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.legacy.aliases import KERAS1_ALIASES
from layerfix.model import Relay

_SHARED = {
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
    "border_mode": "padding",
    "nb_filter": "filters",
    "subsample": "strides",
}
_RECURRENT = {
    **_SHARED,
    "output_dim": "units",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "U_regularizer": "recurrent_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}
_RATE = {"p": "rate"}
_NAMES: dict[str, dict[str, str]] = {
    "Dense": {**_SHARED, "output_dim": "units"},
    "Conv1D": _SHARED,
    "Conv2D": _SHARED,
    "Conv3D": _SHARED,
    "Conv2DTranspose": _SHARED,
    "LocallyConnected1D": _SHARED,
    "LocallyConnected2D": _SHARED,
    "SeparableConv2D": {**_SHARED, "init": "depthwise_initializer"},
    "LSTM": _RECURRENT,
    "GRU": _RECURRENT,
    "SimpleRNN": _RECURRENT,
    "ConvLSTM2D": _RECURRENT,
    "Embedding": {"init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer", "W_constraint": "embeddings_constraint"},
    "Dropout": _RATE,
    "SpatialDropout1D": _RATE,
    "SpatialDropout2D": _RATE,
    "SpatialDropout3D": _RATE,
    "GaussianDropout": _RATE,
    "GaussianNoise": {"sigma": "stddev"},
    "PReLU": {"init": "alpha_initializer"},
    "UpSampling1D": {"length": "size"},
    "MaxPooling1D": {"pool_length": "pool_size", "stride": "strides", "border_mode": "padding"},
    "AveragePooling1D": {"pool_length": "pool_size", "stride": "strides", "border_mode": "padding"},
    "MaxPooling2D": {"border_mode": "padding"},
    "AveragePooling2D": {"border_mode": "padding"},
    "MaxPooling3D": {"border_mode": "padding"},
    "AveragePooling3D": {"border_mode": "padding"},
}
_INITIALIZERS = {"normal": "RandomNormal", "uniform": "RandomUniform", "zero": "Zeros", "one": "Ones", "orthogonal": "Orthogonal"}
_GONE = ("input_dim", "input_length", "consume_less", "forget_bias_init", "input_dtype", "dim_ordering", "mode", "dropout")
_SIZES = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"), ("filter_length",))
_WITHOUT_ORDERING = frozenset(f"{name}{rank}D" for name in ("ZeroPadding", "UpSampling", "Cropping", "SpatialDropout") for rank in (2, 3))
_ROTATED = frozenset({"Conv1D", "Conv2D", "Conv3D", "LocallyConnected2D", "Conv2DTranspose", "SeparableConv2D"})


def keras1_arguments(source: Source, entry: Entry) -> str | None:
    """Keras 1's argument names in those of Keras 2, and its weights' layout noted for re-laying."""
    if not source.is_keras1:
        return None
    name = entry["class_name"] = KERAS1_ALIASES.get(layer_class(entry), layer_class(entry))
    config = entry["config"]
    _layout(source, entry, name, config)
    for old, new in _NAMES.get(name, {}).items():
        if old in config:
            config[new] = config.pop(old)
    for names in _SIZES:
        if names[0] in config:
            config["kernel_size"] = [config.pop(part) for part in names]
    for old, new in (("subsample_length", "strides"), ("atrous_rate", "dilation_rate")):
        if old in config:
            config[new] = config.pop(old)
    ordering = config.get("dim_ordering") or (_unstated(source, entry) if name in _WITHOUT_ORDERING else None)
    if ordering in ("th", "tf"):
        config["data_format"] = "channels_first" if ordering == "th" else "channels_last"
    for key in list(config):
        config[key] = _object(key, config[key])
    for key in _GONE:
        if not (key == "dropout" and name in {"LSTM", "GRU", "SimpleRNN", "ConvLSTM2D"}) and not (
            key == "input_dim" and name == "Embedding"
        ):
            config.pop(key, None)
    return "Keras 1 arguments in their names of today" if name in _NAMES else None


def _unstated(source: Source, entry: Entry) -> str | None:
    """Layers without weights were saved without their `dim_ordering` (keras 1.2.2, convolutional.py): the other layers' is theirs."""
    if len(source.orderings) > 1:
        raise GraphError("the file does not state this layer's dim_ordering, and its other layers disagree.", where=entry["name"])
    return next(iter(source.orderings), None)


def _object(key: str, value: object) -> Any:
    """Initializers, regularizers and constraints of Keras 1 in the form of Keras 2."""
    if key.endswith("_initializer") and isinstance(value, str):
        return {"class_name": _INITIALIZERS[value], "config": {}} if value in _INITIALIZERS else value
    if isinstance(value, dict) and "name" in value and key.endswith("_regularizer"):
        return {"class_name": "L1L2", "config": {"l1": value.get("l1", 0.0), "l2": value.get("l2", 0.0)}}
    if isinstance(value, dict) and "name" in value and key.endswith("_constraint"):
        config = {"max_value": value["m"], "axis": value.get("axis", 0)} if "m" in value else {}
        return {"class_name": value["name"], "config": config}
    return value


def _layout(source: Source, entry: Entry, name: str, config: dict[str, Any]) -> None:
    """Notes how the stored arrays change."""
    first, flip, count = config.get("dim_ordering") == "th", source.backend == "theano", 1 + bool(config.get("bias", True))
    if name in _ROTATED and first and source.backend is None:
        raise GraphError(
            f"{name} with Theano's dim_ordering: this file does not tell the backend, and Theano flips its kernels.",
            where=entry["name"],
            hint="Load and save the file once in Keras 2, on the backend that trained it; it records the backend.",
        )
    if name == "ConvLSTM2D" and flip:
        raise GraphError("ConvLSTM2D of Keras 1 on Theano has no known equal.", where=entry["name"])
    if name in {"LSTM", "GRU", "ConvLSTM2D"} and config.get("consume_less") != "gpu":
        entry["relay"] = Relay("keras1_gru", count=9) if name == "GRU" else Relay("keras1_lstm", count=12)
    elif name == "Conv1D":
        entry["relay"] = Relay("keras1_conv1d", count, length=config.get("filter_length"), flip=flip)
    elif name in {"Conv2D", "Conv3D"} and (first or flip):
        entry["relay"] = Relay("keras1_convolution", count, channels_first=first, flip=flip)
    elif name == "Conv2DTranspose" and not first and not flip:
        entry["relay"] = Relay("keras1_deconvolution", count)
        config.pop("output_shape", None)
    elif name in _ROTATED - {"Conv2D", "Conv3D"} and (first or (flip and name != "LocallyConnected2D")):
        raise GraphError(f"{name} of Keras 1 with Theano's layout has no known equal.", where=entry["name"])


KERAS1_RULES = (keras1_merge, *KERAS1_LAYER_RULES, *KERAS1_NORMALIZATION, keras1_arguments)
