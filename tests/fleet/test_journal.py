"""A journal is believed where everything that went in and came out is still the same, and nowhere else."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layerfix.errors import ReadError
from layerfix.fleet.journal import Journal, status
from layerfix.fleet.tasks import Task


@pytest.fixture
def task(tmp_path: Path) -> Task:
    for name in ("old.h5", "samples.npz", "layers.py"):
        (tmp_path / name).write_text(name)
    (tmp_path / "donor").mkdir()
    (tmp_path / "donor" / "variables").write_text("donor")
    wishes = {"samples": str(tmp_path / "samples.npz"), "layers": [str(tmp_path / "layers.py")], "donors": [str(tmp_path / "donor")]}
    return Task(str(tmp_path / "old.h5"), "repair", {"output": str(tmp_path / "new.h5"), "force": False, "wishes": wishes})


def answered(task: Task, journal: Path) -> list[bool]:
    """Whether `force` was given each time that the work was really done."""
    done: list[bool] = []

    def work(begun: Task) -> dict[str, Any]:
        done.append(bool(begun.options["force"]))
        Path(task.options["output"]).write_text("new")
        return {"state": "ok", "output": task.options["output"], "report": {}}

    with Journal(journal) as record:
        assert record.answered(task, work)["state"] == "ok"
    return done


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "new.h5").write_text("garbage"),
        lambda folder: (folder / "new.h5").write_text(""),
        lambda folder: (folder / "old.h5").write_text("other"),
        lambda folder: (folder / "samples.npz").write_text("other"),
        lambda folder: (folder / "layers.py").write_text("other"),
        lambda folder: (folder / "donor" / "variables").write_text("other"),
        lambda folder: (folder / "donor" / "more").write_text("more"),
    ],
)
def test_answer_counts_until_something_that_went_in_or_came_out_changes(
    change: Callable[[Path], object], task: Task, tmp_path: Path
) -> None:
    journal = tmp_path / "j.sqlite"
    assert answered(task, journal) == [False]
    assert answered(task, journal) == []
    change(tmp_path)
    assert answered(task, journal) == [True]
    assert answered(task, journal) == []


def test_output_that_no_run_of_the_journal_made_is_not_replaced(task: Task, tmp_path: Path) -> None:
    (tmp_path / "new.h5").write_text("the user's")
    assert answered(task, tmp_path / "j.sqlite") == [False]


def test_output_of_a_run_that_was_killed_before_it_could_write_that_down_is_replaced(task: Task, tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.begin(task)
    assert status(tmp_path / "j.sqlite") == {}
    (tmp_path / "new.h5").write_text("whole, and not on record")
    assert answered(task, tmp_path / "j.sqlite") == [True]


def test_rows_of_any_other_shape_are_done_again(task: Task, tmp_path: Path) -> None:
    journal = tmp_path / "j.sqlite"
    answered(task, journal)
    with sqlite3.connect(journal) as rows:
        (genuine,) = rows.execute("SELECT answer FROM done").fetchone()
    told = json.loads(genuine)
    assert told.keys() >= {"answer", "seal"}
    shapes = [
        *("", "{", "null", "[]", "5", '"text"', "[" * 100_000, "{}"),
        *(json.dumps({name: value for name, value in told.items() if name != left_out}) for left_out in told),
        *(json.dumps({**told, "answer": answer}) for answer in (None, [], {}, {"state": "ok"}, {**told["answer"], "report": 5})),
        json.dumps({**told, "seal": "0" * 64}),
        json.dumps(told["answer"]),
    ]
    for shape in shapes:
        with sqlite3.connect(journal) as rows:
            rows.execute("UPDATE done SET answer = ?", (shape,))
        assert answered(task, journal) == [True], shape[:80]


def test_status_makes_and_changes_nothing(task: Task, tmp_path: Path) -> None:
    answered(task, tmp_path / "j.sqlite")
    with Journal(tmp_path / "j.sqlite") as journal:  # a run under way: its last rows are in a file beside
        journal.record(Task("other.h5", "repair", {}), "stamp", {"state": "damaged", "problem": "cut"})
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
        assert status(tmp_path / "j.sqlite") == {"damaged": 1, "ok": 1}
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match="does not exist"):
        status(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize("told", ["database or disk is full", "disk I/O error", "attempt to write a readonly database"])
def test_passing_trouble_does_not_advise_to_give_the_journal_up(told: str, tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal, pytest.raises(ReadError) as caught, journal._explained():
        raise sqlite3.OperationalError(told)
    assert "no journal" not in str(caught.value)
    assert "remove" not in str(caught.value)
    assert os.path.exists(tmp_path / "j.sqlite")
