"""A repair's report as one HTML page that a colleague, a customer and an auditor can read."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from layerfix.report import phrases
from layerfix.report.drawing import charts
from layerfix.report.drawing import graph as drawn
from layerfix.report.escape import visible
from layerfix.report.evidence import Evidence
from layerfix.report.pages import page
from layerfix.report.record import Report, WeightReport


@dataclass(frozen=True, slots=True)
class Shown:
    """A weight with its pictures."""

    weight: WeightReport
    heat: Markup
    histogram: Markup
    cut: bool
    constant: str = ""


def render(report: Report, evidence: Evidence | None = None) -> str:
    """The report as a page; without `evidence` the pictures are left out, not the facts."""
    pictures = evidence or Evidence()
    return page(
        "repair",
        title=f"{phrases.VERDICTS[report.verdict][0]}: {visible(_name(report.source.path))}",
        report=report,
        verdict=phrases.verdict(report),
        label=phrases.VERDICTS[report.verdict][0],
        tone=phrases.tone(report),
        name=_name(report.source.path),
        tiles=tiles(report),
        graphs=[(graph.title, drawn.picture(graph)) for graph in pictures.graphs if graph.nodes],
        layers=[(layer, [_shown(weight, pictures) for weight in layer.weights]) for layer in report.layers],
        scores=[(found, charts.scores(found)) for found in pictures.scores],
        trained=[(kernel, charts.trained(kernel)) for kernel in pictures.trained],
        tallies=pictures.layers,
        totals=[
            sum(getattr(row, name) for row in pictures.layers)
            for name in ("tensors_before", "parameters_before", "tensors_after", "parameters_after")
        ],
    )


def tiles(report: Report) -> list[tuple[str, str, str]]:
    """The headline numbers as (number, what it counts, look)."""
    weights = [weight for layer in report.layers for weight in layer.weights if weight.status != "kept"]
    back = [weight for weight in weights if weight.status == "restored"]
    exact = sum(weight.exact for weight in back)
    found = []
    if weights:
        found.append((f"{len(back)} of {len(weights)}", "lost weights are back", "good" if len(back) == len(weights) else "bad"))
        found.append((str(exact), "of them proven exact", "good" if exact == len(weights) else "fair"))
    if report.kept.get("tensors"):
        same = report.kept.get("identical", 0)
        found.append(
            (f"{same} of {report.kept['tensors']}", "stored tensors identical", "good" if same == report.kept["tensors"] else "bad")
        )
    ambiguous = sum(argument.how == "ambiguous" for layer in report.layers for argument in layer.arguments)
    if ambiguous:
        found.append((str(ambiguous), "ambiguous argument" + ("" if ambiguous == 1 else "s"), "fair"))
    return found


def _shown(weight: WeightReport, pictures: Evidence) -> Shown:
    values = pictures.kernels.get((weight.owner, weight.name))
    if values is None or getattr(values, "size", 0) < 2:
        return Shown(weight, Markup(""), Markup(""), False)
    name = visible(weight.name)
    if (values == values.flat[0]).all():
        return Shown(weight, Markup(""), Markup(""), False, f"All {values.size:,} values are {values.flat[0]:g}.")
    return Shown(weight, charts.heat_map(values, name), charts.histogram(values, name), charts.cut(values))


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
