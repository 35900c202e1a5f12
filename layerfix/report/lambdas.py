"""`layerfix lambdas`: what each function computes."""

from __future__ import annotations

from layerfix.emit.lambdas import ReadLambda
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.results.lambdas import Lambdas


def render(found: Lambdas, format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """Every Lambda layer with its source, or why it was not read."""
    if format == "json":
        return dumps({"schema": "layerfix.lambdas/1", "path": str(found.path), "lambdas": [plain(read) for read in found.lambdas]})
    ink = Ink()
    if not found.lambdas:
        ink.prose(f"{found.path} holds no code of a Lambda layer.")
    for read in found.lambdas:
        _one(ink, read)
    return ink.document(color=color)


def _one(ink: Ink, read: ReadLambda) -> None:
    ink.gap()
    pythons = f"  bytecode of Python {' or '.join(read.pythons)}, read and never run" if read.pythons else ""
    ink.line((read.layer, "strong"), (pythons, "quiet"))
    if read.unsafe:
        ink.prose(f"It reaches beyond arithmetic: {', '.join(read.unsafe)}. Look at it before you run it anywhere.", indent=2)
    if read.problem:
        ink.prose(f"Not read: {read.problem}.", indent=2)
        for line in read.listing.splitlines():
            ink.line(f"    {line}")
        return
    for line in read.source.splitlines():
        ink.line(f"  {line}")
