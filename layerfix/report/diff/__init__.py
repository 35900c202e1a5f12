"""The difference of two checkpoints as a document."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from layerfix.errors import UsageError

if TYPE_CHECKING:
    from layerfix.report.diff.graphs import Pair
    from layerfix.results.diff import Diff

_RENDERERS = {"text": "text", "json": "document", "markdown": "markdown", "html": "page"}
FORMATS = tuple(_RENDERERS)


def render(
    found: Diff,
    format: str = "text",  # noqa: A002
    *,
    everything: bool = False,
    color: bool = False,
    pictures: Sequence[Pair] = (),
) -> str:
    """The difference in one of `FORMATS`; `everything` lists identical tensors too (JSON always does); `pictures` are for HTML.

    Raises:
        UsageError: where the format is unknown.
    """
    if format not in _RENDERERS:
        raise UsageError(f"there is no diff format {format!r}.", hint=f"Choose one of {', '.join(FORMATS)}.")
    module = import_module(f"layerfix.report.diff.{_RENDERERS[format]}")
    if format == "json":
        return str(module.render(found))
    if format == "html":
        return str(module.render(found, everything, pictures))
    return str(module.render(found, everything, color=color) if format == "text" else module.render(found, everything))
