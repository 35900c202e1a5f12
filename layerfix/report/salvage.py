"""A salvage for people and machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from layerfix.report import phrases
from layerfix.report.escape import code, markdown
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.report.tables import table
from layerfix.results.salvage import SalvagedTensor, SalvageResult, State

SCHEMA = "layerfix.salvage/1"
_HEADS: Mapping[State, str] = {
    "doubtful": "All bytes there, but not to be believed (left out)",
    "partial": "Partly there (left out)",
    "gone": "Gone",
}
MEANING = (
    "Unverified: every byte is in the file and nothing speaks against it, but HDF5 keeps no checksum of plain data: "
    "nobody can say that none was changed."
)


def render(result: SalvageResult, format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """The salvage as text, JSON or Markdown."""
    if format == "json":
        return dumps({"schema": SCHEMA, "exit_code": result.exit_code, "verdict": verdict(result), **plain(result)})
    if format == "markdown":
        return _as_markdown(result)
    ink = Ink()
    ink.prose(verdict(result), "good strong" if result.exit_code == 0 else "bad strong")
    for note in result.notes:
        ink.prose(note, indent=2, mark="- ")
    for head, tensors in sections(result):
        ink.gap()
        ink.line((f"{head}: {len(tensors)}", "strong"))
        for tensor in tensors:
            ink.prose(told(tensor), indent=2)
    if any(tensor.grade == "unverified" for tensor in result.written):
        ink.gap()
        ink.prose(MEANING)
    return ink.document(color=color)


def verdict(result: SalvageResult) -> str:
    """The salvage in one sentence."""
    written = result.written
    proven = sum(tensor.grade == "checksum" for tensor in written)
    grade = "each proven by a checksum" if proven == len(written) else f"{proven} proven by a checksum, the others unverified"
    if not written:
        return f"None of {phrases.count(len(result.tensors), 'tensor')} is whole."
    told = f"{len(written)} of {phrases.count(len(result.tensors), 'tensor')}"
    return f"{told} {'is' if len(written) == 1 else 'are'} whole and in {result.output} ({grade})."


def sections(result: SalvageResult) -> Iterator[tuple[str, tuple[SalvagedTensor, ...]]]:
    """What is not in the output, by state; then what is there by a name that no link gave."""
    unnamed = tuple(tensor for tensor in result.of("whole") if not tensor.name)
    groups = [("Whole, but nothing names them (in the group 'unnamed')", unnamed)]
    groups += [(head, result.of(state)) for state, head in _HEADS.items()]
    groups.append(("Named by evidence", tuple(tensor for tensor in result.written if tensor.why)))
    return ((head, tensors) for head, tensors in groups if tensors)


def told(tensor: SalvagedTensor) -> str:
    """One tensor in a line."""
    shape = f" ({phrases.shape(tensor.shape)})" if tensor.shape is not None else ""
    share = f", {100 * tensor.share:.0f} % of its bytes" if tensor.state == "partial" else ""
    return f"{tensor.name or 'unnamed'}{shape}{share}{f': {tensor.why}' if tensor.why else ''}"


def _as_markdown(result: SalvageResult) -> str:
    lines = ["# Salvage", "", f"**{markdown(verdict(result))}**", ""]
    lines += [f"- {markdown(note)}" for note in result.notes] + [""]
    rows = [
        (code(tensor.name or "unnamed"), tensor.state, tensor.grade, f"{100 * tensor.share:.0f} %", markdown(tensor.why))
        for tensor in result.tensors
    ]
    return "\n".join([*lines, *table(("tensor", "state", "grade", "bytes there", "evidence"), rows), MEANING, ""])
