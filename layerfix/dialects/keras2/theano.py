"""Rules for models that Theano trained: it convolved with flipped kernels, and padded other sides.

Only a "same" that TensorFlow places elsewhere is stated anew. Checked against genuine Keras 1.2.2 and 2.2.4 on Theano 1.0.5.
"""

from __future__ import annotations

from typing import Any

from layerfix.dialects.keras2.composed import become_chain, layer, operation, whole
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Relay

_FLIPPED = frozenset({"Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTM2D"})
_LOWEST = -3.4028234663852886e38


def theano_kernels(source: Source, entry: Entry) -> str | None:
    """Theano convolved with flipped kernels where TensorFlow correlates (keras 2.2.4, saving.py, preprocess_weights_for_loading)."""
    name = layer_class(entry)
    if source.backend != "theano" or source.is_keras1 or name not in _FLIPPED | {"Conv3DTranspose"}:
        return None
    if name == "Conv3DTranspose":
        raise GraphError(f"{name} trained on Theano has no known equal.", where=entry["name"])
    bias = bool(entry["config"].get("use_bias", True))
    recurrent = name == "ConvLSTM2D"
    entry["relay"] = Relay("theano_recurrent_convolution", 2 + bias) if recurrent else Relay("theano_convolution", 1 + bias)
    return "kernels flipped in space, since Theano convolves and TensorFlow correlates"


def theano_padding(source: Source, entry: Entry) -> str | None:
    """Padding "same" on Theano adds size // 2 before a convolution, and to a pooling by a rule of its own (keras 2.2.4,
    theano_backend.py, `_preprocess_padding` and `pool2d`), where TensorFlow adds as little as it needs; here it is a layer of its own.
    """
    name, config = layer_class(entry), entry["config"]
    if source.backend != "theano" or config.get("padding") != "same":
        return None
    if name in {"Conv1D", "Conv2D", "Conv3D"}:
        return _convolution(entry, int(name[-2]))
    if name == "Conv2DTranspose":
        return _transposed(entry)
    if name in {"MaxPooling1D", "MaxPooling2D"}:
        return _pooling(entry, int(name[-2]))
    if name == "ConvLSTM2D" and _moves_by_one(config, 2) and all(size % 2 for size in whole(config["kernel_size"], 2)):
        return None
    raise GraphError(f"{name} with padding 'same' differs between Theano and TensorFlow.", where=entry["name"])


def _moves_by_one(config: dict[str, Any], rank: int) -> bool:
    return set(whole(config.get("strides") or 1, rank)) == {1}


def _convolution(entry: Entry, rank: int) -> str | None:
    config = entry["config"]
    rates = whole(config.get("dilation_rate") or 1, rank)
    sizes = [(size - 1) * rate + 1 for size, rate in zip(whole(config["kernel_size"], rank), rates, strict=True)]
    if all(size % 2 for size in sizes) and _moves_by_one(config, rank):
        return None
    widths = [[size // 2, (size - 1) // 2] for size in sizes]
    padding = layer(f"ZeroPadding{rank}D", f"{entry['name']}_padding", padding=widths if rank > 1 else widths[0])
    if config.get("data_format"):
        padding["config"]["data_format"] = config["data_format"]
    become_chain(entry, [padding, _inner(entry, f"{entry['name']}_convolution")])
    return "Theano's padding as a layer of its own"


def _transposed(entry: Entry) -> str | None:
    """The whole transposed convolution, its ends cut off; Theano takes no even sizes here."""
    config = entry["config"]
    sizes, strides = whole(config["kernel_size"], 2), whole(config.get("strides") or 1, 2)
    if set(strides) == {1}:
        return None
    cropping = [[(size - 1) // 2, (size + 1) // 2 - step] for size, step in zip(sizes, strides, strict=True)]
    if min(min(sides) for sides in cropping) < 0 or config.get("output_padding") is not None:
        raise GraphError("Conv2DTranspose with padding 'same' of this size and strides differs on Theano.", where=entry["name"])
    crop = layer("Cropping2D", f"{entry['name']}_crop", cropping=cropping, data_format=config.get("data_format") or "channels_last")
    become_chain(entry, [_inner(entry, f"{entry['name']}_convolution"), crop])
    return "Theano's padding as a cropping behind"


def _pooling(entry: Entry, rank: int) -> str:
    config = entry["config"]
    sizes = whole(config.get("pool_size") or 2, rank)
    before = [size - 2 if size > 2 and size % 2 else size - 1 for size in sizes]
    widths = [[left, size - 1 - left] for left, size in zip(before, sizes, strict=True)]
    first = config.get("data_format") == "channels_first"
    full = [[0, 0], [0, 0], *widths] if first else [[0, 0], *widths, [0, 0]]
    pad = operation("pad", f"{entry['name']}_padding", pad_width=full, mode="constant", constant_values=_LOWEST)
    become_chain(entry, [pad, _inner(entry, f"{entry['name']}_pooling")])
    return "Theano's padding as an operation of its own"


def _inner(entry: Entry, name: str) -> Entry:
    """The layer itself without padding, as a part of what takes its place; its weights' layout goes with it."""
    part: Entry = {"class_name": layer_class(entry), "name": name, "config": {**entry["config"], "name": name, "padding": "valid"}}
    if entry.get("relay"):
        part["relay"] = entry.pop("relay")
    return part


THEANO_RULES = (theano_kernels, theano_padding)
