"""The model's graph as SVG, in the look that Netron's users know: boxes coloured by kind, one arrow for each tensor, lost layers marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from markupsafe import Markup

from layerfix.report.drawing.fold import ROOM, STRETCH, fold
from layerfix.report.drawing.layout import Layout, place
from layerfix.report.drawing.svg import drawing, tag
from layerfix.report.escape import clip, visible
from layerfix.report.evidence import Graph, Node

KINDS = {
    "layer": (
        "Conv",
        "Dense",
        "LSTM",
        "GRU",
        "RNN",
        "Embedding",
        "Bidirectional",
        "TimeDistributed",
        "LocallyConnected",
        "Depthwise",
        "Separable",
    ),
    "activation": ("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "ThresholdedReLU"),
    "pool": ("MaxPooling", "AveragePooling", "GlobalMax", "GlobalAverage", "UpSampling"),
    "normalization": ("BatchNormalization", "LayerNormalization", "GroupNormalization"),
    "dropout": ("Dropout", "SpatialDropout", "AlphaDropout", "Gaussian"),
    "merge": ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot", "Merge"),
    "shape": ("Reshape", "Flatten", "Permute", "RepeatVector", "ZeroPadding", "Cropping", "Masking"),
}
BADGES = {
    "lost": "lost",
    "fresh": "lost → new values",
    "restored": "lost → restored",
    "suspect": "suspect",
    "added": "added",
    "removed": "removed",
    "changed": "changed",
}
MOST = 400
"""Boxes that a drawing holds at most."""
SLIM = 460.0
"""Pixels up to which a drawing shrinks to fit a phone and can still be read; wider ones scroll."""
_CHAR, _PAD, _LINE, _HEAD = 6.6, 10.0, 15.0, 22.0


def picture(graph: Graph) -> Markup:
    """The drawing of one model; an empty one for a graph without layers."""
    if not graph.nodes:
        return Markup("")
    shown = fold(graph)
    return _drawn(graph, shown, _placed(shown, [_size(node) for node in shown.nodes]))


def whole(graph: Graph) -> Markup:
    """The drawing with every layer, where `picture` leaves some out; an empty one otherwise, and for graphs that no page can hold."""
    if not ROOM < len(graph.nodes) <= MOST:
        return Markup("")
    return _drawn(graph, graph, _placed(graph, [_size(node) for node in graph.nodes]))


def side_by_side(before: Graph, after: Graph) -> tuple[Markup, Markup]:
    """Two graphs with the same nodes, each at the same place in both drawings; an arrow is drawn where its own graph has it."""
    edges = tuple(dict.fromkeys((*before.edges, *after.edges)))
    sides = [fold(replace(graph, edges=edges), "unchanged") for graph in (before, after)]
    if [node.path for node in sides[0].nodes] != [node.path for node in sides[1].nodes]:
        sides = [replace(graph, edges=edges) for graph in (before, after)]
    sizes = [(max(a, c), max(b, d)) for (a, b), (c, d) in zip(*([_size(node) for node in side.nodes] for side in sides), strict=True)]
    layout = _placed(sides[0], sizes)
    drawn = [_drawn(graph, side, layout, set(graph.edges)) for graph, side in zip((before, after), sides, strict=True)]
    return drawn[0], drawn[1]


def _placed(shown: Graph, sizes: Sequence[tuple[float, float]]) -> Layout:
    index = {node.path: i for i, node in enumerate(shown.nodes)}
    return place(sizes, [(index[source], index[target]) for source, target in _drawable(shown)])


def _drawable(shown: Graph) -> list[tuple[str, str]]:
    paths = {node.path for node in shown.nodes}
    return [(source, target) for source, target in shown.edges if source in paths and target in paths]


def _drawn(graph: Graph, shown: Graph, layout: Layout, own: Collection[tuple[str, str]] | None = None) -> Markup:
    """The boxes that are `shown`; of their arrows those that are the graph's `own`, or lead to layers that one box stands for."""
    absent = {node.path for node in shown.nodes if node.mark == "absent"}
    stretches = {node.path for node in shown.nodes if node.class_name == STRETCH}
    drawn = [
        route
        for route, edge in zip(layout.routes, _drawable(shown), strict=True)
        if not absent & set(edge) and (own is None or edge in own or stretches & set(edge))
    ]
    boxes = [_box(node, centre) for node, centre in zip(shown.nodes, layout.centres, strict=True)]
    return _frame(graph, layout, [*map(_edge, drawn), *boxes])


