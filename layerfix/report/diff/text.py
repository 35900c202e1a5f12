"""A difference in git's spirit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerfix.report.diff import account
from layerfix.report.ink import Ink

if TYPE_CHECKING:
    from layerfix.results.diff import Change, Diff

_CONFIG_LOOKS = {"added": ("+", "good"), "removed": ("-", "bad"), "changed": ("~", "fair")}


def render(found: Diff, everything: bool = False, *, color: bool = False) -> str:
    """The difference as text: `+` added, `-` removed, `~` changed, `>` renamed or moved."""
    ink = Ink()
    ink.line((f"--- {found.a}", "strong"))
    ink.line((f"+++ {found.b}", "strong"))
    ink.prose(account.verdict(found))
    tensors = account.shown(found.tensors, everything)
    if tensors:
        ink.title("tensors")
        ink.columns(
            [((f"{account.SIGNS[t.status]} {account.name(t.key)}", account.LOOKS[t.status]), t.status, account.what(t)) for t in tensors],
            indent=0,
        )
    _changes(ink, "config", found.config)
    _changes(ink, "training config", found.training_config)
    if found.attributes:
        ink.title("file")
        ink.columns([(f"~ {a.name}", f"{account.value(a.before)} → {account.value(a.after)}") for a in found.attributes], indent=0)
    if account.slots(found):
        ink.title("optimizer state")
        ink.prose(account.slots(found))
    return ink.document(color=color)


def _changes(ink: Ink, title: str, changes: tuple[Change, ...]) -> None:
    if not changes:
        return
    ink.title(title)
    for change in changes:
        sign, look = _CONFIG_LOOKS[change.kind]
        ink.line((f"{sign} {change.path}", look), f"  {account.change(change)}")
