"""The order in which legacy Keras stores and trains weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from layerfix.blueprint import WeightSpec
from layerfix.containers.config import LayerNode, tree, walk
from layerfix.containers.records import Checkpoint


def frozen_paths(nodes: Sequence[LayerNode]) -> frozenset[str]:
    """Paths of layers whose config says `trainable: false`."""
    return frozenset(node.path for node in walk(nodes) if node.config.get("trainable") is False)


def is_trained(spec: WeightSpec, frozen: Iterable[str]) -> bool:
    """Whether legacy Keras hands the weight to the optimizer: trainable itself, and inside no frozen layer or model."""
    return spec.trainable and not any(spec.layer == path or spec.layer.startswith(f"{path}/") for path in frozen)


def storage_order(specs: Sequence[WeightSpec], frozen: Iterable[str] = ()) -> tuple[WeightSpec, ...]:
    """The order of one owner's weights in `weight_names`: all that train, then all that do not, each in layer order.

    Keras 1.2 to 2.3 stores `layer.weights`, which is `trainable_weights + non_trainable_weights` (keras 2.2.4, engine/base_layer.py);
    for a nested model both lists run over its layers (engine/network.py). So the moving statistics of a nested model's
    BatchNormalizations come behind the kernels of all its layers, while a layer alone keeps its own order.

    Args:
        specs: the weights of one owner, layer after layer as its config lists them, each layer's own order inside.
        frozen: paths of layers with `trainable: false` (`frozen_paths`).
    """
    frozen = tuple(frozen)
    return tuple(sorted(specs, key=lambda spec: not is_trained(spec, frozen)))


def training_order(checkpoint: Checkpoint, weights: Sequence[WeightSpec]) -> tuple[WeightSpec, ...]:
    """The trained weights in the order of the optimizer's slots: owners as the file lists them, each in storage order."""
    frozen = frozen_paths(tree(checkpoint.config)) if checkpoint.config else frozenset()
    by_owner: Mapping[str, list[WeightSpec]] = {layer.name: [] for layer in checkpoint.layers}
    for spec in weights:
        if spec.owner in by_owner and is_trained(spec, frozen):
            by_owner[spec.owner].append(spec)
    return tuple(spec for owner in by_owner.values() for spec in owner)
