"""The journal of a long run: one row for each file with its answer, in SQLite, so that a killed run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from layerfix.disk.files import stored_bytes
from layerfix.disk.hashing import content_sha256, known_sha256
from layerfix.errors import ReadError
from layerfix.fleet.remote import url
from layerfix.version import __version__

if TYPE_CHECKING:
    from layerfix.fleet.tasks import Answer, Task

_TABLE = """CREATE TABLE IF NOT EXISTS done (
    name TEXT NOT NULL, work TEXT NOT NULL, stamp TEXT NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (name, work))"""

USUAL, AUDITS = "layerfix.sqlite", "layerfix-audit.sqlite"
"""Names of a journal beside outputs, and of one of audits."""
STATES = frozenset({"ok", "refused", "none", "damaged"})
"""States that stay true as long as the file does; a failure is tried again."""
BEGUN = "begun"
"""The state of a task whose output was not there when it began."""
_HINT = "Name another file with --resume=FILE.sqlite."
_PASSING = {
    "full": "Free some space on its disk and run again: what it holds stays true.",
    "disk I/O": "Check its disk and run again.",
    "readonly": "Check its permissions, or name another file with --resume=FILE.sqlite.",
    "unable to open": "Check its folder's permissions, or name another file with --resume=FILE.sqlite.",
    "locked": "Wait until the other run that uses it is done.",
}


class Journal:
    """Answers already given. Use as a context manager; safe for many threads.

    An answer counts as long as the file, every file that the options name, what was written (all by SHA-256), the options and the
    tool's version are the same.

    Args:
        path: the SQLite file; made where it is missing.
        called: its name in messages.

    Raises:
        ReadError: where the file is no journal.
    """

    def __init__(self, path: Path, *, called: Path | None = None) -> None:
        self.path = called or path
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

    def answered(self, task: Task, work: Callable[[Task], Answer]) -> Answer:
        """The answer of an earlier run, or that of `work`, which is then written down."""
        mark = stamp(task)
        known = self.find(task, mark)
        if known is not None:
            return known
        answer = work(self.begin(task))
        self.record(task, mark, answer)
        return answer

    def begin(self, task: Task) -> Task:
        """The task as it should be done now: an output that a run of this journal made, or was about to make, may be replaced."""
        output = task.options.get("output")
        if output is None or task.options.get("force"):
            return task
        if self._is_ours(task, output):
            return replace(task, options={**task.options, "force": True})
        if not os.path.lexists(output):
            self._put(task, "", BEGUN, "")
        return task

    def find(self, task: Task, stamp: str | None) -> Answer | None:
        """The answer on record for a task, if all that went in and came out is still the same. A failure is tried again."""
        if stamp is None:
            return None
        with self._lock, self._explained():
            row = self._rows.execute("SELECT stamp, answer FROM done WHERE name = ? AND work = ?", (_key(task), _work(task))).fetchone()
        if not row or row[0] != stamp:
            return None
        # a row that this tool did not write so counts for nothing
        with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
            told = json.loads(row[1])
            answer: Answer = told["answer"]
            sealed = told["seal"] == _seal(task, stamp, answer, told["output"])
            if sealed and answer["state"] in STATES and told["output"] == _output_sha256(answer):
                return answer
        return None

    def record(self, task: Task, stamp: str | None, answer: Answer) -> None:
        """Writes an answer down, for good."""
        output = _output_sha256(answer)
        row = {"answer": answer, "output": output, "seal": _seal(task, stamp or "", answer, output)}
        self._put(task, stamp or "", str(answer["state"]), json.dumps(row))

    def _put(self, task: Task, stamp: str, state: str, answer: str) -> None:
        with self._lock, self._explained():
            row = (_key(task), _work(task), stamp, state, answer)
            self._rows.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?, ?, ?)", row)

    def _is_ours(self, task: Task, output: str) -> bool:
        with self._lock, self._explained():
            rows = self._rows.execute("SELECT work FROM done WHERE name = ? AND state IN (?, 'ok')", (_key(task), BEGUN)).fetchall()
        for (work,) in rows:
            with suppress(ValueError, KeyError, TypeError, RecursionError):
                if json.loads(work)["options"]["output"] == output:
                    return True
        return False

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Puts SQLite's errors into words."""
        try:
            yield
        except sqlite3.Error as error:
            told = str(error)
            passing = next((hint for sign, hint in _PASSING.items() if sign in told), None)
            if passing is not None:
                raise ReadError(f"the journal cannot be used now ({told}).", where=str(self.path), hint=passing) from error
            raise ReadError(f"is no journal of layerfix, or is damaged ({told}).", where=str(self.path), hint=_HINT) from error


def status(path: Path) -> Mapping[str, int]:
    """How many files of a journal ended in each state. Makes and changes nothing beside it.

    Raises:
        ReadError: where there is no such journal.
    """
    path = path / USUAL if path.is_dir() else path
    if not path.is_file():
        raise ReadError("does not exist.", where=str(path), hint="Name the journal of a run.")
    with tempfile.TemporaryDirectory(prefix="layerfix-") as folder:
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{suffix}", f"{folder}/{USUAL}{suffix}")
        with Journal(Path(folder, USUAL), called=path) as journal, journal._explained():
            rows = journal._rows.execute("SELECT state, COUNT(*) FROM done WHERE state <> ? GROUP BY state ORDER BY state", (BEGUN,))
            return {str(state): int(count) for state, count in rows}


def _key(task: Task) -> str:
    """The name as SQLite takes it: paths need not be Unicode."""
    return task.name.encode("utf-8", "backslashreplace").decode()


def _work(task: Task) -> str:
    """What was done, and by which version. Whether outputs may be replaced does not change what they are."""
    options = {name: value for name, value in task.options.items() if name != "force"}
    return json.dumps({"do": task.do, "options": options, "version": __version__}, sort_keys=True)


def stamp(task: Task) -> str | None:
    """What goes into a task: the SHA-256 of its file (or what its place tells of a remote one) and of every file that its options name.

    None where the file cannot be read.
    """
    own = _remote_stamp(task.name) if url(task.name) else _local_stamp(Path(task.name))
    if own is None:
        return None
    named = {text: content_sha256(Path(text)) for text in sorted(set(_texts(task.options))) if text != task.options.get("output")}
    return json.dumps([own, {name: digest for name, digest in named.items() if digest is not None}])


def _local_stamp(path: Path) -> str | None:
    try:
        if stored_bytes(path) < os.stat(path).st_size:
            return None  # mostly a hole: reading it could take hours
    except (OSError, ValueError):
        return None
    return known_sha256(path)


def _remote_stamp(name: str) -> str | None:
    from layerfix.fleet.remote import mark

    try:
        return mark(name)
    except Exception:  # whatever a store's client raises
        return None


def _texts(value: object) -> Iterator[str]:
    """Every text in a task's options that may be a path."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def _seal(task: Task, stamp: str, answer: Answer, output: str | None) -> str:
    """By which a row is known as this tool's."""
    return hashlib.sha256(json.dumps([_key(task), _work(task), stamp, answer, output], sort_keys=True).encode()).hexdigest()


def _output_sha256(answer: Answer) -> str | None:
    return known_sha256(Path(answer["output"])) if answer.get("output") else None
