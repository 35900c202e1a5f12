"""A difference as JSON: `layerfix.diff/1`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerfix.report.diff.account import verdict
from layerfix.report.jsons import dumps, plain

if TYPE_CHECKING:
    from layerfix.results.diff import Diff

SCHEMA = "layerfix.diff/1"


def render(found: Diff) -> str:
    """The whole difference, identical tensors too."""
    return dumps(
        {"schema": SCHEMA, "same": found.same, "summary": verdict(found), "counts": dict(sorted(found.counts.items())), **plain(found)}
    )
