"""What the HTML report draws beyond `Report`: the model's graph, restored kernels, candidate scores. Optional, small, no open files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from layerfix.containers.config import LayerNode, tree, walk
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.errors import ReadError
from layerfix.report import phrases

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from layerfix.results.repair import Report

Mark = Literal["lost", "restored", "fresh", "suspect", "kept", "plain", "added", "removed", "changed", "absent"]
_WORST_FIRST: tuple[Mark, ...] = ("lost", "fresh", "suspect", "restored", "kept", "plain")


@dataclass(frozen=True, slots=True)
class Node:
    """A layer in the drawn graph.

    Attributes:
        path: as in the config.
        name: its own name.
        class_name: its class.
        mark: what became of its weights: still lost, restored, fresh (initialized anew), suspect; kept where all its weights were stored;
            plain where it has none. In a comparison also added, removed, changed, or absent from this side.
        caption: a few words under the name: "kernel 3×8×16, bias 16".
    """

    path: str
    name: str
    class_name: str
    mark: Mark
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """One model, outermost or nested: its layers in config order and (source, target) pairs of paths."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """How all candidates for one weight scored, as a histogram, and how the winner did.

    Attributes:
        title: what was searched, "conv1d_1/kernel".
        unit: what the scores are, "z".
        edges: bin borders, shape (bins + 1,).
        counts: candidates in each bin, shape (bins,).
        winner: the chosen candidate's score.
        threshold: the score from which a claim is `exact`, or None.
        explanation: one sentence for people.
    """

    title: str
    unit: str
    edges: Sequence[float]
    counts: Sequence[int]
    winner: float
    threshold: float | None = None
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Trained:
    """A kept kernel beside its own initial value.

    Attributes:
        title: "conv1d_1/kernel".
        initial: initial values, flat, at most some hundred of them.
        final: the stored values at the same places.
        cosine: between the whole kernels.
        z: sqrt(n) * cosine.
        op_seed: the seed that gave the initial value.
    """

    title: str
    initial: Sequence[float]
    final: Sequence[float]
    cosine: float
    z: float
    op_seed: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """A row of the table of layers: tensors and parameters in the file before and after."""

    layer: str
    class_name: str
    tensors_before: int
    parameters_before: int
    tensors_after: int
    parameters_after: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the pictures need; each part may be empty."""

    graphs: tuple[Graph, ...] = ()
    layers: tuple[Tally, ...] = ()
    kernels: Mapping[WeightKey, NDArray[np.generic]] = field(default_factory=dict)
    scores: tuple[Scores, ...] = ()
    trained: tuple[Trained, ...] = ()


def gather(
    checkpoint: Checkpoint,
    report: Report,
    values: Mapping[WeightKey, NDArray[np.generic]] | None = None,
    *,
    scores: Sequence[Scores] = (),
    trained: Sequence[Trained] = (),
) -> Evidence:
    """The evidence that follows from the checkpoint, the report and the restored values; the searches' own is handed in."""
    return Evidence(
        graphs=graphs(checkpoint, report),
        layers=tallies(checkpoint, report),
        kernels=dict(values or {}),
        scores=tuple(scores),
        trained=tuple(trained),
    )


def graphs(checkpoint: Checkpoint, report: Report) -> tuple[Graph, ...]:
    """The outer model, and every nested model that holds a layer of the report. Empty where the file has no architecture."""
    if checkpoint.config is None:
        return ()
    try:
        top = tree(checkpoint.config)
    except ReadError:
        return ()
    marks = _marks(report)
    inner = [node for node in walk(top) if node.is_model and any(path.startswith(f"{node.path}/") for path in marks)]
    return (graph_of("", top, checkpoint, marks), *(graph_of(node.path, node.children, checkpoint, marks) for node in inner))


def tallies(checkpoint: Checkpoint, report: Report) -> tuple[Tally, ...]:
    """Tensors and parameters of every top-level layer that stores or should store some."""
    added: dict[str, list[int]] = {}
    for layer in report.layers:
        for weight in layer.weights:
            if weight.status == "restored":
                added.setdefault(weight.owner, []).append(_product(weight.shape))
    classes = {node.name: node.class_name for node in tree(checkpoint.config)} if checkpoint.config else {}
    touched = {weight.owner for layer in report.layers for weight in layer.weights}
    rows = []
    for entry in checkpoint.layers:
        stored = [_product(weight.shape) for weight in entry.weights]
        new = added.get(entry.name, [])
        if stored or entry.name in touched:
            rows.append(
                Tally(entry.name, classes.get(entry.name, ""), len(stored), sum(stored), len(stored) + len(new), sum(stored) + sum(new))
            )
    return tuple(rows)


def graph_of(title: str, nodes: Sequence[LayerNode], checkpoint: Checkpoint, marks: Mapping[str, Mark] | None = None) -> Graph:
    """The drawing's account of one model: its layers, and what feeds what."""
    marks = marks or {}
    paths = {node.name: node.path for node in nodes}
    edges = {(paths[source], node.path): None for node in nodes for call in node.inbound for source in call if source in paths}
    if not any(node.inbound for node in nodes):
        edges = {(before.path, after.path): None for before, after in pairwise(nodes)}
    return Graph(title, tuple(_node(node, checkpoint, marks) for node in nodes), tuple(edges))


def _node(node: LayerNode, checkpoint: Checkpoint, marks: Mapping[str, Mark]) -> Node:
    entry = checkpoint.layer(node.owner)
    stored = entry.weights if entry is not None and node.owner == node.path else ()
    inside = [mark for path, mark in marks.items() if path == node.path or path.startswith(f"{node.path}/")]
    mark = min(inside, key=_WORST_FIRST.index) if inside else "kept" if stored else "plain"
    return Node(node.path, node.name, node.class_name, mark, _caption(node, [(weight.name, weight.shape) for weight in stored]))


def _caption(node: LayerNode, weights: Sequence[tuple[str, tuple[int, ...]]]) -> str:
    if node.is_model:
        return f"{len(node.children)} layers"
    if not weights:
        stated: Any = node.config.get("batch_input_shape") or node.config.get("batch_shape") or ()
        return "×".join("?" if size is None else str(size) for size in stated) if isinstance(stated, (list, tuple)) else ""
    shown = [f"{name.rsplit('/', 1)[-1].split(':')[0]} {phrases.shape(dimensions)}" for name, dimensions in weights[:2]]
    return ", ".join(shown) + (", …" if len(weights) > 2 else "")


def _marks(report: Report) -> dict[str, Mark]:
    """What became of each reported layer, by its path."""
    marks: dict[str, Mark] = {finding.layer: "suspect" for finding in report.findings if finding.layer and finding.severity == "suspect"}
    for layer in report.layers:
        found: set[Mark] = {_mark(weight.status, weight.strategy) for weight in layer.weights}
        if found:
            marks[layer.path or layer.name] = min(found, key=_WORST_FIRST.index)
    return marks


def _mark(status: str, strategy: str | None) -> Mark:
    if status == "restored":
        return "fresh" if strategy == "reinitialize" else "restored"
    return "lost" if status == "lost" else "kept"


def _product(shape: Sequence[int]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
