"""Models inside wrappers: `TimeDistributed(encoder)` counts as a nested model, so that the layers in it are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from layerfix.containers import config
from layerfix.containers.config import LayerNode


def expanded(nodes: Sequence[LayerNode]) -> tuple[LayerNode, ...]:
    """The nodes, with the layers of a wrapped model as the wrapper's children."""
    return tuple(_expanded(node) for node in nodes)


def wrapped_model(entry_config: object) -> Mapping[str, Any] | None:
    """The model that a wrapper's config holds, or None."""
    inner = entry_config.get("layer") if isinstance(entry_config, Mapping) else None
    return inner if isinstance(inner, Mapping) and config.layer_list(inner) else None


def _expanded(node: LayerNode) -> LayerNode:
    if node.children:
        return replace(node, children=expanded(node.children))
    model = wrapped_model(node.config)
    if model is None:
        return node
    return replace(node, children=tuple(_placed(inner, node.path, node.owner) for inner in expanded(config.tree(model))))


def _placed(node: LayerNode, prefix: str, owner: str) -> LayerNode:
    return replace(
        node, path=f"{prefix}/{node.path}", owner=owner, children=tuple(_placed(inner, prefix, owner) for inner in node.children)
    )
