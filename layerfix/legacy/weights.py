"""The weights that a stock layer stores, from its config alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from layerfix.legacy.initializers import canonical
from layerfix.legacy.stock import MODELS, STATELESS, WEIGHTED, WRAPPERS, Row, inner_layers


@dataclass(frozen=True, slots=True)
class StockWeight:
    """One weight of a stock layer.

    Attributes:
        role: "kernel"; "forward/kernel" in a Bidirectional; "cells/0/kernel" in stacked cells; "dense_1/kernel" in a wrapped model.
            TimeDistributed and RNN add nothing.
        initializer: legacy form {"class_name", "config"}, or None where the config states one that is unknown.
        trainable: whether a layer with `trainable=True` trains it.
        ndim: its rank, or None where that follows the input.
    """

    role: str
    initializer: Mapping[str, Any] | None
    trainable: bool
    ndim: int | None


def weights(class_name: str, config: Mapping[str, object]) -> tuple[StockWeight, ...]:
    """The weights of a stock layer in `weight_names` order: trained ones first, then the others.

    Raises:
        KeyError: with the class name, for a class (or a wrapper's inner class) whose weights the table does not state.
    """
    found = tuple(_weights(class_name, config))
    return tuple(weight for weight in found if weight.trainable) + tuple(weight for weight in found if not weight.trainable)


def _weights(class_name: str, config: Mapping[str, object]) -> Iterator[StockWeight]:
    if class_name in STATELESS:
        return
    if class_name in WEIGHTED:
        yield from (_weight(class_name, row, config) for row in WEIGHTED[class_name] if _present(row, config))
    elif class_name == "Bidirectional":
        for direction in ("forward", "backward"):
            for inner, inner_config in inner_layers(class_name, config):
                yield from _prefixed(direction, inner, inner_config)
    elif class_name in MODELS:
        for inner, inner_config in inner_layers(class_name, config):
            yield from _prefixed(str(inner_config.get("name", inner)), inner, inner_config)
    elif class_name == "StackedRNNCells":
        for index, (inner, inner_config) in enumerate(inner_layers(class_name, config)):
            yield from _prefixed(f"cells/{index}", inner, inner_config)
    elif class_name in WRAPPERS and class_name != "SpectralNormalization":
        for inner, inner_config in inner_layers(class_name, config):
            yield from _weights(inner, inner_config)
    else:
        raise KeyError(class_name)


def _prefixed(prefix: str, class_name: str, config: Mapping[str, object]) -> Iterator[StockWeight]:
    return (replace(weight, role=f"{prefix}/{weight.role}") for weight in _weights(class_name, config))


def _present(row: Row, config: Mapping[str, object]) -> bool:
    return row.switch is None or bool(config.get(row.switch, True))


def _weight(class_name: str, row: Row, config: Mapping[str, Any]) -> StockWeight:
    ndim = row.ndim
    if row.role == "bias" and class_name in {"SimpleRNN", "LSTM", "SimpleRNNCell", "LSTMCell"}:
        ndim = 1
    elif row.role == "bias" and class_name in {"GRU", "GRUCell"}:  # reset_after keeps one bias for the input and one for the state
        ndim = 2 if config.get("reset_after") else 1
    elif row.role == "bias" and class_name.startswith("CuDNN"):
        ndim = 1
    elif row.role == "kernel" and class_name.startswith("LocallyConnected") and config.get("implementation", 1) != 1:
        ndim = None  # keras 2.3, layers/local.py: the dense and the sparse form
    elif class_name in {"BatchNormalization", "LayerNormalization"} and isinstance(config.get("axis"), list):
        ndim = len(config["axis"])
    return StockWeight(row.role, _initializer(class_name, row, config), row.trainable, ndim)


def _initializer(class_name: str, row: Row, config: Mapping[str, object]) -> Mapping[str, Any] | None:
    """As the config states it; an LSTM's bias has ones for the forget gate (keras 2.2.4, layers/recurrent.py, cudnn_recurrent.py)."""
    stated = canonical(config.get(row.initializer, row.default) or row.default)
    if row.role == "bias" and "LSTM" in class_name and config.get("unit_forget_bias", True):
        gates = 8 if class_name.startswith("CuDNN") else 4
        return {"class_name": "UnitForgetBias", "config": {"bias_initializer": stated, "gates": gates}}
    return stated
