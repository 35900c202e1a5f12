"""`layerfix layers`: the corrected classes that ship."""

from __future__ import annotations

from collections.abc import Sequence

from layerfix.layers import CorrectedClass, corrected
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain


def shelf() -> Sequence[CorrectedClass]:
    """The corrected classes, each once, by name."""
    return sorted({entry.name: entry for entry in corrected().values()}.values(), key=lambda entry: entry.name)


def render(classes: Sequence[CorrectedClass], format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """The classes with the legacy names that they answer to and the arguments that legacy files lose."""
    if format == "json":
        return dumps({"schema": "layerfix.layers/1", "classes": [plain(entry) for entry in classes]})
    ink = Ink()
    for entry in classes:
        ink.gap()
        ink.line((entry.name, "strong"), f"  for {entry.legacy_name} in legacy files")
        ink.prose(entry.summary, indent=2)
        for name, values in sorted(entry.arguments.items()):
            ink.line(f"  {name}: {', '.join(repr(value) for value in values)}", ("  (the first is the legacy default)", "quiet"))
    return ink.document(color=color)
