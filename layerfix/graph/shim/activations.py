"""`keras.activations` as legacy source knew it."""

from __future__ import annotations

from typing import Any

import keras

from layerfix.graph.shim import backend_nn
from layerfix.graph.shim.arguments import activation
from layerfix.graph.shim.backend import t

relu, elu, softplus, softsign, sigmoid, tanh, hard_sigmoid, softmax = (
    backend_nn.relu, backend_nn.elu, backend_nn.softplus, backend_nn.softsign, backend_nn.sigmoid, backend_nn.tanh, backend_nn.hard_sigmoid,
    backend_nn.softmax,
)  # fmt: skip


def linear(x: object) -> Any:
    return x


def selu(x: object) -> Any:
    return keras.activations.selu(t(x))


def exponential(x: object) -> Any:
    return keras.activations.exponential(t(x))


def get(identifier: object) -> Any:
    """A function for a name; linear for None."""
    if identifier is None:
        return linear
    return (
        globals()[identifier] if isinstance(identifier, str) and identifier in globals() else keras.activations.get(activation(identifier))
    )


def serialize(function: Any) -> str:
    return str(function.__name__)


deserialize = get
