"""Migrations as one HTML page: tiles, a list that filters and sorts without script, one section for each file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from layerfix.disk.hashing import known_sha256
from layerfix.report import phrases
from layerfix.report.browser import Browser, Row
from layerfix.report.pages import page
from layerfix.results.migrate import ENDS, MigratedFile, Migration
from layerfix.results.tool import tool

if TYPE_CHECKING:
    from layerfix.report.phrases import Tone

LOOKS: Mapping[str, Tone] = {
    "checked": "good",
    "repaired": "good",
    "unchecked": "fair",
    "unsure": "fair",
    "lost": "bad",
    "refused": "bad",
    "failed": "bad",
}


def as_page(migration: Migration, verdict: str, steps: Sequence[str], rows: Callable[[MigratedFile], Sequence[tuple[str, str]]]) -> str:
    """The migrations as a page: the verdict in a sentence, what to do next, and `rows` of what is to be said about each file."""
    browser = Browser([_row(number, file) for number, file in enumerate(migration.files)], ENDS, LOOKS, phrases.ENDINGS)
    return page(
        "migration",
        title="Migration",
        css=browser.css,
        verdict=verdict,
        tone="good" if migration.exit_code == 0 else "bad",
        browser=browser,
        steps=steps,
        files=[(number, file, rows(file)) for number, file in enumerate(migration.files)],
        sums=list(_sums(migration)),
        tool=tool(),
    )


def _row(number: int, file: MigratedFile) -> Row:
    result = file.result
    told = phrases.count(result.weights, "tensor") if result is not None else file.repair.verdict if file.repair is not None else ""
    version = result.keras_version if result is not None else file.repair.keras_version if file.repair is not None else None
    return Row(file.path, file.end, version or "", told, f"file-{number}")


def _sums(migration: Migration) -> Iterator[tuple[str, Path, str, str | None]]:
    """Every file read and written, what is known of the program that wrote it, and its hash."""
    for file in migration.files:
        result = file.result
        written = f"Keras {result.keras_version}" if result and result.keras_version else ""
        told = ", ".join(filter(None, (written, result.backend if result else "")))
        read, made = file.sha256 or (known_sha256(Path(file.path)), None)
        yield "legacy", Path(file.path), told, read
        if file.written is not None:
            yield "migrated" if result is not None else "repaired", Path(file.written), "", made
