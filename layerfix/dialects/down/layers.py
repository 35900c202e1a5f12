"""One layer said downwards: what it is called, its arguments, and what they meant there."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.down.hard_sigmoid import hard_sigmoid
from layerfix.dialects.down.saying import Config, Saying
from layerfix.dialects.down.settings import does_nothing
from layerfix.dialects.down.values import activation, plain, policy
from layerfix.dialects.tf_keras.preprocessing import UNCROPPED
from layerfix.legacy.arguments import COMMON, taken

MODELS = frozenset({"Functional", "Sequential", "Model"})
_TFJS = frozenset(
    [
        "InputLayer",
        "LeakyReLU",
        "ELU",
        "PReLU",
        "ReLU",
        "Softmax",
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "Conv2DTranspose",
        "Conv3DTranspose",
        "SeparableConv2D",
        "DepthwiseConv2D",
        "Cropping2D",
        "UpSampling2D",
        "Activation",
        "Dense",
        "Dropout",
        "SpatialDropout1D",
        "Flatten",
        "Permute",
        "RepeatVector",
        "Reshape",
        "Masking",
        "Embedding",
        "Add",
        "Average",
        "Concatenate",
        "Maximum",
        "Minimum",
        "Multiply",
        "Dot",
        "BatchNormalization",
        "LayerNormalization",
        "ZeroPadding2D",
        "AveragePooling1D",
        "AveragePooling2D",
        "AveragePooling3D",
        "GlobalAveragePooling1D",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "MaxPooling1D",
        "MaxPooling2D",
        "MaxPooling3D",
        "GRU",
        "LSTM",
        "SimpleRNN",
        "StackedRNNCells",
        "RNN",
        "GRUCell",
        "LSTMCell",
        "SimpleRNNCell",
        "Bidirectional",
        "TimeDistributed",
        "GaussianNoise",
        "GaussianDropout",
        "AlphaDropout",
    ]
)
"""The layers of TensorFlow.js (tfjs-layers 4.22, exports_layers.ts) whose words are those of Keras 2."""


def layer(saying: Saying, entry: Config, path: str, *, outermost: bool = True) -> Config:
    """A layer's {class_name, config}.

    Args:
        saying: the work at hand.
        entry: as today's Keras writes it; it is not changed.
        path: of the layer in the model.
        outermost: whether its weights are all its own, and not those of a layer inside another.
    """
    name, config = str(entry["class_name"]), dict(entry["config"])
    config.pop("build_config", None)
    if _is_custom(entry):
        return _custom(saying, entry, path)
    for rule in _RULES:
        rule(saying, name, config, entry, path)
    known = taken(saying.target.table, "layers", name) if name != "Lambda" else None  # code is never written
    if known is None or (saying.target.dialect == "tfjs" and name not in _TFJS):
        saying.refuse(path, f"the layer class {name}")
        return {"class_name": name, "config": config}
    hard_sigmoid(saying, name, config, path, outermost)
    said = {key: _value(saying, key, value, path) for key, value in config.items()}
    return {"class_name": name, "config": _taken(saying, name, said, known | COMMON | _EXTRA.get(name, frozenset()), path)}


_EXTRA = {
    "MultiHeadAttention": frozenset({"query_shape", "key_shape", "value_shape"}),
    "RNN": frozenset({"cell"}),
    "StackedRNNCells": frozenset({"cells"}),
}


def _is_custom(entry: Config) -> bool:
    """Whether a class is not Keras' own; an entry of an old model states no module."""
    return str(entry.get("module")).split(".")[0] != "keras"


def _custom(saying: Saying, entry: Config, path: str) -> Config:
    """A class of the user's own, found there by its registered name; its arguments are its own business."""
    name = str(entry.get("registered_name") or entry["class_name"])
    config = {key: plain(saying, value, path) for key, value in entry["config"].items()}
    if "dtype" in config:
        config["dtype"] = policy(saying, entry["config"]["dtype"], path)
    saying.fire("custom", path, f"{name} is found by its registered name")
    return {"class_name": name.rsplit(">", 1)[-1] if saying.multi else name, "config": config}


def _value(saying: Saying, key: str, value: Any, path: str) -> Any:
    if key in ("layer", "backward_layer", "cell") and isinstance(value, dict):
        return _inner(saying, value, f"{path}/{(value.get('config') or {}).get('name', key)}")
    if key == "cells":
        return [layer(saying, cell, f"{path}/{cell['config'].get('name', key)}", outermost=False) for cell in value]
    if key in ("activation", "recurrent_activation"):
        return activation(saying, value, path)
    return policy(saying, value, path) if key == "dtype" and value is not None else plain(saying, value, path)


def _inner(saying: Saying, entry: Config, path: str) -> Config:
    if entry["class_name"] in MODELS:
        return saying.model(saying, entry, path)
    return layer(saying, entry, path, outermost=False)


def _taken(saying: Saying, name: str, config: Config, known: frozenset[str], path: str) -> Config:
    kept = {}
    for key, value in config.items():
        if key in known:
            kept[key] = value
        elif does_nothing(key, value):
            saying.fire("left_out", path, f"{key}={value!r} does nothing")
        else:
            saying.refuse(path, f"{key}={value!r} of {name}")
    return kept


