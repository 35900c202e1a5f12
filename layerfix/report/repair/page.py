"""A repair's report as one HTML page that a colleague, a customer and an auditor can read."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from layerfix.report import phrases, plainly
from layerfix.report.drawing import charts
from layerfix.report.drawing import graph as drawn
from layerfix.report.escape import visible
from layerfix.report.evidence import Evidence
from layerfix.report.pages import page
from layerfix.results.repair import Report, WeightReport


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
        headline=plainly.headline(report),
        label=plainly.label(report),
        tone=phrases.tone(report),
        name=_name(report.source.path),
        tiles=tiles(report),
        contents=_contents(report, pictures),
        chain=plainly.chain(report),
        graphs=[(graph.title, drawn.picture(graph), drawn.whole(graph)) for graph in pictures.graphs if graph.nodes],
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
    fresh = sum(weight.strategy == "reinitialize" for weight in weights)
    back = sum(weight.status == "restored" for weight in weights) - fresh
    exact = sum(weight.exact for weight in weights)
    found = []
    if weights:
        found.append((f"{back} of {len(weights)}", "lost weights are back", "good" if back == len(weights) else "bad"))
        found.append((f"{exact} of {len(weights)}", "proven exact", "good" if exact == len(weights) else "fair"))
    if fresh:
        found.append((str(fresh), "new value, to be trained" if fresh == 1 else "new values, to be trained", "fair"))
    if report.kept.get("tensors"):
        same = report.kept.get("identical", 0)
        found.append(
            (f"{same} of {report.kept['tensors']}", "stored tensors identical", "good" if same == report.kept["tensors"] else "bad")
        )
    if open_ := plainly.ambiguous(report):
        found.append((str(open_), "ambiguous argument" + ("" if open_ == 1 else "s"), "fair"))
    return found


def _contents(report: Report, pictures: Evidence) -> list[tuple[str, str]]:
    """The page's sections as (anchor, words), those that are there."""
    sections = (
        ("next", "what to do next", bool(report.advice)),
        ("model", "the model", any(graph.nodes for graph in pictures.graphs)),
        ("lost", "what was lost", bool(report.layers)),
        ("search", "the search", bool(pictures.scores or report.search)),
        ("kept", "kept kernels", bool(pictures.trained)),
        ("layers", "layers", bool(pictures.layers)),
        ("checks", "checks", True),
        ("open", "not established", bool(report.not_established)),
        ("findings", "findings", bool(report.findings)),
        ("files", "files and versions", True),
    )
    return [(anchor, words) for anchor, words, there in sections if there]


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
