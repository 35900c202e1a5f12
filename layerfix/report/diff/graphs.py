"""The graphs of two checkpoints, laid out alike: what both have stands at the same place, what one lacks is an empty place in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layerfix.containers.config import LayerNode, tree, walk
from layerfix.containers.records import Checkpoint
from layerfix.errors import ReadError
from layerfix.report import phrases
from layerfix.report.evidence import Graph, Mark, Node, graph_of

if TYPE_CHECKING:
    from layerfix.results.diff import Diff


@dataclass(frozen=True, slots=True)
class Pair:
    """One model of both files, outermost or nested: the same nodes in the same order, those that a side lacks marked absent."""

    title: str
    before: Graph
    after: Graph


def pairs(before: Checkpoint, after: Checkpoint, found: Diff) -> tuple[Pair, ...]:
    """The outer models side by side, and each nested one that both have and in which something changed."""
    try:
        tops = [tree(checkpoint.config) if checkpoint.config is not None else () for checkpoint in (before, after)]
    except ReadError:
        return ()
    if not all(tops):
        return ()
    changes = _changes(found, [node for top in tops for node in walk(top)])
    inner = [{node.path: node for node in walk(top) if node.is_model} for top in tops]
    both = sorted(path for path in inner[0].keys() & inner[1].keys() if any(changed.startswith(f"{path}/") for changed in changes))
    models = [("", tops[0], tops[1]), *((path, inner[0][path].children, inner[1][path].children) for path in both)]
    return tuple(_pair(title, one, two, (before, after), changes) for title, one, two in models)


def _pair(
    title: str, one: Sequence[LayerNode], two: Sequence[LayerNode], files: tuple[Checkpoint, Checkpoint], changes: Mapping[str, str]
) -> Pair:
    old, new = graph_of(title, one, files[0]), graph_of(title, two, files[1])
    earlier, later = {node.path: node for node in old.nodes}, {node.path: node for node in new.nodes}
    order = _merged([node.path for node in old.nodes], [node.path for node in new.nodes])
    return Pair(
        title,
        Graph(title, tuple(_side(path, earlier, later, changes, "removed") for path in order), old.edges),
        Graph(title, tuple(_side(path, later, earlier, changes, "added") for path in order), new.edges),
    )


def _side(path: str, mine: Mapping[str, Node], others: Mapping[str, Node], changes: Mapping[str, str], alone: Mark) -> Node:
    node = mine.get(path)
    if node is None:
        return replace(others[path], mark="absent")
    if path not in others:
        return replace(node, mark=alone)
    told = next((told for changed, told in changes.items() if changed == path), "")
    inside = any(changed.startswith(f"{path}/") for changed in changes)
    if not told and not inside:
        return node
    return replace(node, mark="changed", caption=told or "changed inside")


def _merged(one: Sequence[str], two: Sequence[str]) -> list[str]:
    """All of the second in its order, and what only the first has behind what it stood behind there."""
    merged = list(two)
    for position, path in enumerate(one):
        if path not in merged:
            before = next((other for other in reversed(one[:position]) if other in merged), None)
            merged.insert(merged.index(before) + 1 if before is not None else 0, path)
    return merged


def _changes(found: Diff, nodes: Sequence[LayerNode]) -> dict[str, str]:
    """What changed in each layer, by its path, in a few words."""
    paths = {node.path: node for node in nodes}
    tensors: dict[str, list[str]] = {}
    for tensor in found.tensors:
        if tensor.status != "identical" and (path := _layer(tensor.key, list(paths.values()))) is not None:
            tensors.setdefault(path, []).append(tensor.status)
    settings: dict[str, list[str]] = {}
    for change in found.config:
        steps = change.path.split("/")
        named = [step for place, step in enumerate(steps) if place and steps[place - 1] == "layers"]
        path = "/".join(named)
        if path in paths:
            settings.setdefault(path, []).append(steps[-1])
    told = {path: _counted(statuses) for path, statuses in tensors.items()}
    return {path: ", ".join(filter(None, (told.get(path), *settings.get(path, [])[:2]))) for path in {**told, **settings}}


def _counted(statuses: Sequence[str]) -> str:
    """ "2 tensors added"."""
    return f"{phrases.count(len(statuses), 'tensor')} {statuses[0] if len(set(statuses)) == 1 else 'changed'}"


def _layer(key: tuple[str, str], nodes: Sequence[LayerNode]) -> str | None:
    """The layer that a tensor belongs to: the deepest of its owner's whose name is in the tensor's."""
    owner, name = key
    parts = name.split("/")
    fitting = [node for node in nodes if node.owner == owner and (node.name in parts or node.path == owner)]
    return max(fitting, key=lambda node: node.path.count("/")).path if fitting else None
