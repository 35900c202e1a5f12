"""`layerfix explain`: the catalogue of findings for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from layerfix.errors import UsageError
from layerfix.report.escape import code as quoted
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain

_CODE = re.compile(r"LF\d+|\w{1,6}", re.IGNORECASE)
"""What is a code, or a mistyped one; anything longer is an error message."""


def entries() -> Sequence[Any]:
    """Every entry of the catalogue, sorted by code."""
    from layerfix.diagnose.catalogue import RULES

    return [RULES[code] for code in sorted(RULES)]


def explain(code: str | None, format: str = "text") -> str:  # noqa: A002
    """Cause, effect and remedy of one code, or the list of all; of an error of Keras, what to run.

    Raises:
        UsageError: where the code does not exist, or the error is not known.
    """
    if code is not None and code.strip().lower() == "errors":
        return _errors(format)
    if code is not None and not _CODE.fullmatch(code.strip()):
        return _message(code, format)
    chosen = _chosen(code)
    if format == "json":
        return dumps([plain(entry) for entry in chosen])
    if format == "markdown":
        return _as_markdown(chosen)
    return _one(chosen[0]) if code else _all(chosen)


def _message(text: str, format: str) -> str:  # noqa: A002
    """What an error of Keras' loaders means, and the command."""
    from layerfix.diagnose.messages import recognised

    found = recognised(text)
    if not found:
        hint = "Run layerfix audit FILE: it reads the file itself. Without an argument, explain lists the codes of findings."
        raise UsageError("this error is not known here.", hint=hint)
    if format == "json":
        return dumps([{"cause": one.cause, "command": one.command.splitlines()} for one in found])
    if format == "markdown":
        return "\n\n".join(f"{one.cause}\n\n```\n{one.command}\n```" for one in found[:1]) + "\n"
    ink = Ink()
    ink.title("Cause")
    ink.prose(found[0].cause, indent=2)
    ink.title("Run")
    for line in found[0].command.splitlines():
        ink.line(f"  {line}")
    return ink.document(color=False)


def _errors(format: str) -> str:  # noqa: A002
    """Every error of Keras' loaders that is known here, each with its cause and the command."""
    from layerfix.diagnose.messages import MESSAGES

    if format == "json":
        return dumps([{"error": one.example, "cause": one.cause, "command": one.command.splitlines()} for one in MESSAGES])
    if format == "markdown":
        lines = ["# Errors, by what Keras says", "", _ERRORS_HEAD, ""]
        for one in MESSAGES:
            lines += [f"## {quoted(one.example, limit=None)}", "", one.cause, "", "```", one.command, "```", ""]
        return "\n".join(lines)
    ink = Ink()
    for one in MESSAGES:
        ink.gap()
        ink.prose(one.example, "strong")
        ink.prose(one.cause, indent=2)
        for line in one.command.splitlines():
            ink.line(f"    {line}")
    return ink.document(color=False)


_ERRORS_HEAD = (
    "Paste the error, `layerfix explain \"Unrecognized keyword arguments: ['batch_shape']\"`, or look here. FILE stands for your file. "
    "Printed by `layerfix explain errors --format markdown`; a test keeps it true."
)


def _chosen(code: str | None) -> Sequence[Any]:
    if code is None:
        return entries()
    known = [*entries(), *_linted()]
    found = [entry for entry in known if entry.code == code.strip().upper()]
    if not found:
        codes = ", ".join(entry.code for entry in known)
        raise UsageError(f"there is no finding {code!r}.", hint=f"Known are {codes}.")
    return found


def _linted() -> Sequence[Any]:
    """The codes of `layerfix lint`, whose sentences say what it is, what is lost, and what to write instead."""
    from layerfix.diagnose.catalogue import Rule
    from layerfix.linter.rules import RULES

    told = []
    for code, sentence in sorted(RULES.items()):
        cause, _, rest = sentence.format(what="a layer").partition(": ")
        effect, _, remedy = rest.removesuffix(".").rpartition(". ")
        parts = [f"{part[:1].upper()}{part[1:]}." for part in (cause, effect, remedy)]
        told.append(Rule(code, "suspect", "found in source by layerfix lint", *parts))
    return told


def _one(entry: Any) -> str:
    ink = Ink()
    ink.line((f"{entry.code}  {entry.title}", "strong"), f"  ({entry.severity})")
    for label in ("cause", "effect", "remedy"):
        ink.title(label.capitalize())
        ink.prose(getattr(entry, label), indent=2)
    return ink.document(color=False)


def _all(chosen: Sequence[Any]) -> str:
    ink = Ink()
    ink.columns([(entry.code, entry.severity, entry.title) for entry in chosen], indent=0)
    return ink.document(color=False)


def _as_markdown(chosen: Sequence[Any]) -> str:
    """The catalogue is our own text, so its backticks stay."""
    lines = ["# Findings", "", "Printed by `layerfix explain --format markdown`; a test keeps it true.", ""] if len(chosen) > 1 else []
    for entry in chosen:
        lines += [f"## {entry.code}: {entry.title} ({entry.severity})", ""]
        for label in ("cause", "effect", "remedy"):
            lines += [f"**{label.capitalize()}.** {getattr(entry, label)}", ""]
    return "\n".join(lines).rstrip() + "\n"
