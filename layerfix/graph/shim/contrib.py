"""`tensorflow.contrib` as far as sources of layers touch it: what they only import is there, what they use is named."""

from __future__ import annotations

import types
from typing import Any

import keras

from layerfix.errors import LackError

NAME = "tensorflow.contrib"


class Unused(types.ModuleType):
    """A module or function of TensorFlow's contrib that a source imports; to use it is an error that names it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__dict__["__path__"] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        own = f"{self.__name__}.{name}"
        return _KNOWN.get(own.removeprefix(f"{NAME}.")) or Unused(own)

    def __call__(self, *_: object, **__: object) -> Any:
        raise LackError(
            f"legacy source calls {self.__name__}, which layerfix's legacy TensorFlow does not have.",
            hint="Replace it in the source given with --layers.",
        )


def _xavier(uniform: bool = True, seed: int | None = None, dtype: object = None) -> Any:
    kind = keras.initializers.GlorotUniform if uniform else keras.initializers.GlorotNormal
    return kind(seed=seed)


def _l2(scale: float, scope: str | None = None) -> Any:
    """Half of the squares: `tf.nn.l2_loss` (tensorflow 1.15, contrib/layers/python/layers/regularizers.py)."""
    return keras.regularizers.L2(scale / 2)


def _l1(scale: float, scope: str | None = None) -> Any:
    return keras.regularizers.L1(scale)


_KNOWN = {
    "layers.xavier_initializer": _xavier,
    "layers.xavier_initializer_conv2d": _xavier,
    "layers.l1_regularizer": _l1,
    "layers.l2_regularizer": _l2,
}
