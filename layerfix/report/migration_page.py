"""Migrations as one HTML page: tiles, a list that filters and sorts without script, one section for each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from layerfix.disk.hashing import known_sha256
from layerfix.report.pages import page
from layerfix.report.phrases import Tone
from layerfix.results.migrate import ENDS, MigratedFile, Migration
from layerfix.results.tool import tool

LOOKS: Mapping[str, Tone] = {"checked": "good", "unchecked": "fair", "lost": "bad", "refused": "bad", "failed": "bad"}
MEANINGS: Mapping[str, str] = {
    "checked": "migrated and checked",
    "unchecked": "migrated, not fully checked",
    "lost": "with lost weights",
    "refused": "refused as hostile",
    "failed": "not migrated",
}


def as_page(migration: Migration, verdict: str, steps: Sequence[str], rows: Callable[[MigratedFile], Sequence[tuple[str, str]]]) -> str:
    """The migrations as a page: the verdict in a sentence, what to do next, and `rows` of what is to be said about each file."""
    found = Counter(file.end for file in migration.files)
    versions = sorted({_version(file) for file in migration.files})
    return page(
        "migration",
        title="Migration",
        css=_rules(len(versions)),
        verdict=verdict,
        tone="good" if migration.exit_code == 0 else "bad",
        counts=[(end, found[end]) for end in ENDS if found[end]],
        looks=LOOKS,
        meanings=MEANINGS,
        steps=steps,
        files=[(number, file, _version(file), versions.index(_version(file)), rows(file)) for number, file in enumerate(migration.files)],
        sums=list(_sums(migration)),
        tool=tool(),
    )


def _version(file: MigratedFile) -> str:
    return (file.result.keras_version if file.result is not None else None) or "unknown"


def _rules(versions: int) -> str:
    """Filtering and sorting as rules of the style sheet, as on the audit's page."""
    hide = [f"#show-{end}:checked~.list .row:not(.{end}):not(.head){{display:none}}" for end in ENDS]
    by_end = [f"#sort-end:checked~.list .{end}{{order:{place}}}" for place, end in enumerate(ENDS, start=1)]
    by_version = [f"#sort-version:checked~.list .v{place}{{order:{place + 1}}}" for place in range(versions)]
    names = [*(f"show-{end}" for end in ("all", *ENDS)), *(f"sort-{key}" for key in ("end", "path", "version"))]
    marks = ",".join(f"#{name}:checked~nav label[for={name}]" for name in names)
    return "\n".join([*hide, *by_end, *by_version, f"{marks}{{background:var(--ink);color:var(--paper)}}"])


def _sums(migration: Migration) -> Iterator[tuple[str, Path, str, str | None]]:
    """Every file read and written, what is known of the program that wrote it, and its hash."""
    for file in migration.files:
        result = file.result
        written = f"Keras {result.keras_version}" if result and result.keras_version else ""
        told = ", ".join(filter(None, (written, result.backend if result else "")))
        yield "legacy", Path(file.path), told, known_sha256(Path(file.path))
        if result is not None:
            yield "migrated", result.output, "", known_sha256(result.output)
