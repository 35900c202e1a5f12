"""A bound on the weights and tensors that a config may ask for: a file of a few kilobytes must not make us fill the machine's memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any

import keras

from layerfix.containers.cost import RAISE, factor
from layerfix.containers.records import Checkpoint
from layerfix.errors import HostileError

FREE = 1 << 29
"""Bytes of weights that any graph may have, whatever its file holds."""
TENSOR, SAMPLE, WORK = 1 << 27, 1 << 28, 15 * 10**9
"""What one sample may take in any graph: bytes of one tensor, bytes of all, and multiplications."""
WIDE, TOGETHER = 2048, 1 << 32
WORK_WIDE, WORK_TOGETHER = 1 << 16, 4 * 10**11
"""For each byte of the file, up to so much: bytes of all tensors, and multiplications, of a network that keeps its image's size. Each
weight works at each pixel (of 512 by 512: 65,536 for each of its four bytes), and few of the tensors live at one time."""
SCALE, WORK_SCALE, STEP = 384, 10**4, 25 * 10**5
"""For each byte of the file: bytes of tensors more, and multiplications more; and multiplications that one step of a loop counts for."""
RANK = 12
"""Dimensions of a tensor: TensorFlow's operations take eight and fewer, and transposing more takes minutes."""
_LOOPS = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Bidirectional", "TimeDistributed"})
RATIO = 8
"""Bytes of weights for each byte of the file beyond that: in a genuine file most weights of the graph are stored."""
_FLOAT = 4
"""Bytes of an element."""


@contextmanager
def bounded(checkpoint: Checkpoint) -> Iterator[None]:
    """While it lasts, layers that ask for more weights than a genuine checkpoint of this size has, or make larger tensors of a sample than
    a genuine one does (`RepeatVector(10**9)`), are refused before they get them.

    Raises:
        HostileError: where that happens; it names the layer.
    """
    limit = int(factor() * (FREE + RATIO * checkpoint.size))
    largest = int(factor() * (TENSOR + SCALE * checkpoint.size))
    asked = 0
    refused: list[HostileError] = []
    genuine, symbol = keras.layers.Layer.add_weight, keras.KerasTensor.__init__

    def add_weight(layer: keras.layers.Layer, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        sizes = shape if isinstance(shape, (list, tuple)) else () if shape is None else (shape,)
        asked += _FLOAT * prod(size for size in sizes if isinstance(size, int))
        if asked > limit:
            message = f"refused: the graph asks for a weight of shape {tuple(sizes)}; the file has {checkpoint.size} bytes."
            raise HostileError(message, where=f"{checkpoint.path}: {layer.name}", hint=RAISE)
        return genuine(layer, shape, *args, **kwargs)

    def tensor(made: Any, shape: Any, *args: Any, **kwargs: Any) -> None:
        if len(shape) > RANK or _FLOAT * prod(size for size in shape if isinstance(size, int)) > largest:
            message = f"refused: the graph makes a tensor of shape {tuple(shape)} of each sample; the file has {checkpoint.size} bytes."
            refused.append(HostileError(message, where=str(checkpoint.path), hint=RAISE))
            raise refused[0]
        symbol(made, shape, *args, **kwargs)

    # Keras asks nobody before it allocates a weight or makes a tensor, so that its own functions give way for a while.
    keras.layers.Layer.add_weight, keras.KerasTensor.__init__ = add_weight, tensor
    try:
        yield
    except Exception as error:  # Keras raises its own copy, with the arguments of the call in it, and builders wrap that
        raise refused[0] if refused else error from None
    finally:
        keras.layers.Layer.add_weight, keras.KerasTensor.__init__ = genuine, symbol


def bounded_sample(model: keras.Model, checkpoint: Checkpoint) -> None:
    """Looks at what the built model takes for one sample, all its tensors together, before anything is computed.

    Raises:
        HostileError: where it is more than any genuine file of this size takes.
    """
    size, scale = checkpoint.size, factor()
    memory, work = sample_bytes(model), _work(model)
    where = str(checkpoint.path)
    if memory > scale * (SAMPLE + max(SCALE * size, min(WIDE * size, TOGETHER))):
        message = f"refused: the graph makes {memory:,} bytes of tensors of each sample; the file has {size} bytes."
        raise HostileError(message, where=where, hint=RAISE)
    if work > scale * (WORK + max(WORK_SCALE * size, min(WORK_WIDE * size, WORK_TOGETHER))):
        message = f"refused: the graph takes {work:.0e} multiplications for each sample; the file has {size} bytes."
        raise HostileError(message, where=where, hint=RAISE)


def sample_bytes(model: keras.Model) -> int:
    """Bytes of all tensors that a model makes of one sample; an open dimension counts as 1."""
    return sum(_FLOAT * _elements(tensor) for node in _nodes(model) for tensor in node.output_tensors)


def _work(model: keras.Model) -> float:
    """Multiplications for one sample.

    A model inside (nested, or in a wrapper such as TimeDistributed) counts by its own layers, as often as its calls' inputs
    hold the input that it was made for; all its weights at the size of its input would be a thousand times too many.
    """
    graph = _graph(model)
    total = 0.0
    for layer in model.layers:
        calls = [node for node in graph if node.operation is layer] or layer._inbound_nodes
        inner = layer if isinstance(layer, keras.Model) else getattr(layer, "layer", None)
        total += _work_inside(inner, calls) if isinstance(inner, keras.Model) else _work_of(layer, calls)
    return total


def _work_inside(model: keras.Model, calls: Sequence[Any]) -> float:
    own = sum(_elements(tensor) for tensor in model.inputs)
    times = [sum(_elements(tensor) for tensor in call.input_tensors) / own for call in calls]
    return _work(model) * max(1.0, sum(max(1.0, time) for time in times))


def _work_of(layer: keras.layers.Layer, calls: Sequence[Any]) -> float:
    total = 0.0
    parameters = sum(prod(variable.shape) for variable in layer.variables)
    for node in calls:
        shapes = [tensor.shape for tensor in (*node.input_tensors, *node.output_tensors)]
        total += parameters * max((prod(size or 1 for size in shape[:-1]) for shape in shapes), default=1)
        if type(layer).__name__ in _LOOPS and shapes and len(shapes[0]) > 2:
            total += STEP * (shapes[0][1] or 1)
    return total


def _nodes(model: keras.Model) -> Iterator[Any]:
    """The calls of a model and of those inside; of a layer that is in no graph of theirs, all its calls."""
    layers = list(model._flatten_layers())
    calls = {id(node): node for layer in layers if isinstance(layer, keras.Model) for node in _graph(layer)}
    placed = {id(node.operation) for node in calls.values()}
    yield from calls.values()
    yield from (node for layer in layers if id(layer) not in placed for node in layer._inbound_nodes)


def _graph(model: keras.Model) -> Sequence[Any]:
    """The calls that a model consists of. A Sequential calls all its layers anew for each that it is given: the last round counts."""
    return [node for nodes in getattr(getattr(model, "_functional", None) or model, "_nodes_by_depth", {}).values() for node in nodes]


def _elements(tensor: Any) -> int:
    """Numbers in a tensor of one sample, or of the batch that the file states."""
    return prod(size or 1 for size in tensor.shape)
