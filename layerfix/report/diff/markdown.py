"""A difference as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerfix.report.diff import account
from layerfix.report.escape import code, markdown
from layerfix.report.tables import table

if TYPE_CHECKING:
    from layerfix.results.diff import Diff


def render(found: Diff, everything: bool = False) -> str:
    """The difference as GitHub-flavoured Markdown."""
    lines = [f"# {code(found.a)} and {code(found.b)}", "", f"**{markdown(account.verdict(found))}**", ""]
    rows = [(code(account.name(t.key)), t.status, markdown(account.what(t))) for t in account.shown(found.tensors, everything)]
    lines += _section("Tensors", table(("tensor", "status", "what"), rows))
    changes = [(code(c.path), c.kind, code(account.change(c))) for c in (*found.config, *found.training_config)]
    lines += _section("Config", table(("place", "status", "value"), changes))
    facts = [(code(a.name), code(account.value(a.before)), code(account.value(a.after))) for a in found.attributes]
    lines += _section("File", table(("what", "before", "after"), facts))
    lines += _section("Optimizer state", [account.slots(found), ""] if account.slots(found) else [])
    return "\n".join(lines).rstrip() + "\n"


def _section(title: str, body: list[str]) -> list[str]:
    return [f"## {title}", "", *body] if body else []
