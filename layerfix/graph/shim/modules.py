"""The module tree that legacy source imports from: names to stand-ins."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from layerfix.errors import LackError
from layerfix.graph.shim import activations, backend, backend_math, backend_nn, backend_random, contrib, initial, merge
from layerfix.graph.shim.base import LegacyLayer
from layerfix.graph.shim.initializations import Initializations
from layerfix.graph.shim.models import InputLayer, Model, Sequential, legacy_input
from layerfix.graph.shim.stock import GONE, NAMES, stock_class
from layerfix.graph.shim.wrapper import Wrapper
from layerfix.legacy.initializers import canonical

ROOTS = (
    "tensorflow.python.keras._impl.keras",
    "tensorflow.contrib.keras.python.keras",
    "tensorflow.contrib.keras",
    "tensorflow.python.keras",
    "tensorflow.keras",
    "tf_keras",
    "keras",
)
LAYER_HOMES = frozenset(
    [
        "layers", "layers.core", "layers.convolutional", "layers.pooling", "layers.recurrent", "layers.normalization", "layers.embeddings",
        "layers.merge", "layers.noise", "layers.wrappers", "layers.advanced_activations", "layers.local", "layers.cudnn_recurrent",
        "layers.convolutional_recurrent", "engine", "engine.topology", "engine.base_layer", "engine.input_layer", "engine.network",
        "engine.training", "engine.sequential", "models", "legacy", "legacy.layers", "engine.keras_tensor",
    ]
)  # fmt: skip


class Namespace(types.ModuleType):
    """A stand-in module: its names come from a lookup, and a name that is not there is an error that says so.

    `public` are the names that a star import brings.
    """

    def __init__(self, name: str, lookup: Callable[[str], Any], public: Iterable[str] = ()) -> None:
        super().__init__(name)
        self.__dict__["_lookup"] = lookup
        self.__dict__["__path__"] = []
        self.__dict__["__all__"] = sorted(public)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = self._lookup(name)
        self.__dict__[name] = value
        return value


def missing(module: str, name: str) -> LackError:
    return LackError(
        f"legacy source uses {module}.{name}, which layerfix's legacy Keras does not have.",
        hint="Replace it in the source given with --layers.",
    )


def find(name: str) -> types.ModuleType | None:
    """The stand-in for a module name of legacy Keras or of TensorFlow, or None for any other module."""
    if name == "tensorflow":
        return Namespace("tensorflow", _tensorflow)
    root = next((root for root in ROOTS if name == root or name.startswith(root + ".")), None)
    if root is None:
        return contrib.Unused(name) if name.startswith(contrib.NAME) else None
    return namespace(name[len(root) + 1 :], name)


def namespace(inner: str, shown: str) -> types.ModuleType:
    """The stand-in for a module inside Keras ("layers.core"; "" for keras itself).

    Raises:
        LackError: for a module that legacy Keras had and this one has not.
    """
    if inner == "":
        return Namespace(shown, partial(_root, shown))
    table = _tables().get(inner)
    if table is not None:
        public = {name for home in table for name in vars(home) if not name.startswith("_") and isinstance(home, types.ModuleType)}
        return Namespace(shown, partial(_from_table, table, shown), public)
    if inner in LAYER_HOMES:
        return Namespace(shown, partial(_layer, shown), _STAR)
    raise missing(shown.rpartition(".")[0], shown.rpartition(".")[2])


def _root(shown: str, name: str) -> Any:
    direct = {"Layer": LegacyLayer, "Model": Model, "Sequential": Sequential, "Input": legacy_input, "__version__": "2.2.4"}
    if name in direct:
        return direct[name]
    return namespace(name, f"{shown}.{name}")


def _tables() -> dict[str, list[Any]]:
    return {
        "backend": [backend_math, backend_nn, backend_random, backend],
        "backend.tensorflow_backend": [backend_math, backend_nn, backend_random, backend],
        "initializers": [_Initializers], "initializations": [Initializations()],
        "activations": [activations],
        "regularizers": [_Penalties(keras.regularizers)], "constraints": [_Penalties(keras.constraints)],
        "utils": [_Utils, keras.utils], "utils.generic_utils": [_Utils], "utils.conv_utils": [_Utils], "utils.np_utils": [keras.utils],
        "utils.layer_utils": [_Utils],
        "losses": [keras.losses], "objectives": [keras.losses], "metrics": [keras.metrics], "optimizers": [keras.optimizers],
        "callbacks": [keras.callbacks], "legacy.interfaces": [_Utils], "datasets": [keras.datasets], "applications": [keras.applications],
    }  # fmt: skip


def _from_table(table: list[Any], shown: str, name: str) -> Any:
    for home in table:
        value = getattr(home, name, None)
        if value is not None:
            return value
    raise missing(shown, name)


def _layer(shown: str, name: str) -> Any:
    direct = {
        "Layer": LegacyLayer, "InputSpec": keras.layers.InputSpec, "Input": legacy_input, "InputLayer": InputLayer, "Model": Model,
        "Container": Model, "Network": Model, "Sequential": Sequential, "Merge": merge.Merge, "merge": merge.merge,
        "K": namespace("backend", "keras.backend"),
        "Wrapper": Wrapper, "initializations": namespace("initializations", "keras.initializations"),
        "initializers": namespace("initializers", "keras.initializers"),
        "activations": namespace("activations", "keras.activations"), "regularizers": namespace("regularizers", "keras.regularizers"),
        "constraints": namespace("constraints", "keras.constraints"),
    }  # fmt: skip
    if name in direct:
        return direct[name]
    if name in merge.CLASSES:
        return merge.CLASSES[name]
    if name in merge.FUNCTIONS:
        return merge.FUNCTIONS[name]
    if name[0].islower():
        return namespace(f"layers.{name}", f"{shown}.{name}")
    if name in NAMES or name in GONE or isinstance(getattr(keras.layers, name, None), type):
        return stock_class(name, of_tensorflow=shown.startswith("tensorflow") or shown.startswith("tf_keras"))
    raise missing(shown, name)


_STAR = frozenset(
    {name for name in dir(keras.layers) if isinstance(getattr(keras.layers, name), type)} - {"Wrapper"}
    | GONE | NAMES.keys() | merge.CLASSES.keys() | merge.FUNCTIONS.keys()
    | {"Layer", "Input", "InputLayer", "InputSpec", "Wrapper", "K", "initializers", "activations", "regularizers", "constraints"}
)  # fmt: skip


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

    def __call__(self, shape: Any = None, **kwargs: Any) -> Any:
        if isinstance(shape, tuple | list):
            return initial.named(self.name)(shape)
        config = canonical(self.name)
        if config is None:
            raise ValueError(self.name)
        seed = {"seed": shape} if isinstance(shape, int) else {}
        return initial.today({"class_name": config["class_name"], "config": {**config["config"], **kwargs, **seed}})


class _Penalties:
    """`keras.regularizers` or `keras.constraints`, with the short names of legacy Keras."""

    def __init__(self, today: Any) -> None:
        self._today = today

    def __getattr__(self, name: str) -> Any:
        short = {"l1": "L1", "l2": "L2", "l1_l2": "L1L2", "L1L2": "L1L2", "maxnorm": "MaxNorm", "max_norm": "MaxNorm",
        "nonneg": "NonNeg", "non_neg": "NonNeg",
                 "unitnorm": "UnitNorm", "unit_norm": "UnitNorm"}  # fmt: skip
        return getattr(self._today, short.get(name, name))


class _UtilsNamespace:
    """The helpers in `keras.utils` that layer source uses."""

    def __getattr__(self, name: str) -> Any:
        return {
            "get_custom_objects": lambda: {}, "CustomObjectScope": keras.saving.custom_object_scope,
            "custom_object_scope": keras.saving.custom_object_scope, "normalize_tuple": _normalize_tuple,
            "conv_output_length": _conv_output_length, "conv_input_length": None,
            "normalize_data_format": lambda value: value or "channels_last",
            "normalize_padding": lambda value: value.lower(), "has_arg": lambda fn, name, accept_all=False: name in fn.__code__.co_varnames,
            "to_list": lambda value: value if isinstance(value, list) else [value], "legacy_add_weight_support": lambda method: method,
            "serialize_keras_object": keras.saving.serialize_keras_object, "register_keras_serializable": lambda *a, **k: (lambda cls: cls),
            "unpack_singleton": lambda value: value[0] if len(value) == 1 else value, "conv_utils": self, "generic_utils": self,
        }.get(name)  # fmt: skip


_Initializers = _Initializers()  # type: ignore[assignment, misc]
_Utils = _UtilsNamespace()


def _normalize_tuple(value: Any, n: int, name: str) -> tuple[int, ...]:
    return (value,) * n if isinstance(value, int) else tuple(value)


def _conv_output_length(length: int | None, filter_size: int, padding: str, stride: int, dilation: int = 1) -> int | None:
    """keras 2.2.4, utils/conv_utils.py."""
    if length is None:
        return None
    dilated = filter_size + (filter_size - 1) * (dilation - 1)
    size = {"same": length, "causal": length, "valid": length - dilated + 1, "full": length + dilated - 1}[padding]
    return (size + stride - 1) // stride


def _tensorflow(name: str) -> Any:
    """TensorFlow as legacy source saw it: today's, with the 1.x names, and Keras replaced."""
    if name == "keras":
        return namespace("", "tensorflow.keras")
    if name == "contrib":
        return contrib.Unused(contrib.NAME)
    if name in {"layers", "variable_scope", "get_variable", "Variable"}:
        raise missing("tensorflow", name)
    for home in (tf.compat.v1, tf):
        if hasattr(home, name):
            return getattr(home, name)
    raise missing("tensorflow", name)
