"""Rules for what today's Keras no longer has, or has with another meaning: the legacy function stated by stock layers, so that plain Keras
loads the result."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.legacy.versions import BROWSER
from layerfix.model import Operation, Relay, StatedOperation


def layer(class_name: str, name: str, **config: Any) -> Entry:
    """A layer entry of an upgraded config."""
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}}


def operation(function: str, name: str, **arguments: Any) -> Entry:
    """An entry that calls one of `keras.ops` on its inputs."""
    return {"class_name": "Operation", "name": name, "config": {}, "operation": Operation(function, arguments)}


def become_operation(entry: Entry, operation: Operation | StatedOperation) -> None:
    """Turns a layer entry into an operation of the same name and calls."""
    entry["class_name"], entry["config"], entry["operation"] = "Operation", {}, operation


def become_sequential(entry: Entry, layers: list[Entry]) -> None:
    """Turns a layer entry into a nested Sequential of the same name, keeping its place in the graph."""
    entry["class_name"] = "Sequential"
    entry["config"] = {"name": entry["name"], "layers": layers}


def become_chain(entry: Entry, layers: list[Entry]) -> None:
    """Turns a layer entry into a nested functional model of one chain, for inputs of any shape; it may hold operations."""
    before = f"{entry['name']}_input"
    chain: list[Entry] = [{"class_name": "InputLayer", "name": before, "config": {"name": before}}]
    for item in layers:
        item["inbound_nodes"] = [[[chain[-1]["name"], 0, 0, {}]]]
        chain.append(item)
    become_functional(entry, chain, chain[-1]["name"])


def become_functional(entry: Entry, layers: list[Entry], output: str, inputs: int = 1) -> None:
    """Turns a layer entry into a nested functional model of one output, its `inputs` first; an InputLayer without shape takes any."""
    entry["class_name"] = "Functional"
    entry["config"] = {
        "name": entry["name"], "layers": layers, "input_layers": [[item["name"], 0, 0] for item in layers[:inputs]],
        "output_layers": [[output, 0, 0]],
    }  # fmt: skip


def cudnn(source: Source, entry: Entry) -> str | None:
    """CuDNNLSTM and CuDNNGRU are gone since Keras 3; LSTM and GRU (reset_after) compute the same with weights in another layout."""
    name = layer_class(entry)
    if name not in {"CuDNNLSTM", "CuDNNGRU"}:
        return None
    entry["class_name"] = name.removeprefix("CuDNN")
    entry["config"].update(activation="tanh", recurrent_activation="sigmoid", use_bias=True)
    if name == "CuDNNGRU":
        entry["config"]["reset_after"] = True
    entry["relay"] = Relay(name.replace("CuDNN", "cudnn_").lower(), count=3)
    return f"is {entry['class_name']} with sigmoid gates and its weights re-laid"


def locally_connected(source: Source, entry: Entry) -> str | None:
    """LocallyConnected1D/2D are gone since Keras 3: patches (a fixed depthwise convolution) and a dense layer for each place."""
    name = layer_class(entry)
    if name not in {"LocallyConnected1D", "LocallyConnected2D"}:
        return None
    config, rank = entry["config"], int(name[-2])
    if config.get("data_format") == "channels_first" or config.get("padding", "valid") != "valid" or config.get("implementation", 1) == 3:
        raise GraphError(f"{name} with channels_first, padding or implementation 3 has no equal in today's Keras.", where=entry["name"])
    size, strides = whole(config["kernel_size"], rank), whole(config.get("strides", 1), rank)
    multiplier, own = 1, entry["name"]
    for length in size:
        multiplier *= length
    axes = "xy"[:rank]
    patches = layer(
        f"DepthwiseConv{rank}D", f"{own}_patches", kernel_size=size, depth_multiplier=multiplier, use_bias=False, trainable=False
    )
    places = layer(f"MaxPooling{rank}D", f"{own}_places", pool_size=[1] * rank, strides=strides)
    dense = layer(
        "EinsumDense", f"{own}_dense", equation=f"b{axes}k,{axes}kf->b{axes}f", output_shape=[*[None] * rank, config["filters"]],
        bias_axes=f"{axes}f" if config.get("use_bias", True) else None, activation=config.get("activation"),
        trainable=config.get("trainable", True),
    )  # fmt: skip
    for key in ("kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint", "activity_regularizer"):
        if config.get(key) is not None:
            dense["config"][key] = config[key]
    dense_matrix = config.get("implementation", 1) == 2
    count = 1 + bool(config.get("use_bias", True))
    entry["relay"] = Relay("locally_connected", count, size=tuple(size), strides=tuple(strides), dense_matrix=dense_matrix)
    become_chain(entry, [patches, places, dense] if set(strides) != {1} else [patches, dense])
    return "is a fixed depthwise convolution and an EinsumDense, its weights re-laid"


def whole(value: Any, rank: int) -> list[int]:
    """One number for each dimension."""
    return list(value) if isinstance(value, (list, tuple)) else [int(value)] * rank


def bilinear_upsampling(source: Source, entry: Entry) -> str | None:
    """UpSampling2D(interpolation="bilinear") on TensorFlow 1 sampled at i / size, without half pixel centres (tensorflow 1.15,
    resize_bilinear); today's samples at (i + 0.5) / size - 0.5. Nearest upsampling and a mean over `size` places ahead is the legacy one.
    """
    config = entry["config"]
    if layer_class(entry) != "UpSampling2D" or config.get("interpolation") != "bilinear" or not _legacy_bilinear(source, entry):
        return None
    size, own = whole(config.get("size", 2), 2), entry["name"]
    data_format = config.get("data_format") or "channels_last"
    ahead = [[0, size[0] - 1], [0, size[1] - 1]]
    widths = [[0, 0], *ahead, [0, 0]] if data_format == "channels_last" else [[0, 0], [0, 0], *ahead]
    nearest = layer("UpSampling2D", f"{own}_nearest", size=size, data_format=data_format)
    mean = layer("AveragePooling2D", f"{own}_mean", pool_size=size, strides=[1, 1], padding="same", data_format=data_format)
    if max(size) <= 2:
        become_sequential(entry, [nearest, mean])
    else:
        mean["config"]["padding"] = "valid"
        become_chain(entry, [nearest, operation("pad", f"{own}_edge", pad_width=widths, mode="symmetric"), mean])
    return "TensorFlow 1's bilinear upsampling, as nearest upsampling and a mean"


def _legacy_bilinear(source: Source, entry: Entry) -> bool:
    """Whether TensorFlow 1 made the file; "2.2.4-tf" does not tell, but TF 1 wrote a dtype into its initializers and TF 2 did not.
    TensorFlow.js samples as TensorFlow 1 does (tfjs-core, resize_bilinear.ts, halfPixelCenters = false).
    """
    if (source.keras_version or "").startswith(BROWSER):
        return True
    if not source.is_tf_keras:
        return source.backend != "theano"
    if source.keras_version != "2.2.4-tf":
        return source.release < (2, 2, 5)
    if source.tensorflow1 is None:
        raise GraphError(
            "bilinear upsampling of version 2.2.4-tf differs between TensorFlow 1 and 2, and this file does not tell which it was.",
            where=entry["name"],
        )
    return source.tensorflow1


def masked_bidirectional(source: Source, entry: Entry) -> str | None:
    """Bidirectional on masked sequences: multi-backend Keras repeats the last output at masked steps, tf.keras and Keras 3 write zeros
    (tensorflow 1.15, wrappers.py). Keras 3 leaves an inner layer alone whose `zero_output_for_mask` is None, and None means to repeat.
    """
    config = entry["config"]
    if layer_class(entry) != "Bidirectional" or not source.masks or not _repeats_outputs(source):
        return None
    for inner in (config.get("layer"), config.get("backward_layer")):
        if isinstance(inner, dict) and inner["config"].get("return_sequences"):
            inner["config"]["zero_output_for_mask"] = None
    return "masked steps repeat the last output"


def _repeats_outputs(source: Source) -> bool:
    return not source.is_tf_keras or source.release < (2, 2)


def timewise_masks(source: Source, entry: Entry) -> str | None:
    """A TimeDistributed handed on the mask that its layer makes at each step (keras 2.2.3, wrappers.py, `TimeDistributed.compute_mask`;
    tf.keras alike), to the TimeDistributed LSTM of a tagger by characters; Keras 3's hands on none.
    """
    inner = entry["config"].get("layer")
    if layer_class(entry) != "TimeDistributed" or not isinstance(inner, dict) or source.release < (2, 1, 6):
        return None
    if layer_class(inner) == "Masking" or (layer_class(inner) == "Embedding" and inner["config"].get("mask_zero")):
        raise GraphError(
            f"a TimeDistributed {layer_class(inner)} makes a mask at each step, which today's TimeDistributed hands on to no layer.",
            where=entry["name"],
        )
    return None


def plain_merge(source: Source, entry: Entry) -> str | None:
    """Multiply, Maximum and Minimum took masked steps like any other until Keras 3.4, which leaves them out and gives zeros for a
    product of none (keras 3.3 and 3.4, merging/multiply.py, `_merge_function`; base_merge.py, `_apply_merge_op_and_or_mask`).
    """
    if layer_class(entry) in {"Multiply", "Maximum", "Minimum"} and source.release < (3, 4):
        entry["unmasked"] = True
    return None


def unmasked_attention(source: Source, entry: Entry) -> str | None:
    """MultiHeadAttention took no notice of its inputs' masks before Keras 2.10 (keras 2.10, multi_head_attention.py,
    `_compute_attention_mask`); today's does.
    """
    if layer_class(entry) != "MultiHeadAttention" or not source.masks or source.release >= (2, 10):
        return None
    entry["unmasked"] = True
    return "its inputs' masks are not attended to"


_FIRST_NEEDS_ONEDNN = {"Conv1D": 1, "Conv2D": 2, "Conv1DTranspose": 1, "Conv2DTranspose": 2, "ConvLSTM2D": 2}
"""Classes whose channels_first TensorFlow computes on a CPU with oneDNN alone, by rank (tensorflow 2.21; keras 3.15, backend/tensorflow/
nn.py transposes the others itself)."""
_ELEMENTWISE = frozenset(
    ["elu", "exponential", "gelu", "hard_sigmoid", "linear", "relu", "selu", "sigmoid", "softplus", "softsign", "swish", "tanh"]
)


def channels_first(source: Source, entry: Entry) -> str | None:
    """Convolutions of channels_first run on some processors only: channels last between two transpositions runs on all."""
    name, config = layer_class(entry), entry["config"]
    rank = _FIRST_NEEDS_ONEDNN.get(name)
    if rank is None or config.get("data_format") != "channels_first" or config.get("return_state") or config.get("stateful"):
        return None
    own, steps, by_place = entry["name"], int(name == "ConvLSTM2D"), config.get("activation") not in (None, *_ELEMENTWISE)
    if steps and by_place:  # inside a cell no transposition can stand before a softmax
        return None
    inner = layer(name, f"{own}_last", **{key: value for key, value in config.items() if key not in ("name", "batch_input_shape")})
    inner["config"]["data_format"] = "channels_last"
    inner["legacy_name"] = own
    parts = [layer("Permute", f"{own}_to_last", dims=_axes(steps, rank, last=True)), inner]
    parts.append(layer("Permute", f"{own}_to_first", dims=_axes(steps if config.get("return_sequences") else 0, rank, last=False)))
    if by_place:  # softmax is over the last axis, which is no channel's
        inner["config"]["activation"] = "linear"
        parts.append(layer("Activation", f"{own}_activation", activation=config["activation"]))
    become_sequential(entry, parts)
    return "computes channels last between two transpositions, which every processor can"


def _axes(steps: int, rank: int, *, last: bool) -> list[int]:
    """How Permute brings the channels last, or back, behind the steps of a sequence."""
    ahead = list(range(1, steps + 1))
    places = list(range(steps + 1, steps + rank + 2))
    return [*ahead, *places[1:], places[0]] if last else [*ahead, places[-1], *places[:-1]]


COMPOSED_RULES = (
    cudnn, locally_connected, bilinear_upsampling, masked_bidirectional, timewise_masks, plain_merge, unmasked_attention, channels_first,
)  # fmt: skip
