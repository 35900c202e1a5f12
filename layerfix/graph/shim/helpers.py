"""`keras.initializers`, `regularizers`, `constraints` and `utils` as legacy source knew them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import keras

from layerfix.graph.shim import initial
from layerfix.legacy.initializers import canonical


class _Initializers:
    """`keras.initializers`: classes, functions and `get`, whose results remember what they were."""

    def __getattr__(self, name: str) -> Any:
        if name == "get":
            return lambda value, **ignored: None if value is None else initial.Tagged(initial.today(value))
        if name == "serialize":
            return lambda value: initial.legacy_config(value)
        if name in {"deserialize"}:
            return lambda value, custom_objects=None: initial.Tagged(initial.today(value))
        made = getattr(keras.initializers, name, None)
        if isinstance(made, type):
            return made
        if name in {"normal", "uniform", "zero", "one", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_uniform",
                    "lecun_normal", "zeros", "ones", "orthogonal", "identity", "random_normal", "random_uniform",
                    "truncated_normal", "constant"}:  # fmt: skip
            return _Callable(name)
        raise AttributeError(name)


class _Callable:
    """`initializers.he_normal`: called with a shape (Keras 1) a value, called with a seed or nothing (Keras 2) an initializer."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, shape: object = None, **kwargs: Any) -> Any:
        if isinstance(shape, tuple | list):
            return initial.named(self.name)(shape)
        config = canonical(self.name)
        if config is None:
            raise ValueError(self.name)
        seed = {"seed": shape} if isinstance(shape, int) else {}
        return initial.today({"class_name": config["class_name"], "config": {**config["config"], **kwargs, **seed}})


class Penalties:
    """`keras.regularizers` or `keras.constraints`, with the short names of legacy Keras."""

    def __init__(self, today: object) -> None:
        self._today = today

    def __getattr__(self, name: str) -> Any:
        short = {"l1": "L1", "l2": "L2", "l1_l2": "L1L2", "L1L2": "L1L2", "maxnorm": "MaxNorm", "max_norm": "MaxNorm",
        "nonneg": "NonNeg", "non_neg": "NonNeg",
                 "unitnorm": "UnitNorm", "unit_norm": "UnitNorm"}  # fmt: skip
        return getattr(self._today, short.get(name, name))


class _Utils:
    """The helpers in `keras.utils` that layer source uses."""

    def __getattr__(self, name: str) -> Any:
        return {
            "get_custom_objects": lambda: {}, "CustomObjectScope": keras.saving.custom_object_scope,
            "custom_object_scope": keras.saving.custom_object_scope, "normalize_tuple": _normalize_tuple,
            "conv_output_length": _conv_output_length, "conv_input_length": _conv_input_length,
            "deconv_length": _deconv_length, "deconv_output_length": _deconv_output_length,
            "normalize_data_format": lambda value: value or "channels_last",
            "normalize_padding": lambda value: value.lower(), "has_arg": _has_arg,
            "to_list": lambda value: value if isinstance(value, list) else [value], "legacy_add_weight_support": lambda method: method,
            "serialize_keras_object": keras.saving.serialize_keras_object, "register_keras_serializable": lambda *a, **k: (lambda cls: cls),
            "unpack_singleton": lambda value: value[0] if len(value) == 1 else value, "conv_utils": self, "generic_utils": self,
        }.get(name)  # fmt: skip


INITIALIZERS = _Initializers()
UTILS = _Utils()


def _has_arg(fn: Callable[..., object], name: str, accept_all: bool = False) -> bool:
    """Whether a function takes a keyword (keras 2.2.4, utils/generic_utils.py); of a traced `call`, what the user wrote counts."""
    known = inspect.signature(fn).parameters
    if name not in known:
        return accept_all and any(taken.kind is taken.VAR_KEYWORD for taken in known.values())
    return known[name].kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _normalize_tuple(value: Any, n: int, name: str) -> tuple[int, ...]:
    return (value,) * n if isinstance(value, int) else tuple(value)


def _conv_output_length(length: int | None, filter_size: int, padding: str, stride: int, dilation: int = 1) -> int | None:
    """keras 2.2.4, utils/conv_utils.py."""
    if length is None:
        return None
    dilated = filter_size + (filter_size - 1) * (dilation - 1)
    size = {"same": length, "causal": length, "valid": length - dilated + 1, "full": length + dilated - 1}[padding]
    return (size + stride - 1) // stride


def _conv_input_length(output_length: int | None, filter_size: int, padding: str, stride: int) -> int | None:
    """keras 2.2.4, utils/conv_utils.py."""
    return None if output_length is None else (output_length - 1) * stride - 2 * _padded(filter_size, padding) + filter_size


def _deconv_length(
    dim_size: int | None, stride_size: int, kernel_size: int, padding: str, output_padding: int | None, dilation: int = 1
) -> int | None:
    """keras 2.2.4, utils/conv_utils.py."""
    if dim_size is None:
        return None
    size = kernel_size + (kernel_size - 1) * (dilation - 1)
    if output_padding is not None:
        return (dim_size - 1) * stride_size + size - 2 * _padded(size, padding) + output_padding
    more = {"same": 0, "valid": max(size - stride_size, 0), "full": 2 - stride_size - size}[padding]
    return dim_size * stride_size + more


def _deconv_output_length(
    input_length: int | None, filter_size: int, padding: str, output_padding: int | None = None, stride: int = 0, dilation: int = 1
) -> int | None:
    """As `_deconv_length`, with the arguments of tf.keras (tensorflow 2.4, keras/utils/conv_utils.py)."""
    return _deconv_length(input_length, stride, filter_size, padding, output_padding, dilation)


def _padded(size: int, padding: str) -> int:
    return {"same": size // 2, "valid": 0, "full": size - 1}[padding]
