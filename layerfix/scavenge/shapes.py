"""The shapes of every weight of stock layers, from the config alone and without TensorFlow; what is not known stays unknown.

Shapes follow keras 2.2.4 and 3, `build` and `compute_output_shape` of each layer, for `channels_last`. They only say what to look for:
nothing is returned from a damaged file on their word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from layerfix.containers.config import LayerNode, tree
from layerfix.legacy.stock import STATELESS, WEIGHTED, Row, inner_layers

Shape = tuple[int | None, ...]
"""With the batch; None for a size that is not known."""
_GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4, "SimpleRNNCell": 1, "GRUCell": 3, "LSTMCell": 4}
_MERGES = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"})
_CONV = {
    f"{kind}{rank}D{form}": rank for kind in ("Conv", "SeparableConv", "DepthwiseConv") for rank in (1, 2, 3) for form in ("", "Transpose")
}
_POOL = {f"{kind}{rank}D": rank for kind in ("MaxPooling", "AveragePooling", "MaxPool", "AvgPool") for rank in (1, 2, 3)}
_RESHAPING = frozenset(
    {
        "Lambda",
        "Merge",
        "Dot",
        "Masking",
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


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight that a config promises.

    Attributes:
        owner: the top-level layer.
        layer: the layer's own name.
        class_name: of that layer.
        role: "kernel", "forward/kernel".
        shape: None where the rules do not tell.
        trainable: whether it is trained: by its layer's rule, where neither the layer nor a model around it is frozen.
        scope: what Keras 3 puts before the layer's name: that of the nested Sequential model that builds it; None where it is not known.
    """

    owner: str
    layer: str
    class_name: str
    role: str
    shape: tuple[int, ...] | None
    trainable: bool
    scope: str | None = ""


def promised(config: Mapping[str, Any]) -> dict[str, list[Weight]]:
    """The weights of each top-level layer of a model; layers of a class that is not known, or with one inside, are left out.

    Raises:
        ReadError: where the config lists no layers.
    """
    nodes = tree(config)
    walked = _Walk({node.name: [] for node in nodes})
    walked.model(nodes, None, _Around())
    known = {owner: weights for owner, weights in walked.weights.items() if owner not in walked.unknown}
    return {owner: sorted(weights, key=lambda weight: not weight.trainable) for owner, weights in known.items()}


def is_operation(node: LayerNode) -> bool:
    """Whether a node of Keras 3 is a function of `keras.ops` and no layer: it has no weights and no place in a file."""
    return node.module is not None and ".ops" in node.module


@dataclass(frozen=True, slots=True)
class _Around:
    """What the models around a layer say of its weights: whether they are frozen, and the scope of the innermost."""

    frozen: bool = False
    scope: str | None = ""

    def inside(self, node: LayerNode) -> _Around:
        frozen = self.frozen or node.config.get("trainable") is False
        built = any(child.class_name == "InputLayer" for child in node.children)
        scope = "" if node.class_name != "Sequential" else f"{node.name}/" if built else None
        return _Around(frozen, scope if node.is_model else self.scope)


@dataclass(slots=True)
class _Walk:
    """Goes through a graph in the order of its config and keeps what each layer puts out."""

    weights: dict[str, list[Weight]]
    unknown: set[str] = field(default_factory=set)

    def model(self, nodes: Sequence[LayerNode], given: Shape | None, around: _Around) -> Shape | None:
        """The output of the last layer."""
        outputs: dict[str, Shape | None] = {}
        last = given
        for node in nodes:
            inputs = [outputs.get(name) for name in node.inbound[0]] if node.inbound and node.inbound[0] else [last]
            last = outputs[node.name] = self._layer(node, inputs, around.inside(node))
        return last

    def _layer(self, node: LayerNode, inputs: list[Shape | None], around: _Around) -> Shape | None:
        if is_operation(node):
            return None
        stated = _stated(node.config)
        if node.class_name == "InputLayer":
            return stated or inputs[0]
        given = stated or inputs[0]
        if node.is_model:
            return self.model(node.children, given, around)
        made = _weights(node.class_name, node.config, given)
        if made is None:
            self.unknown.add(node.owner)
            return None
        for role, shape, trained in sorted(made, key=lambda row: not row[2]):
            trained = trained and not around.frozen
            self.weights[node.owner].append(Weight(node.owner, node.name, node.class_name, role, shape, trained, around.scope))
        return _output(node.class_name, node.config, [given, *inputs[1:]])


def _stated(config: Mapping[str, Any]) -> Shape | None:
    shape = config.get("batch_input_shape") or config.get("batch_shape")
    return tuple(shape) if isinstance(shape, list) and all(size is None or isinstance(size, int) for size in shape) else None


def _weights(name: str, config: Mapping[str, Any], given: Shape | None) -> list[tuple[str, tuple[int, ...] | None, bool]] | None:
    """(role, shape, trained) of a layer's weights; None for a class that is not known."""
    if name == "Bidirectional":
        inner = list(inner_layers(name, config))
        made = [_weights(kind, settings, given) for kind, settings in inner]
        if any(one is None for one in made):
            return None
        pairs = [(way, weight) for way in ("forward", "backward") for one in made for weight in one or []]
        return [(f"{way}/{role}", shape, trained) for way, (role, shape, trained) in pairs]
    if name == "TimeDistributed":
        inner = list(inner_layers(name, config))
        return _weights(*inner[0], _step(given)) if len(inner) == 1 else None
    if name in STATELESS:
        return []
    if name not in WEIGHTED:
        return None
    rows = [row for row in WEIGHTED[name] if row.switch is None or bool(config.get(row.switch, True))]
    return [(row.role, _whole(_shape(name, row, config, given)), row.trainable) for row in rows]


