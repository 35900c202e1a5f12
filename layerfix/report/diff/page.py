"""A difference as one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from layerfix.disk.hashing import known_sha256
from layerfix.report.diff import account
from layerfix.report.drawing.graph import side_by_side
from layerfix.report.pages import page
from layerfix.results.tool import tool

if TYPE_CHECKING:
    from layerfix.report.diff.graphs import Pair
    from layerfix.results.diff import Diff


def render(found: Diff, everything: bool = False, pictures: Sequence[Pair] = ()) -> str:
    """The difference as a page; without `pictures` the graphs are left out, not the facts."""
    return page(
        "diff",
        title="Checkpoint diff",
        found=found,
        graphs=[(pair.title, *side_by_side(pair.before, pair.after)) for pair in pictures],
        verdict=account.verdict(found),
        tiles=account.tallied(found.tensors),
        looks=account.LOOKS,
        tensors=[(account.name(t.key), t.status, account.what(t)) for t in account.shown(found.tensors, everything)],
        config=[(c.path, c.kind, account.change(c)) for c in (*found.config, *found.training_config)],
        attributes=[(a.name, account.value(a.before), account.value(a.after)) for a in found.attributes],
        slots=account.slots(found),
        files=[(label, path, known_sha256(path)) for label, path in (("before", found.a), ("after", found.b))],
        tool=tool(),
    )
