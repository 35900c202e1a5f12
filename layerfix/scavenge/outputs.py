"""What stock layers put out, from their config and the shape of what they are given; what is not known stays unknown.

Shapes follow keras 2.2.4 and 3, `compute_output_shape` of each layer, for `channels_last`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from layerfix.legacy.stock import inner_layers
from layerfix.scavenge.cells import step_width

Shape = tuple[int | None, ...]
"""With the batch; None for a size that is not known."""
GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4, "SimpleRNNCell": 1, "GRUCell": 3, "LSTMCell": 4, "CuDNNGRU": 3, "CuDNNLSTM": 4}
MOVING = {f"ConvLSTM{rank}D": rank for rank in (1, 2, 3)}
_MERGES = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"})
CONV = {
    f"{kind}{rank}D{form}": rank for kind in ("Conv", "SeparableConv", "DepthwiseConv") for rank in (1, 2, 3) for form in ("", "Transpose")
}
_POOL = {f"{kind}{rank}D": rank for kind in ("MaxPooling", "AveragePooling", "MaxPool", "AvgPool") for rank in (1, 2, 3)}
_RESHAPING = frozenset(
    {
        "Lambda",
        "Merge",
        "TextVectorization",
        "StringLookup",
        "CategoryEncoding",
        "DenseFeatures",
        "Resizing",
        "CenterCrop",
    }
    | {"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "RandomCrop", "RandomHeight", "RandomWidth", "Hashing", "HashedCrossing"}
)
"""Stateless classes whose output has another shape than their input, by rules that are not said here."""


def one_step(given: Shape | None) -> Shape | None:
    return (given[0], *given[2:]) if given is not None and len(given) > 2 else None


def known(shape: Shape | None) -> tuple[int, ...] | None:
    if shape is None or any(size is None for size in shape):
        return None
    return tuple(int(size) for size in shape if size is not None)


def sizes(value: object, rank: int) -> tuple[int, ...] | None:
    if isinstance(value, int):
        return (value,) * rank
    return tuple(value) if isinstance(value, list) and len(value) == rank and all(isinstance(size, int) for size in value) else None


def output(name: str, config: Mapping[str, Any], inputs: list[Shape | None]) -> Shape | None:
    """What a layer puts out."""
    given = inputs[0]
    if given is None or config.get("data_format") == "channels_first":
        return None
    if name in ("Dense", "Embedding"):
        return (*given[:-1], config.get("units")) if name == "Dense" else (*given, config.get("output_dim"))
    if name in CONV or name in _POOL:
        return _slid(name, config, given)
    if name in MOVING:
        return _moving(name, config, given)
    if name in GATES or name in ("Bidirectional", "RNN"):
        return _sequence(name, config, given)
    if name == "TimeDistributed":
        kind, settings = next(iter(inner_layers(name, config)))
        inner = output(kind, settings, [one_step(given)])
        return None if inner is None else (inner[0], given[1], *inner[1:])
    if name in _MERGES:
        return _broadcast(inputs)
    if name == "Dot":
        return _dotted(config.get("axes"), inputs)
    return _moved(name, config, inputs, given)


def _moved(name: str, config: Mapping[str, Any], inputs: list[Shape | None], given: Shape) -> Shape | None:
    """Layers that move numbers and compute none."""
    whole = known(given[1:])
    if name == "Flatten":
        return (given[0], None if whole is None else prod(whole))
    if name.startswith("Global") and "Pool" in name:
        return (*[given[0]], *([1] * (len(given) - 2) if config.get("keepdims") else []), given[-1])
    if name == "Reshape":
        return (given[0], *_filled(config.get("target_shape") or [], whole))
    if name == "RepeatVector":
        return (given[0], config.get("n"), *given[1:])
    if name == "Permute":
        return (given[0], *(given[at] for at in config.get("dims", ()) if isinstance(at, int) and at < len(given)))
    if name == "Concatenate":
        return _joined(config.get("axis", -1), inputs)
    if name.startswith(("UpSampling", "ZeroPadding", "Cropping")):
        return (given[0], *_resized(name, config, given[1:-1]), given[-1])
    return None if name in _RESHAPING else given


def _resized(name: str, config: Mapping[str, Any], inner: Shape) -> Iterator[int | None]:
    """Every size times a factor, or with what is put at or taken from both of its ends."""
    rank = len(inner)
    factors = sizes(config.get("size", 2), rank)
    ends = config.get("padding" if name.startswith("ZeroPadding") else "cropping", 1)
    ends = [ends] if rank == 1 and isinstance(ends, list) else ends
    for at, size in enumerate(inner):
        if name.startswith("UpSampling"):
            yield None if size is None or factors is None else size * factors[at]
            continue
        both = sizes(ends[at] if isinstance(ends, list) and len(ends) == rank else ends, 2)
        moved = None if both is None else sum(both) if name.startswith("ZeroPadding") else -sum(both)
        yield None if size is None or moved is None else size + moved


def _broadcast(inputs: Sequence[Shape | None]) -> Shape | None:
    """Sizes of 1 follow the others (keras 2.2.4, layers/merge.py, `_compute_elemwise_op_output_shape`)."""
    known = [one for one in inputs if one is not None]
    if len(known) < len(inputs) or len({len(one) for one in known}) != 1:
        return None
    return tuple(_common([size for size in column if size != 1]) for column in zip(*known, strict=True))


def _common(wanted: Sequence[int | None]) -> int | None:
    return 1 if not wanted else wanted[0] if len(set(wanted)) == 1 else None


def _dotted(axes: object, inputs: Sequence[Shape | None]) -> Shape | None:
    """The other axes of both (keras 2.2.4, layers/merge.py, `Dot.compute_output_shape`)."""
    pair = sizes(axes, 2)
    if pair is None or len(inputs) != 2 or inputs[0] is None or inputs[1] is None:
        return None
    one, two = (
        [size for at, size in enumerate(shape) if at != axis % len(shape)] for shape, axis in zip(inputs, pair, strict=True) if shape
    )
    return (*one, *two[1:]) if len(one) + len(two) > 2 else (*one, 1)


def _filled(target: Sequence[int], whole: tuple[int, ...] | None) -> Iterator[int | None]:
    known = prod(size for size in target if size != -1)
    for size in target:
        yield size if size != -1 else (prod(whole) // known if whole and known else None)


def _joined(axis: object, inputs: list[Shape | None]) -> Shape | None:
    given = inputs[0]
    known = [one for one in inputs if one is not None]
    if given is None or len(known) < len(inputs) or not isinstance(axis, int) or any(len(one) != len(given) for one in known):
        return None
    at = axis % len(given)
    sizes = [one[at] for one in known]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    return (*given[:at], total, *given[at + 1 :])


def _slid(name: str, config: Mapping[str, Any], given: Shape) -> Shape | None:
    """Convolution and pooling: (size - window) // stride + 1, or the size over the stride, rounded up."""
    rank = CONV.get(name) or _POOL[name]
    window = sizes(config.get("kernel_size") or config.get("pool_size", 2), rank)
    stride = sizes(config.get("strides") or (1 if name in CONV else config.get("pool_size", 2)), rank)
    widen = sizes(config.get("dilation_rate", 1), rank)
    if window is None or stride is None or widen is None or len(given) != rank + 2:
        return None
    same, causal = config.get("padding") == "same", config.get("padding") == "causal"
    slid: list[int | None] = []
    for size, width, step, apart in zip(given[1:-1], window, stride, widen, strict=True):
        if size is None or (name.endswith("Transpose") and config.get("output_padding") is not None):
            slid.append(None)
        elif name.endswith("Transpose"):
            slid.append(size * step + (0 if same else max(width - step, 0)))
        else:
            slid.append(-(-size // step) if same or causal else (size - (width - 1) * apart - 1) // step + 1)
    channels = config.get("filters") if name in CONV else given[-1]
    if name.startswith("Depthwise"):
        channels = None if given[-1] is None else given[-1] * config.get("depth_multiplier", 1)
    return (given[0], *slid, channels)


def _moving(name: str, config: Mapping[str, Any], given: Shape) -> Shape | None:
    """A convolutional recurrent layer: the last picture, or one for each step."""
    inner = one_step(given)
    slid = None if inner is None else _slid(name.replace("LSTM", ""), config, inner)
    return slid if slid is None or not config.get("return_sequences") else (slid[0], given[1], *slid[1:])


def _sequence(name: str, config: Mapping[str, Any], given: Shape) -> Shape | None:
    settings: Mapping[str, Any] = config
    kind, factor = name, 1
    if name == "Bidirectional":
        inner = list(inner_layers(name, config))
        if len(inner) != 1 or config.get("merge_mode", "concat") is None:
            return None
        (kind, settings), factor = inner[0], 2 if config.get("merge_mode", "concat") == "concat" else 1
    units = step_width(kind, settings)
    wide = units * factor if isinstance(units, int) else None
    return (given[0], given[1], wide) if settings.get("return_sequences") else (given[0], wide)
