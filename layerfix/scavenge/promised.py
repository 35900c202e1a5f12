"""The weights that a config promises, layer by layer, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layerfix.containers.config import LayerNode, tree
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
        inner: the name of the layer that a TimeDistributed one holds.
    """

    owner: str
    layer: str
    class_name: str
    role: str
    shape: tuple[int, ...] | None
    trainable: bool
    scope: str | None = ""
    inner: str = ""


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
        led = inputs[0] is not None and None not in inputs[0][1:]  # an Embedding states its default: (None, None)
        given = inputs[0] if led else stated or inputs[0]
        if node.is_model:
            return self.model(node.children, given, around)
        made = weight_rows(node.class_name, node.config, given)
        if made is None:
            self.unknown.add(node.owner)
            return None
        for role, shape, trained in sorted(made, key=lambda row: not row[2]):
            trained = trained and not around.frozen
            inner = str(node.config["layer"]["config"]["name"]) if node.class_name == "TimeDistributed" else ""
            self.weights[node.owner].append(Weight(node.owner, node.name, node.class_name, role, shape, trained, around.scope, inner))
        return output(node.class_name, node.config, [given, *inputs[1:]])


def _stated(config: Mapping[str, Any]) -> Shape | None:
    shape = config.get("batch_input_shape") or config.get("batch_shape")
    return tuple(shape) if isinstance(shape, list) and all(size is None or isinstance(size, int) for size in shape) else None
