"""A big graph made small: what is far from the layers of interest becomes one box that says how many layers it stands for."""

from __future__ import annotations

from collections.abc import Iterable

from layerfix.report.evidence import Graph, Node

ROOM = 48
"""Boxes that are drawn without folding."""
NEAR = 3
"""Steps from a layer of interest within which nothing is folded."""


STRETCH = "…"
"""Class of the box that stands for several layers."""


def fold(graph: Graph, told: str = "nothing lost in them") -> Graph:
    """The graph itself where it is small; otherwise the surroundings of its marked layers, each other stretch as one box, of which
    `told` says why."""
    if len(graph.nodes) <= ROOM:
        return graph
    around = _neighbours(graph)
    shown = {node.path for node in graph.nodes if node.mark not in ("kept", "plain")}
    shown |= {node.path for node in graph.nodes if node.class_name == "InputLayer"} | {graph.nodes[0].path, graph.nodes[-1].path}
    near = {node.path for node in graph.nodes if node.mark not in ("kept", "plain")}
    for _ in range(NEAR):
        near |= {other for path in near for other in around.get(path, ())}
    return _contract(graph, shown | near, around, told)


def _contract(graph: Graph, shown: set[str], around: dict[str, set[str]], told: str) -> Graph:
    group = {path: path for path in shown}
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.path in shown:
            nodes.append(node)
        elif node.path not in group:
            members = _stretch(node.path, shown, around)
            group.update(dict.fromkeys(members, node.path))
            nodes.append(Node(node.path, f"{len(members)} layers", STRETCH, "plain", told))
    edges = dict.fromkeys((group[a], group[b]) for a, b in graph.edges if group[a] != group[b])
    return Graph(graph.title, tuple(nodes), tuple(edges))


def _stretch(start: str, shown: Iterable[str], around: dict[str, set[str]]) -> set[str]:
    """All layers connected with `start` without passing a shown one."""
    found, todo = {start}, [start]
    while todo:
        for other in around.get(todo.pop(), set()) - set(shown) - found:
            found.add(other)
            todo.append(other)
    return found


def _neighbours(graph: Graph) -> dict[str, set[str]]:
    around: dict[str, set[str]] = {}
    for source, target in graph.edges:
        around.setdefault(source, set()).add(target)
        around.setdefault(target, set()).add(source)
    return around
