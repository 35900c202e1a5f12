"""What a run over any number of files remembers of them, on disk: names in the order found, answers, and all of them sorted."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

PAGE = 500
"""Names read at a time."""


class Shelf:
    """Files of a run by name, each once, in a database that is gone with this object (SQLite's private temporary file).

    Args:
        files: (name, named) as of `layerfix.fleet.sources`; of a name given twice the first counts.
    """

    def __init__(self, files: Iterable[tuple[str, bool]]) -> None:
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA synchronous=OFF")
        self._rows.execute("CREATE TABLE files (number INTEGER PRIMARY KEY, name BLOB UNIQUE, named INTEGER, answer TEXT)")
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT OR IGNORE INTO files (name, named) VALUES (?, ?)", ((os.fsencode(name), named) for name, named in files)
        )
        self._rows.execute("COMMIT")

    def __len__(self) -> int:
        return int(self._rows.execute("SELECT COUNT(*) FROM files").fetchone()[0])

    def names(self) -> Iterator[str]:
        """The names in the order in which they were found."""
        last = 0
        while page := self._rows.execute(
            "SELECT number, name FROM files WHERE number > ? ORDER BY number LIMIT ?", (last, PAGE)
        ).fetchall():
            yield from (os.fsdecode(name) for _, name in page)
            last = page[-1][0]

    def put(self, name: str, answer: dict[str, Any]) -> None:
        """Keeps the answer for a file."""
        self._rows.execute("UPDATE files SET answer = ? WHERE name = ?", (json.dumps(answer), os.fsencode(name)))

    def answers(self) -> Iterator[tuple[str, bool, dict[str, Any]]]:
        """(name, named, answer) of all files that have one, sorted by name."""
        last = b""
        query = "SELECT name, named, answer FROM files WHERE name > ? AND answer IS NOT NULL ORDER BY name LIMIT ?"
        while page := self._rows.execute(query, (last, PAGE)).fetchall():
            yield from ((os.fsdecode(name), bool(named), json.loads(answer)) for name, named, answer in page)
            last = page[-1][0]
