"""The shapes of every weight of stock layers, from the config and the shape of what a layer is given; what is not known stays unknown.

Shapes follow keras 2.2.4 and 3, `build` of each layer, for `channels_last`. They only say what to look for: nothing is returned from a
damaged file on their word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from layerfix.legacy.stock import STATELESS, WEIGHTED, Row, inner_layers
from layerfix.scavenge.attention import ATTENTION, attention_rows
from layerfix.scavenge.cells import both_ways, cells
from layerfix.scavenge.outputs import CONV, GATES, MOVING, Shape, known, one_step, sizes


def weight_rows(
    name: str, config: Mapping[str, Any], given: Shape | None, others: Sequence[Shape | None] = ()
) -> list[tuple[str, tuple[int, ...] | None, bool]] | None:
    """(role, shape, trained) of a layer's weights; None for a class that is not known. `others` are given beside the first input."""
    if name == "Bidirectional":
        made = [(way, weight_rows(kind, settings, given)) for way, (kind, settings) in both_ways(config)]
        if not made or any(rows is None for _, rows in made):
            return None
        return [(f"{way}/{role}", shape, trained) for way, rows in made for role, shape, trained in rows or []]
    if name == "TimeDistributed":
        inner = list(inner_layers(name, config))
        return weight_rows(*inner[0], one_step(given)) if len(inner) == 1 else None
    if name == "RNN":
        return _of_cells(config, given)
    if name in ATTENTION:
        return attention_rows(name, config, [given, *others])
    if name in STATELESS:
        return []
    if name not in WEIGHTED:
        return None
    rows = [row for row in WEIGHTED[name] if row.switch is None or bool(config.get(row.switch, True))]
    return [(row.role, known(_shape(name, row, config, given)), row.trainable) for row in rows]


def _of_cells(config: Mapping[str, Any], given: Shape | None) -> list[tuple[str, tuple[int, ...] | None, bool]] | None:
    """The weights of each cell, which is given what the one before it puts out; of stacked ones the role leads with the cell's number."""
    found = cells(config)
    if found is None:
        return None
    around, held = found
    made: list[tuple[str, tuple[int, ...] | None, bool]] = []
    for number, (kind, settings) in enumerate(held):
        rows = weight_rows(kind, settings, given) or []
        made += [(f"{number}/{role}" if around else role, shape, trained) for role, shape, trained in rows]
        units = settings.get("units")
        given = (None, units if isinstance(units, int) else None)
    return made


def _shape(name: str, row: Row, config: Mapping[str, Any], given: Shape | None) -> Shape | None:
    """The shape of one weight."""
    width = given[-1] if given else None
    if config.get("data_format") == "channels_first":
        return None
    if name in GATES:
        return _recurrent(name, row.role, config, width)
    if name in MOVING:
        return _moving(row.role, config, width, MOVING[name])
    if name in CONV:
        return _convolution(name, row.role, config, width)
    if name == "Dense":
        return (width, config.get("units")) if row.role == "kernel" else (config.get("units"),)
    if name == "Embedding":
        return (config.get("input_dim"), config.get("output_dim"))
    if name in ("BatchNormalization", "SyncBatchNormalization", "LayerNormalization", "GroupNormalization"):
        axis = config.get("axis", -1)
        axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
        return (given[axis],) if given is not None and isinstance(axis, int) and -len(given) <= axis < len(given) else None
    if name == "PReLU" and given is not None:
        shared = config.get("shared_axes") or []
        return tuple(1 if at in shared else size for at, size in enumerate(given))[1:]
    return None


def _recurrent(name: str, role: str, config: Mapping[str, Any], width: int | None) -> Shape | None:
    units = config.get("units")
    if not isinstance(units, int):
        return None
    gates = GATES[name] * units
    if role == "bias" and name.startswith("CuDNN"):
        return (2 * gates,)
    if role == "kernel":
        return (width, gates)
    if role == "recurrent_kernel":
        return (units, gates)
    return (2, gates) if name.startswith("GRU") and config.get("reset_after", False) else (gates,)


def _moving(role: str, config: Mapping[str, Any], width: int | None, rank: int) -> Shape | None:
    """Four gates, each a convolution (keras 2.2.4, layers/convolutional_recurrent.py)."""
    window, count = sizes(config.get("kernel_size"), rank), config.get("filters")
    if window is None or not isinstance(count, int):
        return None
    return (4 * count,) if role == "bias" else (*window, width if role == "kernel" else count, 4 * count)


def _convolution(name: str, role: str, config: Mapping[str, Any], width: int | None) -> Shape | None:
    rank, count = CONV[name], config.get("filters")
    window = sizes(config.get("kernel_size"), rank)
    multiplier = config.get("depth_multiplier", 1)
    if window is None:
        return None
    if role == "depthwise_kernel":
        return (*window, width, multiplier)
    if role == "pointwise_kernel":
        return (*[1] * rank, None if width is None else width * multiplier, count)
    if role == "bias":
        return (None if width is None else width * multiplier,) if name.startswith("Depthwise") else (count,)
    if name.endswith("Transpose"):
        return (*window, count, width)
    groups = config.get("groups") or 1
    return (*window, None if width is None else width // groups, count)
