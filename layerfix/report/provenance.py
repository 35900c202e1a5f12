"""`layerfix seeds` for people and machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerfix.report import phrases
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.results.repair import SeedsReport

SCHEMA = "layerfix.seeds/1"
HEAD = ("kernel", "initializer", "op seed", "draw", "z", "cosine", "")


def render(found: SeedsReport, format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """The seeds of every layer, the verdict first."""
    if format == "json":
        return dumps({"schema": SCHEMA, "summary": verdict(found), **plain(found)})
    ink = Ink()
    sure = [kernel for kernel in found.search.get("kernels", ()) if kernel.get("confirmed")]
    ink.prose(verdict(found), "good strong" if found.search.get("numpy_seed") is not None else "fair strong" if sure else "plain strong")
    _kernels(ink, found.search)
    _hidden(ink, found)
    tried = found.search.get("tried", ())
    if tried:
        ink.title("What was tried")
        for sentence in tried:
            ink.prose(str(sentence), "quiet", indent=2, mark="- ")
    return ink.document(color=color)


def verdict(found: SeedsReport) -> str:
    """The provenance in one sentence."""
    search = found.search
    kernels = search.get("kernels", ())
    sure = sum(bool(kernel.get("confirmed")) for kernel in kernels)
    graph = f"under TensorFlow's graph seed {search.get('graph_seed')}"
    if search.get("numpy_seed") is not None:
        bound = search.get("log10_bound")
        chance = f"; that another seed fits as well by chance has probability {phrases.odds(10.0**bound)}" if bound is not None else ""
        return f"The script had called np.random.seed({search['numpy_seed']}), {graph}{chance}."
    if sure:
        told = f"{sure} of {phrases.count(len(kernels), 'kernel')} remember their op seed, {graph}"
        return f"{told}; no numpy seed that was tried gives them in a row."
    if kernels:
        return f"None of {phrases.count(len(kernels), 'kernel')} remembers where it started clearly enough."
    return "No stored kernel has a random initial value that it could remember."


def rows(search: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row of `HEAD` for each kernel."""
    return [
        (
            str(kernel["name"]),
            str(kernel["initializer"]),
            str(kernel["op_seed"]),
            "" if kernel.get("position") is None else str(kernel["position"]),
            f"{float(kernel['z']):.1f}",
            f"{float(kernel['cosine']):.3f}",
            "sure" if kernel.get("confirmed") else "not sure",
        )
        for kernel in search.get("kernels", ())
    ]


def _kernels(ink: Ink, search: Mapping[str, object]) -> None:
    if not search.get("kernels"):
        return
    ink.title("Kernels and where they started")
    table: list[list[str | tuple[str, str]]] = [[(word, "quiet") for word in HEAD]]
    table += [[*row[:-1], (row[-1], "good" if row[-1] == "sure" else "fair")] for row in rows(search)]
    ink.columns(table)


def _hidden(ink: Ink, found: SeedsReport) -> None:
    """Draws of weights that are not in the file, and stretches of the stream that nothing explains."""
    gaps = [gap for gap in found.search.get("gaps", ()) if gap.get("found") != gap.get("explained")]
    if not found.hidden and not gaps:
        return
    ink.title("Something hidden was initialised here")
    ink.columns([(str(row["layer"]), str(row["role"]), f"op seed {row['op_seed']}", f"draw {row['position']}") for row in found.hidden])
    for gap in gaps:
        ink.prose(f"before {gap['before']}: {gap['found']} draws, {gap['explained']} of them explained", indent=2, mark="- ")
