"""Which child a thread asks."""

from __future__ import annotations

import pytest

from layerfix.fleet import crew
from layerfix.isolation.limits import READING, WRITING


def test_a_child_that_writes_is_replaced_after_some_tasks_and_one_that_reads_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "RENEWED", 3)
    writing, reading = crew.Crew(), crew.Crew()
    asked = [writing.child(WRITING) for _ in range(7)]
    assert [asked.index(child) for child in asked] == [0, 0, 0, 3, 3, 3, 6]
    assert len({id(reading.child(READING)) for _ in range(7)}) == 1
