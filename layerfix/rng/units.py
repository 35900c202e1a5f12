"""The order in which a script can have connected its layers: a partial order, told by the graph, of groups of draws.

A config lists layers by depth, a script connects them as it likes, as long as a layer's inputs exist. Every such order is a candidate;
the positions of known op seeds in numpy's stream decide (see align).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from layerfix.blueprint import Draw
from layerfix.containers.config import LayerNode, walk


@dataclass(frozen=True, slots=True)
class Unit:
    """Draws that happen in one go, when a layer is connected.

    Attributes:
        layer: path of the layer.
        draws: in order.
        after: indices of the units that must come before.
    """

    layer: str
    draws: tuple[Draw, ...]
    after: frozenset[int]


def units(draws: Sequence[Draw], nodes: Sequence[LayerNode]) -> tuple[Unit, ...]:
    """Group `draws` (in config order) by layer and connect them as the graph of `nodes` demands."""
    runs = [(layer, tuple(run)) for layer, run in groupby(draws, key=lambda draw: draw.layer)]
    before = _before(nodes)
    first: dict[str, int] = {}
    grouped: list[Unit] = []
    for index, (layer, run) in enumerate(runs):
        needed = before.get(layer, frozenset())
        after = {i for i, (other, _) in enumerate(runs) if other in needed and other != layer}
        if layer in first:
            after |= {i for i, (other, _) in enumerate(runs[:index]) if other.split("/")[0] == layer.split("/")[0]}
        else:
            after = {i for i in after if i not in _repeats(runs)} or after
        first.setdefault(layer, index)
        grouped.append(Unit(layer, run, frozenset(after)))
    return tuple(grouped)


def follows_numbering(order: Sequence[Unit]) -> bool:
    """Whether layers with automatic names (`conv1d_1`, `conv1d_3`) come in the order of their numbers: that of their creation."""
    latest: dict[str, int] = {}
    for unit in order:
        numbered = re.fullmatch(r"(.+)_(\d+)", unit.layer.rsplit("/", 1)[-1])
        if numbered:
            stem, number = numbered[1], int(numbered[2])
            if number < latest.get(stem, 0):
                return False
            latest[stem] = number
    return True


def _repeats(runs: Sequence[tuple[str, tuple[Draw, ...]]]) -> frozenset[int]:
    """Indices of second and later runs of a layer: a nested model that was called again."""
    seen: set[str] = set()
    repeated = set()
    for index, (layer, _) in enumerate(runs):
        if layer in seen:
            repeated.add(index)
        seen.add(layer)
    return frozenset(repeated)


def _before(nodes: Sequence[LayerNode]) -> Mapping[str, frozenset[str]]:
    """For each layer path all layer paths that must have been connected before it."""
    direct = dict(_direct(nodes, prefix=""))
    children = {node.path: frozenset(child.path for child in walk(node.children)) for node in walk(nodes) if node.children}
    closed: dict[str, frozenset[str]] = {}

    def close(path: str, trail: frozenset[str]) -> frozenset[str]:
        if path in closed or path in trail:
            return closed.get(path, frozenset())
        found: set[str] = set()
        for source in direct.get(path, frozenset()):
            found |= {source} | children.get(source, frozenset()) | close(source, trail | {path})
        closed[path] = frozenset(found)
        return closed[path]

    for path in direct:
        close(path, frozenset())
    return closed


def _direct(nodes: Sequence[LayerNode], prefix: str) -> list[tuple[str, frozenset[str]]]:
    """(path, paths of its direct inputs) at every level; a Sequential's layers follow one another."""
    functional = any(node.inbound for node in nodes)
    found: list[tuple[str, frozenset[str]]] = []
    for index, node in enumerate(nodes):
        if functional:
            sources = frozenset(f"{prefix}{name}" for call in node.inbound[:1] for name in call)
        else:
            sources = frozenset({nodes[index - 1].path}) if index else frozenset()
        found.append((node.path, sources))
        found.extend(_direct(node.children, f"{node.path}/"))
    return found