def _step(given: Shape | None) -> Shape | None:
    return (given[0], *given[2:]) if given is not None and len(given) > 2 else None


def _whole(shape: Shape | None) -> tuple[int, ...] | None:
    if shape is None or any(size is None for size in shape):
        return None
    return tuple(int(size) for size in shape if size is not None)


def _shape(name: str, row: Row, config: Mapping[str, Any], given: Shape | None) -> Shape | None:
    """The shape of one weight."""
    width = given[-1] if given else None
    if config.get("data_format") == "channels_first":
        return None
    if name in _GATES:
        return _recurrent(name, row.role, config, width)
    if name in _CONV:
        return _convolution(name, row.role, config, width)
    if name == "Dense":
        return (width, config.get("units")) if row.role == "kernel" else (config.get("units"),)
    if name == "Embedding":
        return (config.get("input_dim"), config.get("output_dim"))
    if name in ("BatchNormalization", "SyncBatchNormalization", "LayerNormalization", "GroupNormalization"):
        axis = config.get("axis", -1)
        axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
        return (given[axis],) if given is not None and isinstance(axis, int) and -len(given) <= axis < len(given) else None
    if name == "PReLU" and given is not None:
        shared = config.get("shared_axes") or []
        return tuple(1 if at in shared else size for at, size in enumerate(given))[1:]
    return None


def _recurrent(name: str, role: str, config: Mapping[str, Any], width: int | None) -> Shape | None:
    units = config.get("units")
    if not isinstance(units, int):
        return None
    gates = _GATES[name] * units
    if role == "kernel":
        return (width, gates)
    if role == "recurrent_kernel":
        return (units, gates)
    return (2, gates) if name.startswith("GRU") and config.get("reset_after", False) else (gates,)


def _convolution(name: str, role: str, config: Mapping[str, Any], width: int | None) -> Shape | None:
    rank, count = _CONV[name], config.get("filters")
    window = _sizes(config.get("kernel_size"), rank)
    multiplier = config.get("depth_multiplier", 1)
    if window is None:
        return None
    if role == "depthwise_kernel":
        return (*window, width, multiplier)
    if role == "pointwise_kernel":
        return (*[1] * rank, None if width is None else width * multiplier, count)
    if role == "bias":
        return (None if width is None else width * multiplier,) if name.startswith("Depthwise") else (count,)
    if name.endswith("Transpose"):
        return (*window, count, width)
    groups = config.get("groups") or 1
    return (*window, None if width is None else width // groups, count)


def _sizes(value: object, rank: int) -> tuple[int, ...] | None:
    if isinstance(value, int):
        return (value,) * rank
    return tuple(value) if isinstance(value, list) and len(value) == rank and all(isinstance(size, int) for size in value) else None


def _output(name: str, config: Mapping[str, Any], inputs: list[Shape | None]) -> Shape | None:
    """What a layer puts out."""
    given = inputs[0]
    if given is None or config.get("data_format") == "channels_first":
        return None
    if name in ("Dense", "Embedding"):
        return (*given[:-1], config.get("units")) if name == "Dense" else (*given, config.get("output_dim"))
    if name in _CONV or name in _POOL:
        return _slid(name, config, given)
    if name in _GATES or name == "Bidirectional":
        return _sequence(name, config, given)
    if name == "TimeDistributed":
        kind, settings = next(iter(inner_layers(name, config)))
        inner = _output(kind, settings, [_step(given)])
        return None if inner is None else (inner[0], given[1], *inner[1:])
    if name in _MERGES:
        return given if all(other == given for other in inputs) else None
    return _moved(name, config, inputs, given)


def _moved(name: str, config: Mapping[str, Any], inputs: list[Shape | None], given: Shape) -> Shape | None:
    """Layers that move numbers and compute none."""
    whole = _whole(given[1:])
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
        return (given[0], *[None] * (len(given) - 2), given[-1])
    return None if name in _RESHAPING else given


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
    rank = _CONV.get(name) or _POOL[name]
    window = _sizes(config.get("kernel_size") or config.get("pool_size", 2), rank)
    stride = _sizes(config.get("strides") or (1 if name in _CONV else config.get("pool_size", 2)), rank)
    widen = _sizes(config.get("dilation_rate", 1), rank)
    if window is None or stride is None or widen is None or len(given) != rank + 2:
        return None
    same, causal = config.get("padding") == "same", config.get("padding") == "causal"
    sizes: list[int | None] = []
    for size, width, step, apart in zip(given[1:-1], window, stride, widen, strict=True):
        if size is None or (name.endswith("Transpose") and config.get("output_padding") is not None):
            sizes.append(None)
        elif name.endswith("Transpose"):
            sizes.append(size * step + (0 if same else max(width - step, 0)))
        else:
            sizes.append(-(-size // step) if same or causal else (size - (width - 1) * apart - 1) // step + 1)
    channels = config.get("filters") if name in _CONV else given[-1]
    if name.startswith("Depthwise"):
        channels = None if given[-1] is None else given[-1] * config.get("depth_multiplier", 1)
    return (given[0], *sizes, channels)


def _sequence(name: str, config: Mapping[str, Any], given: Shape) -> Shape | None:
    settings: Mapping[str, Any] = config
    factor = 1
    if name == "Bidirectional":
        inner = list(inner_layers(name, config))
        if len(inner) != 1 or config.get("merge_mode", "concat") is None:
            return None
        settings, factor = inner[0][1], 2 if config.get("merge_mode", "concat") == "concat" else 1
    units = settings.get("units")
    width = units * factor if isinstance(units, int) else None
    return (given[0], given[1], width) if settings.get("return_sequences") else (given[0], width)
