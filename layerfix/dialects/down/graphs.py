"""The graph of a functional model: how its calls are counted, and the order of layers in which legacy files are loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layerfix.dialects.down.references import tensor, tensors
from layerfix.dialects.down.saying import Config

Call = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Graph:
    """What references need.

    Attributes:
        nested: names of layers that are models. Node 0 of one is the node that it was made with (tensorflow 2.4, engine/functional.py,
            `_should_skip_first_node`; keras 2.2.4, engine/network.py, get_config).
        calls: by layer, how often it is called; an InputLayer once.
    """

    nested: frozenset[str]
    calls: Mapping[str, int]

    def reference(self, layer: str, node: int, output: int) -> list[Any]:
        """[layer, node, tensor] as older Keras counts. Keras 3 may count calls of a nested model that its graph does not hold."""
        held = min(node, self.calls.get(layer, 1) - 1)
        return [layer, held + (layer in self.nested), output]

    def of(self, value: object) -> list[Any]:
        """The same of a Keras tensor in a call."""
        return self.reference(*tensor(value))


def layer_order(layers: Sequence[Config], inputs: Sequence[Call], outputs: Sequence[Call]) -> list[str]:
    """The names of layers as a model lists them that is built from this graph: the deepest first, and at one depth by the way back from
    the outputs (keras 2.2.4, engine/network.py, `_map_graph_network`; tensorflow 2.15 and keras 3.15 do the same).

    Args:
        layers: entries of Keras 3's config.
        inputs, outputs: the calls (layer, number) at both ends, in order.
    """
    made = {entry["name"]: entry for entry in layers}
    before = {
        (name, number): [_held(one, made) for one in tensors([node["args"], node["kwargs"]])]
        for name, entry in made.items()
        for number, node in enumerate(entry.get("inbound_nodes") or ())
    }
    finished, places = _walked(outputs, before)
    depths: dict[Call, int] = {}
    deepest: dict[str, int] = {}
    for call in reversed(finished):
        depth = max(depths.get(call, 0), deepest.get(call[0], 0))
        depths[call] = deepest[call[0]] = depth
        for source in before.get(call, ()):
            depths[source] = max(depth + 1, depths.get(source, 0))
    for name, _ in inputs:
        deepest.setdefault(name, 0)
        places.setdefault(name, -1)
    return sorted(deepest, key=lambda name: (-deepest[name], places[name]))


def _held(value: object, made: Mapping[str, Config]) -> Call:
    name, node, _ = tensor(value)
    return name, max(0, min(node, len(made[name].get("inbound_nodes") or (None,)) - 1))


def _walked(outputs: Sequence[Call], before: Mapping[Call, list[Call]]) -> tuple[list[Call], dict[str, int]]:
    """Every call behind those it takes its inputs from, and by layer when it was first met. Without recursion: graphs may be deep."""
    finished: list[Call] = []
    done: set[Call] = set()
    places: dict[str, int] = {}
    stack: list[tuple[Call, bool]] = [(call, False) for call in reversed(outputs)]
    while stack:
        call, left = stack.pop()
        if left:
            finished.append(call)
            continue
        if call in done:
            continue
        done.add(call)
        places.setdefault(call[0], len(places))
        stack.append((call, True))
        stack += [(source, False) for source in reversed(before.get(call, ()))]
    return finished, places
