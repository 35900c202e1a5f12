"""The journal of a long run: one row for each file with its answer, in SQLite, so that a killed run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from layerfix.disk.files import open_regular, stored_bytes
from layerfix.errors import ReadError
from layerfix.fleet.remote import url
from layerfix.fleet.tasks import Answer, Task
from layerfix.version import __version__

_TABLE = """CREATE TABLE IF NOT EXISTS done (
    name TEXT NOT NULL, work TEXT NOT NULL, stamp TEXT NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (name, work))"""

USUAL, AUDITS = "layerfix.sqlite", "layerfix-audit.sqlite"
"""Names of a journal beside outputs, and of one of audits."""
STATES = frozenset({"ok", "refused", "none", "damaged"})
"""States that stay true as long as the file does; a failure is tried again."""
_HINT = "Name another file, or remove it and begin anew."


class Journal:
    """Answers already given. Use as a context manager; safe for many threads.

    An answer counts as long as the file's bytes (SHA-256), the tool's version and the options are the same, and what it wrote is there.

    Args:
        path: the SQLite file; made where it is missing.

    Raises:
        ReadError: where the file is no journal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        if path.exists() and not path.is_file():
            raise ReadError("is no regular file, so no journal.", where=str(path), hint="Name a file: --resume=FILE.sqlite.")
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._explained():
            self._rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
            self._rows.execute("PRAGMA trusted_schema=OFF")
            held = self._rows.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
            if held not in ([], [("table", "done")]):
                raise sqlite3.DatabaseError("it holds other tables")
            self._rows.execute("PRAGMA journal_mode=WAL")
            self._rows.execute("PRAGMA synchronous=NORMAL")
            self._rows.execute(_TABLE)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._rows.close()

    def answered(self, task: Task, work: Callable[[], Answer]) -> Answer:
        """The answer of an earlier run, or that of `work`, which is then written down."""
        mark = stamp(task)
        known = self.find(task, mark)
        if known is not None:
            return known
        answer = work()
        self.record(task, mark, answer)
        return answer

    def find(self, task: Task, stamp: str | None) -> Answer | None:
        """The answer on record for a task, if the file is still the same and so is what was written. A failure is tried again."""
        if stamp is None:
            return None
        with self._lock, self._explained():
            row = self._rows.execute("SELECT stamp, answer FROM done WHERE name = ? AND work = ?", (_key(task), _work(task))).fetchone()
        if not row or row[0] != stamp:
            return None
        with suppress(
            ValueError, KeyError, TypeError, AttributeError, RecursionError
        ):  # a row that this tool did not write counts for nothing
            answer: Answer = json.loads(row[1])
            if answer["state"] in STATES and Path(answer.get("output") or self.path).exists():
                return answer
        return None

    def record(self, task: Task, stamp: str | None, answer: Answer) -> None:
        """Writes an answer down, for good."""
        row = (_key(task), _work(task), stamp or "", str(answer["state"]), json.dumps(answer))
        with self._lock, self._explained():
            self._rows.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?)", row)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Puts SQLite's errors into words."""
        try:
            yield
        except sqlite3.Error as error:
            raise ReadError(f"is no journal of layerfix, or cannot be used ({error}).", where=str(self.path), hint=_HINT) from error


def status(path: Path) -> Mapping[str, int]:
    """How many files of a journal ended in each state.

    Raises:
        ReadError: where there is no such journal.
    """
    path = path / USUAL if path.is_dir() else path
    if not path.is_file():
        raise ReadError("does not exist.", where=str(path), hint="Name the journal of a run.")
    with Journal(path) as journal, journal._explained():
        rows = journal._rows.execute("SELECT state, COUNT(*) FROM done GROUP BY state ORDER BY state")
        return {str(state): int(count) for state, count in rows}


def _key(task: Task) -> str:
    """The name as SQLite takes it: paths need not be Unicode."""
    return task.name.encode("utf-8", "backslashreplace").decode()


def _work(task: Task) -> str:
    """What was done, and by which version. Whether outputs may be replaced does not change what they are."""
    options = {name: value for name, value in task.options.items() if name != "force"}
    return json.dumps({"do": task.do, "options": options, "version": __version__}, sort_keys=True)


def stamp(task: Task) -> str | None:
    """The SHA-256 of a local file, or what its place tells about a remote one; None where neither can be had."""
    try:
        if url(task.name) is None:
            if stored_bytes(Path(task.name)) < os.stat(task.name).st_size:
                return None  # mostly a hole: reading it could take hours
            with open_regular(task.name) as file:
                return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _sha256(file)
        from fsspec.core import url_to_fs

        filesystem, path = url_to_fs(url(task.name))
        return str(filesystem.ukey(path))
    except Exception:
        return None


def _sha256(file: Any) -> str:
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
