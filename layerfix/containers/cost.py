"""What building a graph costs, counted on its config in linear time before Keras is imported: a file of 12 KB may ask for 2^20 calls."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from layerfix.containers.config import layer_list
from layerfix.containers.records import Checkpoint
from layerfix.errors import HostileError
from layerfix.legacy.packages import plain_class

CALLS = 3000
"""Layer calls that any graph may have (NASNetLarge has 1,041): each takes some milliseconds to build, to write and to check."""
BYTES = 1024
"""Bytes of the file for each further call."""
AGAIN = 33
"""A Sequential of n layers is built and read layer by layer, and Keras goes through all before it each time: n*n / AGAIN calls more."""
_RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
_DEEPEST = 200
"""Nesting that the JSON reader lets through."""
RAISE = "If you trust the file, set LAYERFIX_BUDGET=10 to allow ten times as much."


def factor() -> float:
    """By how much the user raises what a graph may cost: LAYERFIX_BUDGET, 1 where it is not set or no number."""
    try:
        return max(1.0, float(os.environ.get("LAYERFIX_BUDGET", "1")))
    except ValueError:
        return 1.0


def refuse_costly(checkpoint: Checkpoint) -> None:
    """Looks at how often layers are called, along all paths through nested and shared models, steps of unrolled layers among them.

    Raises:
        HostileError: where that is more than a genuine file of this size has.
    """
    if checkpoint.config is None:
        return
    limit = int(factor() * (CALLS + checkpoint.size // BYTES))
    found = calls(checkpoint.config)
    if found > limit:
        many = f"{found:,}" if found < 10**12 else "more than 10^12"
        message = f"refused: its graph calls layers {many} times; a file of {checkpoint.size} bytes may do so {limit:,} times."
        raise HostileError(message, where=str(checkpoint.path), hint=RAISE)


def calls(config: Mapping[str, object]) -> int:
    """How many times layers are called when a model is built, unrolled steps counted each."""
    return _model_calls(config, max(_lengths(config), default=1), 0)


def _model_calls(entry: Mapping[str, object], steps: int, depth: int) -> int:
    layers = layer_list(entry) or []
    total = sum(_times(layer) * _once(layer, steps, depth) for layer in layers)
    return total + (len(layers) ** 2 // AGAIN if plain_class(entry.get("class_name")) == "Sequential" else 0)


def _once(layer: Mapping[str, object], steps: int, depth: int) -> int:
    """Layer calls in one call of a layer."""
    if depth > _DEEPEST:
        return 1
    if layer_list(layer):
        return 1 + _model_calls(layer, steps, depth + 1)
    config = layer.get("config")
    config = config if isinstance(config, Mapping) else {}
    inner = config.get("layer")
    if isinstance(inner, Mapping) and "class_name" in inner:
        each = {"Bidirectional": 2, "TimeDistributed": steps}.get(plain_class(layer.get("class_name")), 1)
        return 1 + each * _once(inner, steps, depth + 1)
    unrolled = config.get("unroll") is True and plain_class(layer.get("class_name")) in _RECURRENT
    return steps if unrolled else 1


def _times(layer: Mapping[str, object]) -> int:
    """How often a model calls a layer: its nodes."""
    nodes = layer.get("inbound_nodes")
    return max(1, len(nodes)) if isinstance(nodes, list) else 1


def _lengths(value: object) -> Iterator[int]:
    """Every length that a config states for a first axis: of inputs, repeats and reshapes. An unrolled layer has at most so many steps."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            for key in ("batch_input_shape", "batch_shape", "target_shape"):
                shape = value.get(key)
                if isinstance(shape, list):
                    yield from (size for size in shape[0 if key == "target_shape" else 1 :][:1] if type(size) is int)
            yield from (size for key in ("n", "input_length") if type(size := value.get(key)) is int)
            pending += value.values()
        elif isinstance(value, list):
            pending += value
