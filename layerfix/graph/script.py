"""The order in which a legacy script built and called its layers, as far as a config shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from layerfix.containers.config import LayerNode
from layerfix.legacy.names import auto_name, numbered


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

    A config lists layers by depth, a script writes branch after branch. The order follows the branches as a merge lists them, unless the
    automatic numbers of layers of one class say otherwise.
    """
    return tuple(_calls(tuple(nodes)))


def _calls(nodes: tuple[LayerNode, ...]) -> Iterator[Step]:
    ordered = _Functional(nodes).ordered() if any(node.inbound for node in nodes) else [(node, 0) for node in nodes]
    for node, call in ordered:
        yield from _call(node, first=call == 0)


def _call(node: LayerNode, *, first: bool) -> Iterator[Step]:
    if not node.is_model:
        yield Step(node, first)
        return
    inner = list(_calls(node.children))
    if first:
        yield from inner
    yield from (Step(step.node, False) for step in inner)


@dataclass(slots=True)
class _Functional:
    """The calls of a functional model's layers, put in order."""

    nodes: tuple[LayerNode, ...]
    by_name: Mapping[str, LayerNode] = field(init=False)
    above: dict[str, frozenset[str]] = field(init=False, default_factory=dict)
    numbers: dict[str, dict[str, int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_name = {node.name: node for node in self.nodes}
        for node in self.nodes:
            self.numbers[node.name] = _smallest([node])
            self._ancestors(node.name)

    def ordered(self) -> list[tuple[LayerNode, int]]:
        ranks = {name: rank for rank, name in enumerate(self._branch_order())}
        pending = [(node, call) for node in self.nodes for call in range(max(1, len(node.inbound)))]
        pending.sort(key=lambda item: ranks[item[0].name])
        done: dict[str, int] = {}
        result = []
        while pending:
            ready = (item for item in pending if self._ready(item, done))
            first = next(ready, pending[0])
            chosen = first
            if self._early(first, pending):
                chosen = next((item for item in ready if not self._early(item, pending)), first)
            pending.remove(chosen)
            done[chosen[0].name] = chosen[1] + 1
            result.append(chosen)
        return result

    def _sources(self, name: str) -> list[str]:
        return [source for call in self.by_name[name].inbound for source in call if source in self.by_name]

    def _ancestors(self, name: str) -> frozenset[str]:
        """All layers above one, by a walk that needs no recursion."""
        stack, entered = [name], set()
        while stack:
            current = stack[-1]
            if current not in self.above and current not in entered:
                entered.add(current)  # a layer called twice in a row may stand above itself
                stack += [source for source in self._sources(current) if source not in self.above and source not in entered]
                continue
            stack.pop()
            if current not in self.above:
                known = [self.above.get(source, frozenset()) | {source} for source in self._sources(current)]
                self.above[current] = frozenset().union(*known)
        return self.above[name]

    def _branch_order(self) -> list[str]:
        """Depth first from the outputs, inputs of a merge in its own order unless their numbers say otherwise."""
        consumed = {source for node in self.nodes for source in self._sources(node.name)}
        order: dict[str, None] = {}
        entered: set[str] = set()
        stack = [(node.name, False) for node in reversed(self.nodes) if node.name not in consumed]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                order.setdefault(name)
            elif name not in entered:
                entered.add(name)
                stack.append((name, True))
                stack += [(source, False) for source in reversed(self._by_numbers(self._sources(name), set(order)))]
        return [*order, *(node.name for node in self.nodes if node.name not in order)]

    def _by_numbers(self, sources: list[str], seen: set[str]) -> list[str]:
        sources = list(dict.fromkeys(sources))
        if len(sources) < 2:
            return sources
        smallest = {source: _smallest([self.by_name[name] for name in (self.above[source] | {source}) - seen]) for source in sources}
        result: list[str] = []
        for source in sources:
            place = next((i for i, other in enumerate(result) if _before(smallest[source], smallest[other])), len(result))
            result.insert(place, source)
        return result

    def _ready(self, item: tuple[LayerNode, int], done: Mapping[str, int]) -> bool:
        node, call = item
        sources = node.inbound[call] if call < len(node.inbound) else ()
        return done.get(node.name, 0) >= call and all(source in done or source not in self.by_name for source in sources)

    def _early(self, item: tuple[LayerNode, int], pending: Sequence[tuple[LayerNode, int]]) -> bool:
        """Whether a layer of the same class with a smaller number, and not below this one, was not called yet."""
        node, call = item
        own = {} if call else self.numbers[node.name]
        return bool(own) and any(
            other_call == 0 and _before(self.numbers[other.name], own) and node.name not in self.above[other.name]
            for other, other_call in pending
            if other is not node
        )


def _smallest(nodes: Sequence[LayerNode]) -> dict[str, int]:
    """The smallest automatic number of each class among layers, those of nested models included."""
    found: dict[str, int] = {}
    for node in nodes:
        for inner in (node, *node.children):
            number = None if inner.is_model else numbered(inner.name, inner.class_name)
            if number is not None and inner.class_name != "InputLayer":
                prefix = auto_name(inner.class_name)
                found[prefix] = min(number, found.get(prefix, number))
    return found


def _before(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    return any(number < other[prefix] for prefix, number in one.items() if prefix in other)
