"""Recurrent layers in numpy, written from keras 2.2.4, recurrent.py and cudnn_recurrent.py. Weights in float64, one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layerfix.reference.functions import Array, Unsupported, activate

Config = Mapping[str, Any]
Step = Callable[[Array, list[Array]], list[Array]]


def run(class_name: str, config: Config, x: Array, weights: list[Array]) -> Array:
    """A recurrent layer over (batch, steps, inputs): the last output, or all of them.

    Raises:
        Unsupported: for settings that change the calling convention.
    """
    if config.get("return_state") or config.get("stateful"):
        raise Unsupported(f"the reference does not follow the states of {class_name}")
    step, states = {"SimpleRNN": _simple, "LSTM": _lstm, "GRU": _gru}[class_name](config, weights)
    state = [np.zeros((len(x), weights[1].shape[0])) for _ in range(states)]
    outputs = []
    order = range(x.shape[1] - 1, -1, -1) if config.get("go_backwards") else range(x.shape[1])
    for index in order:
        state = step(x[:, index], state)
        outputs.append(state[0])
    return np.stack(outputs, 1) if config.get("return_sequences") else outputs[-1]


def _bias(config: Config, weights: list[Array]) -> Array | float:
    return weights[2] if config.get("use_bias", True) else 0.0


def _simple(config: Config, weights: list[Array]) -> tuple[Step, int]:
    bias = _bias(config, weights)

    def step(x: Array, state: list[Array]) -> list[Array]:
        return [activate(config.get("activation", "tanh"), x @ weights[0] + bias + state[0] @ weights[1])]

    return step, 1


def _lstm(config: Config, weights: list[Array]) -> tuple[Step, int]:
    bias, gate = _bias(config, weights), config.get("recurrent_activation", "hard_sigmoid")

    def step(x: Array, state: list[Array]) -> list[Array]:
        i, f, c, o = np.split(x @ weights[0] + state[0] @ weights[1] + bias, 4, axis=-1)
        carry = activate(gate, f) * state[1] + activate(gate, i) * activate(config.get("activation", "tanh"), c)
        return [activate(gate, o) * activate(config.get("activation", "tanh"), carry), carry]

    return step, 2


def _gru(config: Config, weights: list[Array]) -> tuple[Step, int]:
    bias, gate, after = _bias(config, weights), config.get("recurrent_activation", "hard_sigmoid"), config.get("reset_after", False)
    first, second = (bias[0], bias[1]) if after and isinstance(bias, np.ndarray) else (bias, 0.0)

    def step(x: Array, state: list[Array]) -> list[Array]:
        h, units = state[0], weights[1].shape[0]
        xz, xr, xh = np.split(x @ weights[0] + first, 3, axis=-1)
        if after:
            hz, hr, hh = np.split(h @ weights[1] + second, 3, axis=-1)
            z, r = activate(gate, xz + hz), activate(gate, xr + hr)
            new = activate(config.get("activation", "tanh"), xh + r * hh)
        else:
            z = activate(gate, xz + h @ weights[1][:, :units])
            r = activate(gate, xr + h @ weights[1][:, units : 2 * units])
            new = activate(config.get("activation", "tanh"), xh + (r * h) @ weights[1][:, 2 * units :])
        return [z * h + (1 - z) * new]

    return step, 1


def bidirectional(config: Config, x: Array, weights: list[Array]) -> Array:
    """Both directions and their merge (keras 2.2.4, wrappers.py)."""
    inner = config["layer"]
    half = len(weights) // 2
    if inner["class_name"] not in {"SimpleRNN", "LSTM", "GRU"} or config.get("backward_layer"):
        raise Unsupported(f"the reference does not know Bidirectional of {inner['class_name']}")
    ahead = run(inner["class_name"], inner["config"], x, weights[:half])
    turned = {**inner["config"], "go_backwards": not inner["config"].get("go_backwards")}
    behind = run(inner["class_name"], turned, x, weights[half:])
    if inner["config"].get("return_sequences"):
        behind = behind[:, ::-1]
    merges: dict[Any, Callable[[], Array]] = {
        "concat": lambda: np.concatenate([ahead, behind], -1), "sum": lambda: ahead + behind, "mul": lambda: ahead * behind,
        "ave": lambda: (ahead + behind) / 2,
    }  # fmt: skip
    if config.get("merge_mode", "concat") not in merges:
        raise Unsupported("the reference does not know a Bidirectional with two outputs")
    return merges[config.get("merge_mode", "concat")]()
