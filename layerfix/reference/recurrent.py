"""Recurrent layers in numpy, one step at a time, with masks and states (keras 2.2.4, recurrent.py, wrappers.py, cudnn_recurrent.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.legacy.packages import plain_class
from layerfix.reference.functions import Unsupported, activate, windows

Config = Mapping[str, Any]
Step = Callable[[Array, list[Array]], list[Array]]
"""(input, states) to new states, the first of which is the output."""
RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU", "RNN", "Bidirectional", "ConvLSTM2D"})


def recurrent(name: str, config: Config, inputs: list[Array], weights: list[Array], mask: Array | None, tf: bool) -> list[Any]:
    """A recurrent layer over (batch, steps, ...): (value, mask) of its output and of each state that it returns.

    Args:
        inputs: the sequence, then its initial states.
        weights: as the layer stores them.
        mask: (batch, steps), or None.
        tf: whether tf.keras or Keras 3 wrote the model: Bidirectional gives zeros at masked steps there.

    Raises:
        Unsupported: for settings that are not known here.
    """
    if name == "Bidirectional":
        return _bidirectional(config, inputs, weights, mask, tf)
    if config.get("stateful") or config.get("time_major"):
        raise Unsupported(f"the reference does not follow the states of {name}")
    if name == "ConvLSTM2D":
        return _convolutional(config, inputs, weights, mask)
    step, sizes = _step(name, config, weights, inputs[0].dtype)
    outputs, states = _run(config, inputs, step, sizes, mask, bool(config.get("zero_output_for_mask")))
    kept = mask if config.get("return_sequences") else None
    return [(outputs, kept), *([(state, None) for state in states] if config.get("return_state") else [])]


def _run(config: Config, inputs: list[Array], step: Step, sizes: list[int], mask: Array | None, zeros: bool) -> tuple[Array, list[Array]]:
    x, *given = inputs
    states = given or [np.zeros((len(x), size), x.dtype) for size in sizes]
    last = np.zeros((len(x), sizes[0]), x.dtype)
    outputs = []
    order = range(x.shape[1] - 1, -1, -1) if config.get("go_backwards") else range(x.shape[1])
    for index in order:
        new = step(x[:, index], states)
        here = new[0]
        if mask is not None:
            on = mask[:, index, None]
            here = np.where(on, here, 0 if zeros else last)
            new = [np.where(on, one, old) for one, old in zip(new, states, strict=True)]
            last = here if not zeros else np.where(on, new[0], last)
        outputs.append(here)
        states = new
    final = last if mask is not None else outputs[-1]
    return (np.stack(outputs, 1) if config.get("return_sequences") else final), states


def _step(name: str, config: Config, weights: list[Array], kind: object) -> tuple[Step, list[int]]:
    """The step of a layer and the sizes of its states."""
    if name.startswith("CuDNN"):
        plain = name.removeprefix("CuDNN")
        settled = {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": True, "use_bias": True}
        return _step(plain, settled, _from_cudnn(weights, 4 if plain == "LSTM" else 3), kind)
    if name == "RNN":
        return _cells(config["cell"], weights, kind)
    makers = {"SimpleRNN": (_simple, 1), "LSTM": (_lstm, 2), "GRU": (_gru, 1)}
    if name not in makers:
        raise Unsupported(f"the reference does not know {name}")
    maker, states = makers[name]
    return maker(config, weights), [weights[1].shape[0]] * states


def _cells(cell: Config, weights: list[Array], kind: object) -> tuple[Step, list[int]]:
    """An RNN's cell, or cells stacked, each fed by the one before."""
    own = cell["config"]
    if plain_class(cell["class_name"]) != "StackedRNNCells":
        return _step(plain_class(cell["class_name"]).removesuffix("Cell"), own, weights, kind)
    if own.get("reverse_state_order"):
        raise Unsupported("the reference does not know StackedRNNCells with reversed states")
    steps, start = [], 0
    for inner in own["cells"]:
        count = 2 + bool(inner["config"].get("use_bias", True))
        steps.append(_cells(inner, weights[start : start + count], kind))
        start += count

    def step(x: Array, states: list[Array]) -> list[Array]:
        new: list[list[Array]] = []
        rest = list(states)
        for one, sizes in steps:
            held, rest = rest[: len(sizes)], rest[len(sizes) :]
            new.append(one(x, held))
            x = new[-1][0]
        flat = [state for part in new for state in part]
        return flat

    sizes = [size for _, part in steps for size in part]
    if len(steps) == 1:
        return step, sizes
    return _last_first(step, steps), [steps[-1][1][0], *sizes]


def _last_first(step: Step, steps: list[tuple[Step, list[int]]]) -> Step:
    """The output of stacked cells is that of the last, and no state of the first: it goes in front."""
    place = -len(steps[-1][1])

    def outer(x: Array, states: list[Array]) -> list[Array]:
        new = step(x, states[1:])
        return [new[place], *new]

    return outer


