"""A repair's report as CSV: one row for each reported weight."""

from __future__ import annotations

from layerfix.report import phrases
from layerfix.report.tables import sheet
from layerfix.results.repair import Report

HEAD = (
    "source", "target", "verdict", "layer", "class", "weight", "owner", "shape", "dtype", "status", "strategy", "exact",
    "numpy_seed", "graph_seed", "op_seed", "false_positive_bound", "sha256", "note",
)  # fmt: skip
_SEEDS = ("numpy_seed", "graph_seed", "op_seed", "false_positive_bound")


def render(report: Report) -> str:
    """The report as CSV."""
    target = report.target.path if report.target is not None else None
    rows = [
        (
            report.source.path, target, report.verdict, layer.path or layer.name, layer.class_name, weight.name, weight.owner,
            phrases.shape(weight.shape), weight.dtype, weight.status, weight.strategy, weight.exact,
            *(weight.evidence.get(key) for key in _SEEDS), weight.sha256, weight.note,
        )
        for layer in report.layers
        for weight in layer.weights
    ]  # fmt: skip
    return sheet(HEAD, rows)
