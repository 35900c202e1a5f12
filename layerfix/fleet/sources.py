"""What the user means by the names he gives: files, folders, patterns, URLs, and lists of all these."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from layerfix.disk.paths import checkpoints
from layerfix.errors import ReadError
from layerfix.fleet.remote import remote_files, url


def sources(names: Iterable[Path | str]) -> Iterator[tuple[str, bool]]:
    """(file or URL, named) for each file meant, each once; `named` as in `layerfix.disk.paths.checkpoints`.

    "-" reads names from stdin and "@list.txt" from a file, one a line; URLs are whatever fsspec knows ("s3://models/**/*.h5").

    Raises:
        ReadError: where a path does not exist or a URL cannot be reached.
    """
    listed = list(names)
    if len(listed) == 1 and Path(listed[0]).is_dir():  # nothing in a folder comes twice: no need to remember a million names
        yield from _meant(str(listed[0]))
        return
    seen: set[str] = set()
    for name in _listed(listed):
        for file, named in _meant(name):
            if file not in seen:
                seen.add(file)
                yield file, named


def _meant(name: str) -> Iterator[tuple[str, bool]]:
    if is_local(name):
        yield from ((_unmistakable(str(path)), named) for path, named in checkpoints([Path(name)]))
        return
    found = remote_files(name)
    yield from ((file, found == [name]) for file in found)


def is_local(name: str) -> bool:
    """Whether a name means something on this machine: it is no address, or this folder holds what the address begins with (`http:`)."""
    return url(name) is None or os.path.lexists(name.partition("/")[0])


def _unmistakable(name: str) -> str:
    """A local file's name, as a path that nobody takes for an address later."""
    return name if url(name) is None else os.path.abspath(name)


def _listed(names: Iterable[Path | str]) -> Iterator[str]:
    for name in map(str, names):
        if name == "-":
            yield from _lines(sys.stdin)
        elif name.startswith("@") and not Path(name).exists():
            yield from _list_file(name[1:])
        else:
            yield name


def _list_file(name: str) -> Iterator[str]:
    try:
        with open(name, encoding="utf-8") as lines:
            yield from _lines(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"is no list of files ({error}).", where=name, hint="One path a line, as UTF-8 text.") from error


def _lines(lines: Iterable[str]) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in lines if line.strip())
