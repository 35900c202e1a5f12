"""A repair's report as JSON: `layerfix.report/1`, described by schema/report-1.json."""

from __future__ import annotations

from typing import Any

from layerfix.report.jsons import dumps, plain
from layerfix.results.repair import SCHEMA, FileReport, LayerReport, Report, WeightReport


def render(report: Report) -> str:
    """The report as indented JSON, keys in the order of the schema."""
    return dumps(document(report))


def document(report: Report) -> dict[str, Any]:
    """The report as JSON-ready values."""
    stated: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": plain(report.tool),
        "source": _file(report.source),
        "target": _file(report.target) if report.target is not None else None,
        "verdict": report.verdict,
        "summary": report.summary,
        "findings": [plain(finding) for finding in report.findings],
        "layers": [_layer(layer) for layer in report.layers],
        "kept": plain(report.kept),
        "optimizer": plain(report.optimizer),
        "verification": plain(report.verification),
        "search": plain(report.search),
        "rules": plain(report.rules),
        "advice": plain(report.advice),
        "not_established": plain(report.not_established),
        "exit_code": report.exit_code,
    }
    if report.created is not None:
        stated["created"] = report.created
    return stated


def _file(file: FileReport) -> dict[str, Any]:
    return {**plain(file.extra), "path": plain(file.path), "sha256": file.sha256}


def _layer(layer: LayerReport) -> dict[str, Any]:
    return {
        "name": plain(layer.name),
        "path": plain(layer.path or layer.name),
        "class_name": plain(layer.class_name),
        "arguments": [plain(argument) for argument in layer.arguments],
        "weights": [_weight(weight) for weight in layer.weights],
    }


def _weight(weight: WeightReport) -> dict[str, Any]:
    return {
        "name": plain(weight.name),
        "owner": plain(weight.owner),
        "shape": list(weight.shape),
        "dtype": weight.dtype,
        "status": weight.status,
        "strategy": weight.strategy,
        "exact": weight.exact,
        "condition": weight.condition,
        "sha256": weight.sha256,
        "evidence": plain(weight.evidence),
        "note": plain(weight.note),
    }
