"""Recurrent layers that are made of others: a cell or stacked cells in an RNN, and two layers in a Bidirectional one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from layerfix.legacy.stock import inner_layers

CELLS = frozenset({"SimpleRNNCell", "GRUCell", "LSTMCell"})
STACKED = "StackedRNNCells"
WAYS = ("forward", "backward")
Inner = tuple[str, Mapping[str, Any]]


def cells(config: Mapping[str, Any]) -> tuple[str, tuple[Inner, ...]] | None:
    """The name of what holds the cells of an RNN ("" where it is one cell), and they; None where one is of a class that no rule tells."""
    held = inner_layers("RNN", config)
    around = ""
    if len(held) == 1 and held[0][0] == STACKED:
        around = str(held[0][1].get("name") or "?")
        held = inner_layers(STACKED, held[0][1])
    return (around, held) if held and all(name in CELLS for name, _ in held) else None


def step_width(name: str, config: Mapping[str, Any]) -> object:
    """How many numbers a recurrent layer puts out for a step: those of its last cell."""
    found = cells(config) if name == "RNN" else None
    return (found[1][-1][1] if found else config).get("units")


def both_ways(config: Mapping[str, Any]) -> Iterator[tuple[str, Inner]]:
    """The two layers of a Bidirectional one; without a second, it goes backward through a copy of the first."""
    layers = inner_layers("Bidirectional", config)
    backward = inner_layers("Bidirectional", {"layer": config.get("backward_layer")}) or layers
    if len(layers) == len(backward) == 1:
        yield from zip(WAYS, (layers[0], backward[0]), strict=True)


def inner_name(name: str, config: Mapping[str, Any], role: str) -> tuple[str, str] | None:
    """Class and name of the layer or cell that holds a weight of a layer; None where the config does not state it.

    Of stacked cells the name leads with that of the stack: "stacked_rnn_cells/gru_cell".
    """
    if name == "RNN":
        found = cells(config)
        if found is None:
            return None
        around, held = found
        kind, settings = held[int(role.partition("/")[0]) if around else 0]
        said = settings.get("name")
        return (kind, f"{around}/{said}" if around else str(said)) if said and around != "?" else None
    inner = dict(both_ways(config)).get(role.partition("/")[0]) if name == "Bidirectional" else next(iter(inner_layers(name, config)), None)
    return (inner[0], str(inner[1]["name"])) if inner is not None and "name" in inner[1] else None
