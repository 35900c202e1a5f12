"""What a stock layer takes from numpy's global generator when legacy Keras builds and calls it (TensorFlow backend).

Recorded by wrapping `np.random.randint` and `np.random.normal` in genuine Keras 2.0.0, 2.0.2-2.0.5, 2.0.8, 2.0.9, 2.1.0, 2.1.4-2.1.6,
2.2.0 and 2.2.2-2.2.5 (tests/legacy/record_draws.py). They agree but for what names a release below. All draws of `build` come before
those of `call`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from layerfix.legacy.initializers import DrawKind, draw_kind
from layerfix.legacy.stock import MODELS, UNCOUNTED, WRAPPERS, inner_layers
from layerfix.legacy.versions import Numbers, keras2_numbers
from layerfix.legacy.weights import weights

Phase = Literal["init", "build", "call"]

_GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4, "ConvLSTM2D": 4}
_RECURRENT = ("SimpleRNN", "GRU", "LSTM", "ConvLSTM", "CuDNN")
_FORGET_IN_TWO = (2, 0, 4)
_OPEN_RATE = frozenset({"Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout"})


@dataclass(frozen=True, slots=True)
class StockDraw:
    """One use of numpy's global generator.

    Attributes:
        kind: "seed" for `randint(10e6)`, "wide" for `randint(10e8)`, "normal" for Orthogonal's `normal(0, 1, (rows, columns))`;
            "numpy" for what a custom layer's own code draws, which no stock layer does.
        phase: "build" (a weight's initializer) or "call" (a Dropout mask or noise). Stock layers draw nothing in `__init__`.
        role: the weight it initialises, as in `StockWeight.role`, or None.
    """

    kind: DrawKind
    phase: Phase
    role: str | None


def draws(class_name: str, config: Mapping[str, object], *, first_call: bool, keras_version: str | None = None) -> tuple[StockDraw, ...]:
    """The draws of one call of a stock layer, in order; `first_call` includes those of its build.

    A nested model is made before it is called: with `first_call` its layers' builds and calls come layer by layer, and then, as at every
    call of a model, all its layers' calls once more. A Lambda may draw what it likes (its function runs twice at each call); that
    is not in its config and not counted here.

    Raises:
        KeyError: with the class name, for a class whose weights or draws the tables do not state.
    """
    release = keras2_numbers(keras_version)
    made = (*_make(class_name, config, keras_version), *_build(class_name, config, release)) if first_call else ()
    return (*made, *_call(class_name, config, first_call, release))


def _make(class_name: str, config: Mapping[str, object], keras_version: str | None) -> Iterator[StockDraw]:
    """What the models inside drew when they were made, before anything called them."""
    for place, (inner, inner_config) in enumerate(inner_layers(class_name, config)):
        if class_name not in MODELS:
            yield from _make(inner, inner_config, keras_version)
            continue
        if inner in MODELS and class_name == "Sequential" and place == 0 and keras2_numbers(keras_version) < (2, 1):
            drawn = tuple(_make(inner, inner_config, keras_version))  # taken as it is, not called again
        else:
            drawn = draws(inner, inner_config, first_call=True, keras_version=keras_version)
        yield from (_inside(draw, str(inner_config.get("name", inner))) for draw in drawn)


def _build(class_name: str, config: Mapping[str, object], release: Numbers) -> Iterator[StockDraw]:
    if class_name in MODELS:
        return
    if class_name == "Bidirectional":
        for direction in ("forward", "backward"):
            for inner, inner_config in inner_layers(class_name, config):
                yield from (_inside(draw, direction) for draw in _build(inner, inner_config, release))
    elif class_name == "StackedRNNCells":
        for index, (inner, inner_config) in enumerate(inner_layers(class_name, config)):
            yield from (_inside(draw, f"cells/{index}") for draw in _build(inner, inner_config, release))
    elif class_name in WRAPPERS and class_name not in UNCOUNTED:
        for inner, inner_config in inner_layers(class_name, config):
            yield from _build(inner, inner_config, release)
    else:
        yield from _initializers(class_name, config, release)


def _initializers(class_name: str, config: Mapping[str, object], release: Numbers) -> Iterator[StockDraw]:
    # unit_forget_bias initialises the bias in two pieces, around the ones of the forget gate (keras 2.2.4, layers/recurrent.py).
    in_two = "bias" if "LSTM" in class_name and config.get("unit_forget_bias", True) and release >= _FORGET_IN_TWO else None
    for weight in weights(class_name, config):
        if weight.role == "bias" and release < (2, 0, 1) and not class_name.startswith(_RECURRENT):
            continue  # Keras 2.0.0 wrote the kernel's initializer in the bias's place; the bias itself was nearly always zeros
        kind = draw_kind(weight.initializer)
        if kind:
            yield from (StockDraw(kind, "build", weight.role),) * (2 if weight.role == in_two else 1)


def _call(class_name: str, config: Mapping[str, object], first_call: bool, release: Numbers) -> Iterator[StockDraw]:
    if class_name in _OPEN_RATE:
        if 0.0 < _rate(config, "rate") < 1.0 and config.get("seed") is None:
            yield StockDraw("seed", "call", None)
    elif class_name == "GaussianNoise":  # even with stddev 0
        yield StockDraw("seed", "call", None)
    elif class_name in _GATES:
        yield from _masks(class_name, config, first_call, release)
    elif class_name in {"Bidirectional", "TimeDistributed"} or class_name in MODELS:
        repeat = 2 if class_name == "Bidirectional" else _time_steps(class_name, config)
        for inner, inner_config in inner_layers(class_name, config):
            for _ in range(repeat):
                yield from _call(inner, inner_config, first_call and class_name not in MODELS, release)
    elif class_name in {"RNN", "StackedRNNCells"} and first_call:  # cells keep their masks
        for inner, inner_config in inner_layers(class_name, config):
            yield from _call(inner.removesuffix("Cell"), inner_config, True, release)


def _masks(class_name: str, config: Mapping[str, object], first_call: bool, release: Numbers) -> Iterator[StockDraw]:
    """Dropout masks of a recurrent layer: one for each gate and each of `dropout` and `recurrent_dropout`, whatever the implementation.

    LSTM, GRU and SimpleRNN throw them away before each call; ConvLSTM2D does so only before Keras 2.1.5. Before 2.0.3 the input's masks
    are made twice by implementation 0, and not at all by the others.
    """
    if class_name == "ConvLSTM2D" and not first_call and release >= (2, 1, 5):
        return
    for rate in ("dropout", "recurrent_dropout"):
        if 0.0 < _rate(config, rate) < 1.0:
            times = 1
            if rate == "dropout" and release < (2, 0, 3) and class_name != "ConvLSTM2D":
                times = 0 if config.get("implementation") else 2
            yield from (StockDraw("seed", "call", None),) * (times * _GATES[class_name])


def _time_steps(class_name: str, config: Mapping[str, object]) -> int:
    """TimeDistributed folds time into the batch and calls its layer once; with a fixed batch size it loops instead, and traces it twice."""
    shape = config.get("batch_input_shape")
    return 2 if class_name == "TimeDistributed" and isinstance(shape, list) and shape and shape[0] else 1


def _inside(draw: StockDraw, prefix: str) -> StockDraw:
    return replace(draw, role=f"{prefix}/{draw.role}") if draw.role else draw


def _rate(config: Mapping[str, object], key: str) -> float:
    rate = config.get(key)
    return float(rate) if isinstance(rate, int | float) else 0.0
