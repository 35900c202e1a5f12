"""Every kind of hostile file ends in its stated outcome; nothing in it runs, nothing of the host gets out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hostile_more
import pytest
from hostile import CANARY, KINDS

from layerfix.isolation.child import Child, ChildError
from layerfix.isolation.limits import SUPPORTED

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="resource limits, pipes and sockets need POSIX")


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as child:
        yield child


def read_whole(child: Child, path: Path) -> dict[str, Any]:
    """The first answer that is not "ok" of an audit and a reading of every tensor."""
    for do in ("audit", "probe"):
        try:
            answer: dict[str, Any] = child.ask({"do": do, "path": str(path)})
        except ChildError as error:
            return {"state": "refused", "problem": str(error)}
        if answer["state"] != "ok":
            return answer
    return answer


@pytest.mark.parametrize("name", sorted(KINDS))
def test_hostile_file_ends_as_stated(name: str, child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome, make = KINDS[name]
    path = tmp_path / "file.h5"
    make(path)
    answer = read_whole(child, path)
    assert answer["state"] == outcome, answer.get("problem")
    assert "root:" not in json.dumps(answer)
    assert hostile_more.SECRET not in json.dumps(answer)
    assert not (tmp_path / CANARY).exists()


def test_problems_are_one_sentence_that_names_the_file(child: Child, tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    for name in ("external_link_to_a_weight", "file_half", "hdf5_of_something_else", "archive_climbing_out"):
        KINDS[name][1](path)
        problem = read_whole(child, path)["problem"]
        assert problem.startswith(str(path))
        assert "\n" not in problem
        assert "Traceback" not in problem


@pytest.mark.slow
def test_kinds_are_many_and_cost_little_memory(child: Child, tmp_path: Path) -> None:
    assert len(KINDS) >= 80
    KINDS["deflated_zeros"][1](tmp_path / "file.h5")
    read_whole(child, tmp_path / "file.h5")
    child.start()
    assert child._process is not None
    status = Path(f"/proc/{child._process.pid}/status").read_text()
    (peak,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert peak < 512 * 1024
