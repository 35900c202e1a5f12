"""Draws, alignments and structures made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from layerfix.blueprint import Blueprint, Draw, WeightSpec
from layerfix.inference.fits import Fit
from layerfix.inference.provenance import Reading
from layerfix.inference.structure import Hypothesis
from layerfix.rng.alignments import Alignment, Gap, Placed
from layerfix.rng.numpy_stream import Cursor
from layerfix.rng.origins import Origin


def weight(name: str, layer: str = "denoise_1", **settings: Any) -> WeightSpec:
    told: dict[str, Any] = {
        "owner": layer, "name": f"{layer}/{name}:0", "layer": layer, "role": name, "shape": (3, 4), "dtype": "float32",
        "initializer": {"class_name": "GlorotUniform", "config": {}}, "trainable": True, "hidden": True,
    }  # fmt: skip
    return WeightSpec(**{**told, **settings})


def placed(spec: WeightSpec, word: int, value: int, z: float | None = None, *, claimed: bool = True) -> Placed:
    """A draw of a weight; `z` says how well a tracked kernel remembers it."""
    draw = Draw("seed", spec.layer, spec.role, spec.key)
    return Placed(draw, Cursor(word), value, z, claimed)


def aligned(*items: Placed, from_start: bool = True, gaps: Sequence[Gap] = ()) -> Alignment:
    return Alignment(items, from_start, tuple(gaps), True)


def reading(alignment: Alignment, *rivals: Alignment, bound: float = -12.0, foreign: Sequence[Any] = (), complete: bool = True) -> Reading:
    return Reading(Origin(42, {}, "popular"), alignment, rivals, bound, tuple(foreign), 1.0, complete)


def hypothesis(chosen: Mapping[tuple[str, str], Any], *hidden: WeightSpec, others: Sequence[WeightSpec] = ()) -> Hypothesis:
    """A structure that hides weights; `others` are those that are stored."""
    weights = (*hidden, *others)
    blueprint = Blueprint(weights=weights, draws=(), arguments={})
    rebuilt: Any = SimpleNamespace(blueprint=blueprint, leaves={})
    return Hypothesis(chosen, rebuilt)


def fit(chosen: Mapping[tuple[str, str], Any], *hidden: WeightSpec, read: Reading | None = None) -> Fit:
    return Fit((hypothesis(chosen, *hidden),), read)