def _frame(graph: Graph, layout: Layout, parts: Sequence[Markup]) -> Markup:
    margin = 14.0
    title = f"Graph of {graph.title or 'the model'}: {len(graph.nodes)} layers"
    moved = tag("g", *parts, transform=f"translate({margin:.0f} {margin:.0f})")
    width = layout.width + 2 * margin
    look = "graph slim" if width <= SLIM else "graph"
    return drawing(width, layout.height + 2 * margin, title, _arrow(), moved, class_=look)


def _arrow() -> Markup:
    head = tag("path", d="M0 0L8 4L0 8z", class_="arrowhead")
    return tag("defs", tag("marker", head, id="arrow", viewBox="0 0 8 8", refX=8, refY=4, markerWidth=7, markerHeight=7, orient="auto"))


def _size(node: Node) -> tuple[float, float]:
    if node.class_name == "InputLayer":
        return max(len(_label(node)), len(node.caption)) * _CHAR + 2 * _PAD + 12, _HEAD + (_LINE if node.caption else 4)
    longest = max(len(_kind_label(node)), len(_label(node)), len(_short(node.caption)), len(BADGES.get(node.mark, "")))
    rows = 1 + bool(node.caption) + (node.mark in BADGES)
    return max(longest * _CHAR + 2 * _PAD, 96.0), _HEAD + rows * _LINE + 8


def _box(node: Node, centre: tuple[float, float]) -> Markup:
    width, height = _size(node)
    if node.mark == "absent":
        ghost = tag("rect", width=width, height=height, rx=5, class_="frame")
        at = f"translate({centre[0] - width / 2:.1f} {centre[1] - height / 2:.1f})"
        return tag("g", tag("title", f"{node.path} is not in this file"), ghost, transform=at, class_="node absent")
    left, top = centre[0] - width / 2, centre[1] - height / 2
    hint = tag("title", f"{node.path} ({node.class_name}){f': {BADGES[node.mark]}' if node.mark in BADGES else ''}")
    inside = _pill(node, width, height) if node.class_name == "InputLayer" else _card(node, width, height)
    return tag("g", hint, *inside, transform=f"translate({left:.1f} {top:.1f})", class_=f"node {node.mark}")


def _pill(node: Node, width: float, height: float) -> list[Markup]:
    parts = [
        tag("rect", width=width, height=height, rx=min(height / 2, 14.0), class_="pill"),
        tag("text", _label(node), x=width / 2, y=16.0, text_anchor="middle", class_="name"),
    ]
    if node.caption:
        parts.append(tag("text", _short(node.caption), x=width / 2, y=16.0 + _LINE, text_anchor="middle", class_="caption"))
    return parts


def _card(node: Node, width: float, height: float) -> list[Markup]:
    head = f"M0 {_HEAD}V5a5 5 0 0 1 5-5H{width - 5:.1f}a5 5 0 0 1 5 5V{_HEAD}z"
    rows = [(_label(node), "name"), (_short(node.caption), "caption"), (BADGES.get(node.mark, ""), "badge")]
    texts = [(words, look) for words, look in rows if words]
    return [
        tag("rect", width=width, height=height, rx=5, class_="body"),
        tag("path", d=head, class_=f"head {_kind(node.class_name)}"),
        tag("text", _kind_label(node), x=_PAD, y=15.5, class_="kind"),
        *(tag("text", words, x=_PAD, y=_HEAD + 16 + i * _LINE, class_=look) for i, (words, look) in enumerate(texts)),
        tag("rect", width=width, height=height, rx=5, class_="frame"),
    ]


def _edge(points: Sequence[tuple[float, float]]) -> Markup:
    """A smooth line that leaves and enters its boxes upright."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        bend = (y1 - y0) / 2
        path += f"C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
    return tag("path", d=path, class_="edge", marker_end="url(#arrow)")


def _kind(class_name: str) -> str:
    """The kind of a class, for its colour; what no stock layer is called is "custom"."""
    for kind in ("activation", "dropout", "pool", "normalization", "merge", "shape"):
        if class_name.startswith(KINDS[kind]):
            return kind
    return "layer" if class_name.startswith(("CuDNN", *KINDS["layer"])) else "custom" if class_name not in (STRETCH, "Lambda") else "folded"


def _kind_label(node: Node) -> str:
    return _short(node.class_name)


def _label(node: Node) -> str:
    return _short(node.name)


def _short(text: str) -> str:
    return clip(visible(text), 34)
