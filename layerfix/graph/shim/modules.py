"""The module tree that legacy source imports from: names to stand-ins."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from layerfix.errors import LackError
from layerfix.graph.shim import activations, backend, backend_math, backend_nn, backend_random, backend_rnn, contrib, helpers, merge
from layerfix.graph.shim.base import LegacyLayer
from layerfix.graph.shim.initializations import Initializations
from layerfix.graph.shim.models import InputLayer, Model, Sequential, legacy_input
from layerfix.graph.shim.stock import GONE, NAMES, stock_class
from layerfix.graph.shim.wrapper import Wrapper
from layerfix.legacy.recurrent import OLDEST, RecurrentDefaults

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


@dataclass(frozen=True, slots=True)
class Origin:
    """A module as legacy source imports it.

    Attributes:
        name: of the module, "tensorflow.keras.layers".
        recurrent: defaults of recurrent layers in the release that the source was written for.
    """

    name: str
    recurrent: RecurrentDefaults = OLDEST

    @property
    def of_tensorflow(self) -> bool:
        return self.name.startswith(("tensorflow", "tf_keras"))

    def below(self, name: str) -> Origin:
        return replace(self, name=f"{self.name}.{name}")


def missing(module: str, name: str) -> LackError:
    return LackError(
        f"legacy source uses {module}.{name}, which layerfix's legacy Keras does not have.",
        hint="Replace it in the source given with --layers.",
    )


def find(name: str, recurrent: RecurrentDefaults = OLDEST) -> types.ModuleType | None:
    """The stand-in for a module name of legacy Keras or of TensorFlow, or None for any other module.

    Args:
        name: of the module.
        recurrent: defaults of recurrent layers in the release that the source was written for.
    """
    if name == "tensorflow":
        return Namespace("tensorflow", partial(_tensorflow, recurrent))
    root = next((root for root in ROOTS if name == root or name.startswith(root + ".")), None)
    if root is None:
        return contrib.Unused(name) if name.startswith(contrib.NAME) else None
    return namespace(name[len(root) + 1 :], Origin(name, recurrent))


def namespace(inner: str, origin: Origin) -> types.ModuleType:
    """The stand-in for a module inside Keras ("layers.core"; "" for keras itself).

    Raises:
        LackError: for a module that legacy Keras had and this one has not.
    """
    if inner == "":
        root = Namespace(origin.name, partial(_root, origin))
        root.__dict__["__version__"] = "2.2.4"  # beside the lookup, which gives no name that starts with two underscores
        return root
    table = _tables().get(inner)
    if table is not None:
        public = {name for home in table for name in vars(home) if not name.startswith("_") and isinstance(home, types.ModuleType)}
        return Namespace(origin.name, partial(_from_table, table, origin), public)
    if inner in LAYER_HOMES:
        return Namespace(origin.name, partial(_layer, origin), _STAR)
    raise missing(*origin.name.rpartition(".")[::2])


def _root(origin: Origin, name: str) -> Any:
    direct = {"Layer": LegacyLayer, "Model": Model, "Sequential": Sequential, "Input": legacy_input}
    if name in direct:
        return direct[name]
    return namespace(name, origin.below(name))


_BACKEND = [backend_math, backend_nn, backend_rnn, backend_random, backend]
_OF_TF_KERAS: Mapping[str, Callable[..., Any]] = {
    "resize_images": backend_nn.resize_images_of_tf_keras,
    "rnn": backend_rnn.rnn_of_tf_keras,
}
"""Functions of the backend that tf.keras had otherwise."""


def _tables() -> dict[str, list[Any]]:
    return {
        "backend": _BACKEND, "backend.tensorflow_backend": _BACKEND,
        "initializers": [helpers.INITIALIZERS], "initializations": [Initializations()],
        "activations": [activations],
        "regularizers": [helpers.Penalties(keras.regularizers)], "constraints": [helpers.Penalties(keras.constraints)],
        "utils": [helpers.UTILS, keras.utils], "utils.np_utils": [keras.utils],
        **{key: [helpers.UTILS] for key in ("utils.generic_utils", "utils.conv_utils", "utils.layer_utils", "legacy.interfaces")},
        "losses": [keras.losses], "objectives": [keras.losses], "metrics": [keras.metrics], "optimizers": [keras.optimizers],
        "callbacks": [keras.callbacks], "datasets": [keras.datasets], "applications": [keras.applications],
    }  # fmt: skip


def _from_table(table: list[Any], origin: Origin, name: str) -> Any:
    if table is _BACKEND and name in _OF_TF_KERAS and origin.of_tensorflow:
        return _OF_TF_KERAS[name]
    if table is _BACKEND and name == "tf":  # which legacy source reaches through its import there: `K.tf.where`
        return Namespace("tensorflow", partial(_tensorflow, origin.recurrent))
    for home in table:
        value = getattr(home, name, None)
        if value is not None:
            return value
    raise missing(origin.name, name)


def _layer(origin: Origin, name: str) -> Any:
    direct = {
        "Layer": LegacyLayer, "InputSpec": keras.layers.InputSpec, "Input": legacy_input, "InputLayer": InputLayer, "Model": Model,
        "Container": Model, "Network": Model, "Sequential": Sequential, "Merge": merge.Merge, "merge": merge.merge,
        "Wrapper": Wrapper,
    }  # fmt: skip
    if name in direct:
        return direct[name]
    if name in _MODULES_BESIDE:
        return namespace(_MODULES_BESIDE[name], Origin(f"{_top(origin)}.{_MODULES_BESIDE[name]}", origin.recurrent))
    if name in merge.CLASSES:
        return merge.CLASSES[name]
    if name in merge.FUNCTIONS:
        return merge.FUNCTIONS[name]
    if name[0].islower():
        return namespace(f"layers.{name}", origin.below(name))
    if name in NAMES or name in GONE or isinstance(getattr(keras.layers, name, None), type):
        return stock_class(name, of_tensorflow=origin.of_tensorflow, recurrent=origin.recurrent)
    raise missing(origin.name, name)


_MODULES_BESIDE = {
    "K": "backend",
    **{name: name for name in ("initializations", "initializers", "activations", "regularizers", "constraints")},
}
"""Modules that those of the layers hold too, since they import them."""


def _top(origin: Origin) -> str:
    """The Keras that a module belongs to."""
    return "tensorflow.keras" if origin.of_tensorflow else "keras"


_STAR = frozenset(
    {name for name in dir(keras.layers) if isinstance(getattr(keras.layers, name), type)} - {"Wrapper"}
    | GONE | NAMES.keys() | merge.CLASSES.keys() | merge.FUNCTIONS.keys()
    | {"Layer", "Input", "InputLayer", "InputSpec", "Wrapper", "K", "initializers", "activations", "regularizers", "constraints"}
)  # fmt: skip


def _tensorflow(recurrent: RecurrentDefaults, name: str) -> Any:
    """TensorFlow as legacy source saw it: today's, with the 1.x names, and Keras replaced."""
    if name == "keras":
        return namespace("", Origin("tensorflow.keras", recurrent))
    if name == "contrib":
        return contrib.Unused(contrib.NAME)
    if name in {"layers", "variable_scope", "get_variable", "Variable"}:
        raise missing("tensorflow", name)
    for home in (tf.compat.v1, tf):
        if hasattr(home, name):
            return getattr(home, name)
    raise missing("tensorflow", name)
