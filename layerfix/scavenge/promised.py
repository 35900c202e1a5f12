"""The weights that a config promises, layer by layer, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layerfix.containers.config import LayerNode, tree
from layerfix.scavenge.attention import ATTENTION, attended, attention_output
from layerfix.scavenge.cells import inner_name
from layerfix.scavenge.outputs import Shape, output
from layerfix.scavenge.shapes import weight_rows


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
        inner: class and name of the layer or cell in it that holds the weight; None where there is none, or no name for it.
    """

    owner: str
    layer: str
    class_name: str
    role: str
    shape: tuple[int, ...] | None
    trainable: bool
    scope: str | None = ""
    inner: tuple[str, str] | None = None


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

    def model(self, nodes: Sequence[LayerNode], given: Shape | None, around: _Around) -> Mapping[str, Shape | None]:
        """What each layer puts out, the last one last."""
        outputs: dict[str, Shape | None] = {}
        last = given
        for node in nodes:
            calls = [
                [outputs.get(name) if number == 0 else None for name, number in zip(names, numbers, strict=True)]
                for names, numbers in zip(node.inbound, node.outputs, strict=True)
            ]
            inputs = calls[0] if calls and calls[0] else [last]
            if node.class_name == "MultiHeadAttention":
                inputs = attended(node, inputs, outputs)
            made = self._layer(node, inputs, around.inside(node))
            last = outputs[node.name] = made if all(call == calls[0] for call in calls) else None
        return outputs

    def _layer(self, node: LayerNode, inputs: list[Shape | None], around: _Around) -> Shape | None:
        if is_operation(node):
            return None
        stated = _stated(node.config)
        if node.class_name == "InputLayer":
            return stated or inputs[0]
        led = inputs[0] is not None and None not in inputs[0][1:]  # an Embedding states its default: (None, None)
        given = inputs[0] if led else stated or inputs[0]
        if node.is_model:
            return _put_out(node, self.model(node.children, given, around))
        made = None if node.is_foreign else weight_rows(node.class_name, node.config, given, inputs[1:])
        if made is None:
            self.unknown.add(node.owner)
            return None
        for role, shape, trained in sorted(made, key=lambda row: not row[2]):
            trained = trained and not around.frozen
            inner = inner_name(node.class_name, node.config, role)
            self.weights[node.owner].append(Weight(node.owner, node.name, node.class_name, role, shape, trained, around.scope, inner))
        if node.keywords.get("return_attention_scores"):
            return None
        rule = attention_output if node.class_name in ATTENTION else output
        return rule(node.class_name, node.config, [given, *inputs[1:]])


def _put_out(node: LayerNode, outputs: Mapping[str, Shape | None]) -> Shape | None:
    """What a model inside of another puts out: the one output that it states, or in a Sequential one its last layer's."""
    stated = node.config.get("output_layers")
    if not isinstance(stated, list):
        return [None, *outputs.values()][-1]
    flat = stated[0] if len(stated) == 1 and isinstance(stated[0], list) else stated
    return outputs.get(str(flat[0])) if len(flat) == 3 and flat[2] == 0 else None


def _stated(config: Mapping[str, Any]) -> Shape | None:
    shape = config.get("batch_input_shape") or config.get("batch_shape")
    return tuple(shape) if isinstance(shape, list) and all(size is None or isinstance(size, int) for size in shape) else None
