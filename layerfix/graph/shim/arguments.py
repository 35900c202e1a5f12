"""Arguments of legacy stock layers: positional order, names of Keras 1, legacy defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from layerfix.legacy.recurrent import OLDEST, RecurrentDefaults

_CONV = "filters kernel_size strides padding data_format dilation_rate activation use_bias kernel_initializer bias_initializer"
_POSITIONAL = {
    "Dense": "units activation use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer",
    "Activation": "activation", "Dropout": "rate noise_shape seed", "SpatialDropout1D": "rate", "SpatialDropout2D": "rate",
    "Flatten": "data_format", "Reshape": "target_shape", "Permute": "dims", "RepeatVector": "n",
    "Lambda": "function output_shape mask arguments",
    "Masking": "mask_value", "ActivityRegularization": "l1 l2",
    "Conv1D": _CONV.replace(" data_format", ""), "Conv2D": _CONV, "Conv3D": _CONV,
    "Conv2DTranspose": "filters kernel_size strides padding data_format activation use_bias",
    "SeparableConv1D": "filters kernel_size strides padding data_format dilation_rate depth_multiplier activation use_bias",
    "SeparableConv2D": "filters kernel_size strides padding data_format dilation_rate depth_multiplier activation use_bias",
    "DepthwiseConv2D": "kernel_size strides padding depth_multiplier data_format activation use_bias",
    "Conv3DTranspose": "filters kernel_size strides padding data_format activation use_bias",
    "ConvLSTM2D": "filters kernel_size strides padding data_format dilation_rate activation recurrent_activation use_bias",
    "LocallyConnected1D": "filters kernel_size strides padding data_format activation use_bias",
    "LocallyConnected2D": "filters kernel_size strides padding data_format activation use_bias",
    "SpatialDropout3D": "rate", "StackedRNNCells": "cells", "UpSampling3D": "size data_format", "ZeroPadding3D": "padding data_format",
    "Cropping3D": "cropping data_format", "MaxPooling3D": "pool_size strides padding data_format",
    "AveragePooling3D": "pool_size strides padding data_format",
    "UpSampling1D": "size", "UpSampling2D": "size data_format", "ZeroPadding1D": "padding", "ZeroPadding2D": "padding data_format",
    "Cropping1D": "cropping", "Cropping2D": "cropping data_format",
    "MaxPooling1D": "pool_size strides padding", "AveragePooling1D": "pool_size strides padding",
    "MaxPooling2D": "pool_size strides padding data_format", "AveragePooling2D": "pool_size strides padding data_format",
    "Embedding": "input_dim output_dim embeddings_initializer", "LSTM": "units activation recurrent_activation use_bias",
    "GRU": "units activation recurrent_activation use_bias", "SimpleRNN": "units activation use_bias",
    "CuDNNLSTM": "units kernel_initializer recurrent_initializer", "CuDNNGRU": "units kernel_initializer recurrent_initializer",
    "LSTMCell": "units activation recurrent_activation use_bias", "GRUCell": "units activation recurrent_activation use_bias",
    "SimpleRNNCell": "units activation use_bias", "RNN": "cell return_sequences return_state",
    "TimeDistributed": "layer", "Bidirectional": "layer merge_mode weights", "BatchNormalization": "axis momentum epsilon center scale",
    "LeakyReLU": "alpha", "ELU": "alpha", "PReLU": "alpha_initializer", "ThresholdedReLU": "theta", "Softmax": "axis",
    "ReLU": "max_value negative_slope threshold", "GaussianNoise": "stddev", "GaussianDropout": "rate", "AlphaDropout": "rate",
    "MaxoutDense": "output_dim nb_feature init weights", "Highway": "init activation weights",
    "Concatenate": "axis", "Dot": "axes normalize", "LayerNormalization": "axis epsilon",
}  # fmt: skip
_KERAS_1_WORDS = frozenset({"MaxoutDense", "Highway"})
"""Classes that Keras 2 never had, whose arguments keep their names."""
_KERAS_1 = {
    "nb_filter": "filters", "filter_length": "kernel_size", "border_mode": "padding", "subsample": "strides", "subsample_length": "strides",
    "init": "kernel_initializer", "inner_init": "recurrent_initializer", "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer", "U_regularizer": "recurrent_regularizer", "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "bias": "use_bias", "p": "rate", "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout", "pool_length": "pool_size", "stride": "strides", "dim_ordering": "data_format",
    "atrous_rate": "dilation_rate", "sigma": "stddev", "consume_less": "implementation", "length": "size",
}  # fmt: skip
_SIZES = {"Conv2D": 2, "Conv2DTranspose": 2, "SeparableConv2D": 2, "LocallyConnected2D": 2, "Conv3D": 3}
"""How many numbers Keras 1 took for the size of a kernel."""
_DIM_ORDERING = {"tf": "channels_last", "th": "channels_first"}
WITHOUT_EFFECT = frozenset({"implementation", "weights", "theta", "mode", "input_length", "unroll", "time_major", "fused"})


def by_name(class_name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], *, keras1_calls: bool = False) -> dict[str, Any]:
    """All arguments under their Keras 2 names.

    Args:
        keras1_calls: whether numbers behind the filters are the sizes of the kernel, as Keras 1 had them and Keras 2 takes them still
            (keras 2.2.4, legacy/interfaces.py, conv2d_args_preprocessor); tf.keras takes the second for the strides.

    Raises:
        TypeError: for more positional arguments than legacy Keras knew.
    """
    order = _POSITIONAL.get(class_name, "").split()
    sizes = _SIZES.get(class_name, 0) if keras1_calls or kwargs.keys() & {"border_mode", "subsample", "atrous_rate"} else 0
    if sizes and len(args) > sizes and all(isinstance(item, int) for item in args[1 : 1 + sizes]):
        args = (args[0], args[1 : 1 + sizes], *args[1 + sizes :])
        if class_name == "Conv2DTranspose" and len(args) == 3 and isinstance(args[2], list | tuple):
            args = args[:2]  # `output_shape`, which follows from the rest
    if len(args) > len(order):
        raise TypeError(f"{class_name} takes {len(order)} positional arguments here, {len(args)} were given; name them.")
    given = dict(zip(order, args, strict=False))
    for key, value in kwargs.items():
        given[_renamed(class_name, key, kwargs)] = value
    for parts in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        if parts[0] in given:
            given["kernel_size"] = tuple(given.pop(part) for part in parts)
    if "forget_bias_init" in given:
        given["unit_forget_bias"] = given.pop("forget_bias_init") in {"one", "ones"}
    if class_name == "Conv2DTranspose":
        given.pop("output_shape", None)
    if given.get("data_format") in _DIM_ORDERING:
        given["data_format"] = _DIM_ORDERING[given["data_format"]]
    return given


def batch_shape(given: Mapping[str, Any]) -> tuple[int | None, ...] | None:
    """The input shape that legacy source states on the first layer of a Sequential, with the batch."""
    if given.get("batch_input_shape") is not None:
        return tuple(given["batch_input_shape"])
    if given.get("input_shape") is not None:
        return (None, *given["input_shape"])
    if isinstance(given.get("input_length"), int) or ("input_dim" in given and "output_dim" not in given):
        return (None, given["input_length"]) if "output_dim" in given else (None, given["input_dim"])
    return None


def _renamed(class_name: str, key: str, kwargs: Mapping[str, object]) -> str:
    if class_name in _KERAS_1_WORDS or (key == "length" and class_name != "UpSampling1D"):
        return key
    if key == "output_dim" and class_name != "Embedding":
        return "units"
    if key in {"init", "W_regularizer", "W_constraint"} and class_name == "Embedding":
        return {"init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer", "W_constraint": "embeddings_constraint"}[key]
    if key == "p" and class_name not in {"Dropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D"}:
        return key
    return _KERAS_1.get(key, key)


def with_legacy_defaults(class_name: str, given: Mapping[str, object], recurrent: RecurrentDefaults = OLDEST) -> dict[str, Any]:
    """The arguments with those legacy defaults stated that are others today, under today's names; `recurrent` are those of a release."""
    settings = {**recurrent.of(class_name), **given}
    if class_name.endswith(("Pooling1D", "Pooling2D", "Pooling3D")) and not class_name.startswith("Global"):
        settings.setdefault("pool_size", 2)
    if class_name == "CuDNNGRU":
        settings["reset_after"] = True
    if class_name.startswith("CuDNN"):
        settings["recurrent_activation"] = "sigmoid"
    if class_name == "Bidirectional":
        settings.pop("weights", None)
    if class_name == "LeakyReLU":
        settings["negative_slope"] = settings.pop("alpha", settings.pop("negative_slope", 0.3))
    if class_name == "ThresholdedReLU":
        settings["threshold"] = settings.pop("theta", 1.0)
    if class_name == "Embedding":
        settings.pop("input_length", None)
        settings.pop("dropout", None)
    if class_name == "Dropout":
        settings["rate"] = float(settings.get("rate", 0.5))
    if class_name.startswith(("Conv", "Separable", "Depthwise")) and settings.get("padding") is None:
        settings.pop("padding", None)
    return settings


def activation(value: object) -> Any:
    """A legacy activation; `hard_sigmoid` was clip(0.2 x + 0.5, 0, 1) (keras 2.2.4, tensorflow_backend.py)."""
    return hard_sigmoid if value == "hard_sigmoid" else value


def hard_sigmoid(x: object) -> Any:
    """clip(0.2 x + 0.5, 0, 1)."""
    return tf.clip_by_value(0.2 * tf.convert_to_tensor(x) + 0.5, 0.0, 1.0)


keras.saving.register_keras_serializable("legacy")(hard_sigmoid)