def _input(saying: Saying, name: str, config: Config, entry: Config, path: str) -> None:
    """`batch_shape` was `batch_input_shape` until Keras 3 (tensorflow 2.15, input_layer.py)."""
    if name != "InputLayer":
        return
    config["batch_input_shape"] = plain(saying, config.pop("batch_shape"), path)
    saying.fire("batch_shape", path, "batch_shape is batch_input_shape")
    if saying.multi and config.get("dtype") == "string":
        saying.refuse(path, "an input of strings")


def _slope(saying: Saying, name: str, config: Config, entry: Config, path: str) -> None:
    """LeakyReLU's `negative_slope` was `alpha` until Keras 3, and ReLU's had its name (tensorflow 2.15, leaky_relu.py)."""
    if name == "LeakyReLU":
        config["alpha"] = config.pop("negative_slope")
        saying.fire("negative_slope", path, "negative_slope is alpha")


def _attention(saying: Saying, name: str, config: Config, entry: Config, path: str) -> None:
    """tf.keras builds a MultiHeadAttention that it reads from shapes in its config (tensorflow 2.10, multi_head_attention.py)."""
    if name != "MultiHeadAttention" or saying.target.dialect != "tf_keras":
        return
    if (2, 4) < saying.target.numbers < (2, 10):
        saying.refuse(path, "MultiHeadAttention, which releases between 2.4 and 2.10 read in ways that were not tried")
    if saying.target.numbers < (2, 10):
        return
    shapes = (entry.get("build_config") or {}).get("shapes_dict") or {}
    query = shapes.get("query_shape")
    if query is None:
        saying.refuse(path, "MultiHeadAttention without the shapes that it was built with")
        return
    value = shapes.get("value_shape") or query
    config |= {"query_shape": query, "value_shape": value, "key_shape": shapes.get("key_shape") or value}
    saying.fire("built_shapes", path, "query_shape, key_shape and value_shape are in the config")


def _recurrent(saying: Saying, name: str, config: Config, entry: Config, path: str) -> None:
    """Bidirectional sets `zero_output_for_mask` of its layers by itself in tf.keras (tensorflow 2.4, wrappers.py); without masks it does
    nothing. Multi-backend Keras has one layer in it and turns that round (keras 2.2.4, wrappers.py).
    """
    if name == "Bidirectional":
        for key in {"layer", "backward_layer"} & config.keys():
            if isinstance(config[key], dict):
                config[key] = {**config[key], "config": {k: v for k, v in config[key]["config"].items() if k != "zero_output_for_mask"}}
        if saying.multi and mirrored(config.get("layer"), config.get("backward_layer")):
            config.pop("backward_layer", None)
    if name == "GRU" and config.get("reset_after") and saying.target.dialect == "tfjs":
        saying.refuse(path, "reset_after=True of GRU")


def mirrored(forward: Any, backward: Any) -> bool:
    """Whether a backward layer is what Bidirectional makes of the forward one."""
    if backward is None:
        return True
    one, two = ({k: v for k, v in entry["config"].items() if k not in ("name", "go_backwards")} for entry in (forward, backward))
    turned = bool(forward["config"].get("go_backwards")) != bool(backward["config"].get("go_backwards"))
    return bool(forward["class_name"] == backward["class_name"] and turned and _bare(one) == _bare(two))


def _bare(value: object) -> Any:
    """A config without numbers of shared objects."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return {k: _bare(v) for k, v in value.items() if k != "shared_object_id"} if isinstance(value, dict) else value


def _pictures(saying: Saying, name: str, config: Config, entry: Config, path: str) -> None:
    """TensorFlow 1 and TensorFlow.js take other corners in bilinear resizing (tensorflow 1.15, image_ops.resize_images)."""
    if saying.multi and name == "UpSampling2D" and config.get("interpolation") != "nearest":
        saying.refuse(path, f"{config.get('interpolation')} upsampling (its corners were others)")
    if saying.multi and name in ("ZeroPadding1D", "Cropping1D", "UpSampling1D") and config.get("data_format") in (None, "channels_last"):
        config.pop("data_format", None)  # its classes set it themselves (keras 2.2.4, convolutional.py)


def _crops(saying: Saying, name: str, config: Config, entry: Config, path: str) -> None:
    """RandomCrop resized pictures when it predicted (`dialects.tf_keras.preprocessing`)."""
    if name == "RandomCrop" and saying.target.numbers < UNCROPPED:
        saying.refuse(path, "RandomCrop, which resizes pictures there when it predicts")


def _tables(saying: Saying, name: str, config: Config, entry: Config, path: str) -> None:
    """What a vocabulary is kept in: tf.keras' TextVectorization is no .h5's (its table is no variable)."""
    if name == "TextVectorization" and saying.target.dialect != "keras3":
        saying.refuse(path, "TextVectorization in an .h5 file")
    if name == "Discretization" and "num_bins" in config and config.get("bin_boundaries") is not None:
        config.pop("num_bins")
    if name not in ("StringLookup", "IntegerLookup") or saying.target.dialect != "tf_keras":
        return
    if saying.target.numbers < (2, 10):
        saying.refuse(path, f"{name} in an .h5 file (its table was no variable in TensorFlow 2.4; between that and 2.10 it was not tried)")
    elif config.get("output_mode") == "int":
        config["dtype"] = "int64"  # what it gives, which tf.keras wants said (tensorflow 2.10, index_lookup.py)
        saying.fire("lookup_dtype", path, "its dtype is int64")


_RULES = (_input, _slope, _attention, _recurrent, _pictures, _crops, _tables)