def _from_cudnn(weights: list[Array], gates: int) -> list[Array]:
    """CuDNN's kernels are transposed gate by gate and read in Fortran order; it has two biases (keras 2.2.4, saving.py)."""
    kernel, recurrent_kernel, bias = weights
    kernels = [part.T.reshape(part.shape, order="F") for part in np.split(kernel, gates, axis=1)]
    turned = [part.T for part in np.split(recurrent_kernel, gates, axis=1)]
    biases = bias.reshape(2, -1)
    return [np.concatenate(kernels, 1), np.concatenate(turned, 1), biases.sum(0) if gates == 4 else biases]


def _bias(config: Config, weights: list[Array]) -> Array | float:
    return weights[2] if config.get("use_bias", True) else 0.0


def _simple(config: Config, weights: list[Array]) -> Step:
    bias = _bias(config, weights)

    def step(x: Array, state: list[Array]) -> list[Array]:
        return [activate(config.get("activation", "tanh"), x @ weights[0] + bias + state[0] @ weights[1])]

    return step


def _lstm(config: Config, weights: list[Array]) -> Step:
    bias, gate = _bias(config, weights), config.get("recurrent_activation", "hard_sigmoid")

    def step(x: Array, state: list[Array]) -> list[Array]:
        i, f, c, o = np.split(x @ weights[0] + state[0] @ weights[1] + bias, 4, axis=-1)
        carry = activate(gate, f) * state[1] + activate(gate, i) * activate(config.get("activation", "tanh"), c)
        return [activate(gate, o) * activate(config.get("activation", "tanh"), carry), carry]

    return step


def _gru(config: Config, weights: list[Array]) -> Step:
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

    return step


def _bidirectional(config: Config, inputs: list[Array], weights: list[Array], mask: Array | None, tf: bool) -> list[Any]:
    """Both directions and their merge (keras 2.2.4, wrappers.py); tf.keras gives zeros at masked steps."""
    inner, half = config["layer"], len(weights) // 2
    name, own = plain_class(inner["class_name"]), inner["config"]
    back = config.get("backward_layer") or {**inner, "config": {**own, "go_backwards": not own.get("go_backwards")}}
    if len(inputs) > 1 or own.get("return_state") or back["class_name"] != inner["class_name"]:
        raise Unsupported("the reference does not know this setting of Bidirectional")
    zeros = {"zero_output_for_mask": tf and bool(own.get("return_sequences"))}
    ahead = recurrent(name, {**own, **zeros}, inputs, weights[:half], mask, tf)[0][0]
    behind = recurrent(name, {**back["config"], **zeros}, inputs, weights[half:], mask, tf)[0][0]
    if own.get("return_sequences"):
        behind = behind[:, ::-1]
    merges: dict[Any, Callable[[], Array]] = {
        "concat": lambda: np.concatenate([ahead, behind], -1), "sum": lambda: ahead + behind, "mul": lambda: ahead * behind,
        "ave": lambda: (ahead + behind) / 2,
    }  # fmt: skip
    if config.get("merge_mode", "concat") not in merges:
        raise Unsupported("the reference does not know a Bidirectional with two outputs")
    return [(merges[config.get("merge_mode", "concat")](), mask if own.get("return_sequences") else None)]


def _convolutional(config: Config, inputs: list[Array], weights: list[Array], mask: Array | None) -> list[Any]:
    """ConvLSTM2D over (batch, steps, height, width, channels): the state's convolution keeps its size (keras 2.2.4)."""
    x, bias = inputs[0], _bias(config, weights)
    if len(inputs) > 1 or mask is not None or config.get("return_state") or config.get("data_format") == "channels_first":
        raise Unsupported("the reference does not know this setting of ConvLSTM2D")
    gate, act = config.get("recurrent_activation", "hard_sigmoid"), config.get("activation", "tanh")

    def convolved(image: Array, kernel: Array, strides: Any, dilation: Any, padding: str) -> Array:
        return np.tensordot(windows(image, kernel.shape[:2], strides, dilation, padding), kernel, 3)

    hidden: Any = 0.0
    carry: Any = 0.0
    outputs: list[Array] = []
    order = range(x.shape[1] - 1, -1, -1) if config.get("go_backwards") else range(x.shape[1])
    for index in order:
        total = (
            convolved(x[:, index], weights[0], config.get("strides", [1, 1]), config.get("dilation_rate", [1, 1]), config["padding"]) + bias
        )
        total = total + convolved(hidden, weights[1], [1, 1], [1, 1], "same") if outputs else total
        i, f, c, o = np.split(total, 4, axis=-1)
        carry = activate(gate, f) * carry + activate(gate, i) * activate(act, c)
        hidden = activate(gate, o) * activate(act, carry)
        outputs.append(hidden)
    return [(np.stack(outputs, 1) if config.get("return_sequences") else hidden, None)]
