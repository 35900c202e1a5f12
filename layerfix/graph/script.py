"""The order in which a legacy script built and called its layers, as far as a config shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layerfix import stock
from layerfix.config import LayerNode
from layerfix.stock.names import numbered


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a layer.

    Attributes:
        node: the layer.
        first: whether this call built it. A nested model runs its layers again each time it is connected (keras 2.2.4, network.py, `call`).
    """

    node: LayerNode
    first: bool


def script(nodes: Sequence[LayerNode]) -> tuple[Step, ...]:
    """All calls of a model's layers, nested models built before they are called.

    The config lists layers by depth. Where branches leave the order open, layers of one class come by their automatic numbers.
    """
    return tuple(_order(tuple(nodes)))


def _order(nodes: tuple[LayerNode, ...]) -> Iterator[Step]:
    pending = [(node, call) for node in nodes for call in range(max(1, len(node.inbound)))]
    names = {node.name for node in nodes}
    done: dict[str, int] = {}
    while pending:
        chosen = _next(pending, done, names, nodes)
        pending.remove(chosen)
        node, call = chosen
        yield from _call(node, first=call == 0)
        done[node.name] = call + 1


def _next(pending: list[tuple[LayerNode, int]], done: dict[str, int], names: set[str], nodes: tuple[LayerNode, ...]) -> tuple[LayerNode, int]:
    sequential = not any(node.inbound for node in nodes)
    ready = [item for item in pending if sequential or _is_ready(item, done, names)] or pending[:1]
    if sequential:
        return ready[0]
    waiting = [node for node, call in pending if call == 0]
    return next((item for item in ready if item[1] or not _is_early(item[0], waiting)), ready[0])


def _is_ready(item: tuple[LayerNode, int], done: dict[str, int], names: set[str]) -> bool:
    node, call = item
    sources = node.inbound[call] if call < len(node.inbound) else ()
    return done.get(node.name, 0) >= call and all(source in done or source not in names for source in sources)


def _is_early(node: LayerNode, waiting: Sequence[LayerNode]) -> bool:
    """Whether a layer of the same class with a smaller automatic number was not called yet."""
    own = {prefix: min(numbers) for prefix, numbers in _numbers(node).items()}
    others = [other for other in waiting if other is not node]
    return any(min(_numbers(other).get(prefix, [own[prefix]])) < own[prefix] for other in others for prefix in own)


def _numbers(node: LayerNode) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for inner in (node, *node.children):
        number = numbered(inner.name, inner.class_name)
        if number is not None and not inner.is_model:
            found.setdefault(stock.auto_name(inner.class_name), []).append(number)
    return found


def _call(node: LayerNode, *, first: bool) -> Iterator[Step]:
    if not node.is_model:
        yield Step(node, first)
        return
    if first:
        yield from _order(node.children)
    for step in _order(node.children):
        yield from _rerun(step)


def _rerun(step: Step) -> Iterator[Step]:
    yield Step(step.node, False)
