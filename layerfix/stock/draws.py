"""What a stock layer takes from numpy's global generator when legacy Keras builds and calls it (TensorFlow backend).

Recorded by wrapping `np.random.randint` and `np.random.normal` in genuine Keras 2.0.9, 2.1.6, 2.2.0, 2.2.4 and 2.2.5; the five agree but
for ConvLSTM2D (see `_masks`). All draws of `build` come before those of `call`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from layerfix.stock.catalogue import MODELS, WEIGHTED, inner_layers
from layerfix.stock.initializers import DrawKind, draw_kind
from layerfix.stock.weights import weights

Phase = Literal["init", "build", "call"]

_GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4, "ConvLSTM2D": 4}
_OPEN_RATE = frozenset({"Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout"})


@dataclass(frozen=True, slots=True)
class StockDraw:
    """One use of numpy's global generator.

    Attributes:
        kind: "seed" for `randint(10e6)`, "normal" for Orthogonal's `normal(0, 1, (rows, columns))`.
        phase: "build" (a weight's initializer) or "call" (a Dropout mask or noise). Stock layers draw nothing in `__init__`.
        role: the weight it initialises, as in `StockWeight.role`, or None.
    """

    kind: DrawKind
    phase: Phase
    role: str | None


def draws(class_name: str, config: Mapping[str, Any], *, first_call: bool, keras_version: str | None = None) -> tuple[StockDraw, ...]:
    """The draws of one call of a stock layer, in order; `first_call` includes those of its build.

    For a nested model, `first_call=False` is what each connection of the model draws: its layers' calls run again, their builds do not.

    Raises:
        KeyError: with the class name, for a class whose weights or draws the tables do not state.
    """
    built = tuple(_build(class_name, config)) if first_call else ()
    return built + tuple(_call(class_name, config, first_call, keras_version))


def _build(class_name: str, config: Mapping[str, Any]) -> Iterator[StockDraw]:
    # Every weight is initialised in the order in which it is added, which for all stock layers is that of `weights`.
    twice = _forget_biases(class_name, config)
    for weight in weights(class_name, config):
        kind = draw_kind(weight.initializer)
        if kind:
            repeat = 2 if weight.role in twice else 1
            yield from (StockDraw(kind, "build", weight.role) for _ in range(repeat))


def _forget_biases(class_name: str, config: Mapping[str, Any], prefix: str = "") -> frozenset[str]:
    """Roles of biases that are initialised in two pieces around the ones of `unit_forget_bias` (keras 2.2.4, layers/recurrent.py)."""
    if class_name in {"LSTM", "LSTMCell", "CuDNNLSTM", "ConvLSTM2D", "ConvLSTM2DCell"}:
        return frozenset({f"{prefix}bias"}) if config.get("unit_forget_bias", True) else frozenset()
    found: frozenset[str] = frozenset()
    for index, (inner, inner_config) in enumerate(inner_layers(class_name, config)):
        if class_name == "Bidirectional":
            steps = [f"{prefix}forward/", f"{prefix}backward/"]
        elif class_name == "StackedRNNCells":
            steps = [f"{prefix}cells/{index}/"]
        else:
            steps = [f"{prefix}{inner_config.get('name', inner)}/"] if class_name in MODELS else [prefix]
        found = found.union(*(_forget_biases(inner, inner_config, step) for step in steps))
    return found


def _call(class_name: str, config: Mapping[str, Any], first_call: bool, keras_version: str | None) -> Iterator[StockDraw]:
    if class_name in _OPEN_RATE:
        if 0.0 < _rate(config, "rate") < 1.0 and config.get("seed") is None:
            yield StockDraw("seed", "call", None)
    elif class_name == "GaussianNoise":  # even with stddev 0
        yield StockDraw("seed", "call", None)
    elif class_name in _GATES:
        yield from _masks(class_name, config, first_call, keras_version)
    elif class_name in {"Bidirectional", "TimeDistributed"} or class_name in MODELS:
        repeat = 2 if class_name == "Bidirectional" else _time_steps(class_name, config)
        for inner, inner_config in inner_layers(class_name, config):
            for _ in range(repeat):
                yield from _call(inner, inner_config, first_call, keras_version)
    elif class_name in {"RNN", "StackedRNNCells"} and first_call:  # the cell keeps its masks
        for inner, inner_config in inner_layers(class_name, config):
            yield from _cell(inner, inner_config)


def _masks(class_name: str, config: Mapping[str, Any], first_call: bool, keras_version: str | None) -> Iterator[StockDraw]:
    """Dropout masks of a recurrent layer: one for each gate and each of `dropout` and `recurrent_dropout`, whatever the implementation.

    LSTM, GRU and SimpleRNN throw them away before each call; ConvLSTM2D does so only before Keras 2.1.
    """
    if class_name == "ConvLSTM2D" and not first_call and not (keras_version or "").startswith("2.0."):
        return
    for rate in ("dropout", "recurrent_dropout"):
        if 0.0 < _rate(config, rate) < 1.0:
            yield from (StockDraw("seed", "call", None) for _ in range(_GATES[class_name]))


def _cell(class_name: str, config: Mapping[str, Any]) -> Iterator[StockDraw]:
    if class_name == "StackedRNNCells":
        for inner, inner_config in inner_layers(class_name, config):
            yield from _cell(inner, inner_config)
    elif class_name.removesuffix("Cell") in _GATES:
        yield from _masks(class_name.removesuffix("Cell"), config, True, None)
    elif class_name not in WEIGHTED:
        raise KeyError(class_name)


def _time_steps(class_name: str, config: Mapping[str, Any]) -> int:
    """TimeDistributed folds time into the batch and calls its layer once; with a fixed batch size it loops instead, and traces it twice."""
    shape = config.get("batch_input_shape")
    return 2 if class_name == "TimeDistributed" and isinstance(shape, list) and shape and shape[0] else 1


def _rate(config: Mapping[str, Any], key: str) -> float:
    rate = config.get(key)
    return float(rate) if isinstance(rate, int | float) else 0.0
