"""`layerfix doctor` for people and machines."""

from __future__ import annotations

from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.results.doctor import Health

_MARKS = {"well": ("✔", "good"), "limited": ("~", "fair"), "bad": ("✘", "bad")}


def render(health: Health, format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """The state of this installation."""
    if format == "json":
        return dumps({"schema": "layerfix.doctor/1", "well": health.well, **plain(health)})
    ink = Ink()
    ink.columns([(_MARKS[symptom.state], symptom.name, symptom.found, (symptom.advice, "quiet")) for symptom in health.symptoms], indent=0)
    ink.gap()
    ink.line(("Everything needed is here." if health.well else "Something needed is missing; see the lines marked ✘.", "strong"))
    return ink.document(color=color)
