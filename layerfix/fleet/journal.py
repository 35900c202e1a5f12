"""The journal of a long run: one row for each file with its answer, in SQLite, so that a killed run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any

from layerfix import __version__
from layerfix.errors import ReadError
from layerfix.fleet.remote import url
from layerfix.fleet.tasks import Answer, Task

_TABLE = """CREATE TABLE IF NOT EXISTS done (
    name TEXT NOT NULL, work TEXT NOT NULL, stamp TEXT NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (name, work))"""


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
        try:
            self._rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._rows.execute("PRAGMA journal_mode=WAL")
            self._rows.execute("PRAGMA synchronous=NORMAL")
            self._rows.execute(_TABLE)
        except sqlite3.Error as error:
            raise ReadError(f"is no journal of layerfix ({error}).", where=str(path), hint="Name another file.") from error

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
        with self._lock:
            row = self._rows.execute("SELECT stamp, answer FROM done WHERE name = ? AND work = ?", (task.name, _work(task))).fetchone()
        if not row or row[0] != stamp:
            return None
        answer: Answer = json.loads(row[1])
        return answer if answer["state"] != "failed" and Path(answer.get("output") or self.path).exists() else None

    def record(self, task: Task, stamp: str | None, answer: Answer) -> None:
        """Writes an answer down, for good."""
        row = (task.name, _work(task), stamp or "", str(answer["state"]), json.dumps(answer))
        with self._lock:
            self._rows.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?)", row)


def status(path: Path) -> Mapping[str, int]:
    """How many files of a journal ended in each state.

    Raises:
        ReadError: where there is no such journal.
    """
    if not path.is_file():
        raise ReadError("does not exist.", where=str(path), hint="Name the journal of a run.")
    with Journal(path) as journal, closing(journal._rows.execute("SELECT state, COUNT(*) FROM done GROUP BY state ORDER BY state")) as rows:
        return {str(state): int(count) for state, count in rows}


def _work(task: Task) -> str:
    """What was done, and by which version. Whether outputs may be replaced does not change what they are."""
    options = {name: value for name, value in task.options.items() if name != "force"}
    return json.dumps({"do": task.do, "options": options, "version": __version__}, sort_keys=True)


def stamp(task: Task) -> str | None:
    """The SHA-256 of a local file, or what its place tells about a remote one; None where neither can be had."""
    try:
        if url(task.name) is None:
            with open(task.name, "rb") as file:
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
