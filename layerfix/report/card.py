"""A card for a model's repository: what was done to the file, how that was proven, and how it is loaded.

The head is the metadata of a Hugging Face model card (https://huggingface.co/docs/hub/model-cards); the text is Markdown. In a README
that is there already the card is a section between two comments: every other byte of it stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from layerfix.errors import UsageError
from layerfix.report import phrases
from layerfix.report.escape import code, markdown, visible
from layerfix.report.jsons import dumps
from layerfix.report.migration import rows
from layerfix.report.tables import table
from layerfix.results.emitted import Emitted
from layerfix.results.migrate import MigratedFile, Migration
from layerfix.results.repair import Report
from layerfix.version import __version__

_BEGIN, _END = "<!-- layerfix: begin -->", "<!-- layerfix: end -->"


@dataclass(frozen=True, slots=True)
class Classes:
    """The user's layer classes: the files as given, and the one that was written, or None."""

    given: Sequence[Path] = ()
    emitted: Emitted | None = None


def of_repair(report: Report, classes: Classes = Classes()) -> str:
    """The card of a repaired file.

    Raises:
        UsageError: where nothing was written.
    """
    if report.target is None:
        raise UsageError("nothing was written, so that there is no card to give.", where=report.source.path)
    weights = [(code(weight.name), phrases.fate(weight)) for layer in report.layers for weight in layer.weights]
    open_ = [f"- {markdown(sentence)}" for sentence in report.not_established]
    return _card(
        _base([report.source.path]),
        f"{Path(report.target.path).name}, repaired",
        markdown(report.summary),
        [
            *_files([(report.source.path, report.source.sha256), (report.target.path, report.target.sha256)]),
            *(["## Weights", "", *table(("weight", "now"), weights)] if weights else []),
            *(["## Not established", "", *open_, ""] if open_ else []),
            *_use(report.target.path, classes, custom=bool(report.layers)),
        ],
    )


def of_migration(migration: Migration, layers: Sequence[Path] = ()) -> str:
    """The card of one or several migrated files.

    Raises:
        UsageError: where nothing was written.
    """
    done = [file for file in migration.files if file.written is not None]
    if not done:
        raise UsageError("nothing was written, so that there is no card to give.")
    body: list[str] = []
    for file in done:
        written = str(file.written)
        body += [f"## {code(Path(written).name)}", "", *(f"- {label}: {markdown(told)}" for label, told in rows(file)), ""]
        read, made = file.sha256 or (None, None)
        body += _files([(file.path, read), (written, made)])
    names = ", ".join(Path(str(file.written)).name for file in done)
    told = f"{phrases.count(len(done), 'file')} brought to today's Keras by layerfix {__version__}."
    return _card(_base([file.path for file in done]), f"{names}, migrated", told, [*body, *_use_of(done[0], layers)])


def within(readme: str, card: str) -> str:
    """A README with the card as a section of it: in the place of an earlier one, else at its end.

    Its own metadata stay as they are, and its ends of lines; the card's headings go one level down.
    """
    bare = card.split("---\n", 2)[2].strip().replace(_BEGIN, "").replace(_END, "")
    section = f"{_BEGIN}\n{re.sub('^#', '##', bare, flags=re.MULTILINE)}\n{_END}"
    newline = "\r\n" if "\r\n" in readme else "\n"
    section = section.replace("\n", newline)
    before, begun, rest = readme.partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if begun and ended:
        return f"{before}{section}{after}"
    gap = "" if not readme else newline if readme.endswith(newline) else newline * 2
    return f"{readme}{gap}{section}{newline}"


def _card(base: Sequence[str], title: str, verdict: str, body: Sequence[str]) -> str:
    head = ["---", "library_name: keras", *([f"base_model: {dumps(list(base), indent=None)}"] if base else []), "tags: [layerfix]", "---"]
    return "\n".join([*head, "", f"# {markdown(title)}", "", f"**{verdict}**", "", *body]).rstrip() + "\n"


def _base(paths: Sequence[str]) -> list[str]:
    """The repositories of the Hub that the files came from."""
    parts = [path.partition("hf://")[2].split("/") for path in paths if path.startswith("hf://")]
    return list(dict.fromkeys(visible("/".join(steps[:2])).partition("@")[0] for steps in parts if len(steps) > 2))


def _files(files: Sequence[tuple[str, str | None]]) -> list[str]:
    return table(("file", "SHA-256"), [(code(Path(path).name), code(sha256) if sha256 else "not kept here") for path, sha256 in files])


def _use_of(file: MigratedFile, layers: Sequence[Path]) -> Iterator[str]:
    """How a migrated file is loaded; one that a repair made has a class of its own."""
    emitted = file.result.emitted if file.result is not None else None
    return _use(str(file.written), Classes(layers, emitted), custom=file.result is None or bool(file.result.custom))


def _use(written: str, classes: Classes, *, custom: bool) -> Iterator[str]:
    """How a file is loaded from the folder that it is in."""
    name = Path(written).name
    yield from ("## Use", "", "```python", *_loading(name, classes, custom=custom), "```", "")


def _loading(name: str, classes: Classes, *, custom: bool) -> Iterator[str]:
    if name.endswith(".weights.h5"):
        yield f"model.load_weights({name!r})  # of the model that your code builds"
    elif name.endswith(".safetensors"):
        yield from ("from safetensors.numpy import load_file", "", f"weights = load_file({name!r})  # of the model that your code builds")
    elif classes.emitted is not None and (told := replace(classes.emitted, path=Path(classes.emitted.path.name)).opening(Path(name))):
        yield from phrases.step(told)[1].split("; ")
    elif custom or not name.endswith(".keras"):
        given = f", layers={[path.name for path in classes.given]!r}" if classes.given and custom else ""
        yield from ("import layerfix", "", f"model = layerfix.load_model({name!r}{given})")
    else:
        yield from ("import keras", "", f"model = keras.models.load_model({name!r})")
