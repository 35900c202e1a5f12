"""A card for a model's repository: what was done to the file, how that was proven, and how it is loaded.

The head is the metadata of a Hugging Face model card (https://huggingface.co/docs/hub/model-cards); the text is Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from layerfix.errors import UsageError
from layerfix.report import phrases
from layerfix.report.escape import code, markdown, visible
from layerfix.report.jsons import dumps
from layerfix.report.migration import rows
from layerfix.report.tables import table
from layerfix.results.migrate import Migration
from layerfix.results.repair import Report
from layerfix.version import __version__


def of_repair(report: Report) -> str:
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
            *_use([report.target.path]),
        ],
    )


def of_migration(migration: Migration) -> str:
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
    return _card(_base([file.path for file in done]), f"{names}, migrated", told, [*body, *_use([str(file.written) for file in done])])


def _card(base: Sequence[str], title: str, verdict: str, body: Sequence[str]) -> str:
    head = ["---", "library_name: keras", *([f"base_model: {dumps(list(base), indent=None)}"] if base else []), "tags: [layerfix]", "---"]
    return "\n".join([*head, "", f"# {markdown(title)}", "", f"**{verdict}**", "", *body]).rstrip() + "\n"


def _base(paths: Sequence[str]) -> list[str]:
    """The repositories of the Hub that the files came from."""
    parts = [path.partition("hf://")[2].split("/") for path in paths if path.startswith("hf://")]
    return list(dict.fromkeys(visible("/".join(steps[:2])).partition("@")[0] for steps in parts if len(steps) > 2))


def _files(files: Sequence[tuple[str, str | None]]) -> list[str]:
    return table(("file", "SHA-256"), [(code(Path(path).name), code(sha256) if sha256 else "not kept here") for path, sha256 in files])


def _use(written: Sequence[str]) -> Iterator[str]:
    """How the files are loaded, and how anybody checks them."""
    name = Path(written[0]).name
    yield from ("## Use", "", "```python")
    if name.endswith(".keras"):
        yield from ("import keras", "", f"model = keras.models.load_model({name!r})  # custom classes: see above")
    else:
        yield from ("import layerfix", "", f"model = layerfix.load_model({name!r})")
    yield from ("```", "")
