"""A hostile file given to a command ends in one sentence and exit code 4 or 2: no hang, nothing written (audit: test_hostile.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import CANARY, KINDS, endless_heap

from layerfix.cli.app import run
from layerfix.containers.donor import read_donor
from layerfix.errors import HostileError
from layerfix.isolation import child, vet
from layerfix.isolation.limits import SUPPORTED, Limits

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="resource limits and pipes need POSIX")

SAMPLE = Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5"
COMMANDS = {
    "repair": ["repair", "file.h5", "-o", "out.h5"],
    "seeds": ["seeds", "file.h5"],
    "migrate": ["migrate", "file.h5", "-o", "out.keras"],
    "diff": ["diff", "file.h5", str(SAMPLE)],
    "diff, second": ["diff", str(SAMPLE), "file.h5"],
    "verify": ["verify", "file.h5"],
    "verify against": ["verify", str(SAMPLE), "--against", "file.h5"],
    "manifest": ["manifest", "file.h5"],
}
ENDLESS = ("migrate", "diff", "verify", "manifest")
FILES = {
    "endless_heap": endless_heap,
    **{
        name: KINDS[name][1]
        for name in ("external_link_to_a_weight", "terabyte_of_nothing", "file_half", "pipe", "link_to_an_endless_device")
    },
}
# An endless file costs the whole of a limit: each way of reading has it once.
CASES = [(kind, command) for kind in FILES for command in COMMANDS if kind != "endless_heap" or command in ENDLESS]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Children with little patience."""
    monkeypatch.chdir(tmp_path)
    little = Limits(seconds=2.5)
    monkeypatch.setattr(child.Child.__init__, "__defaults__", (little, None))
    monkeypatch.setitem(vet.vet.__kwdefaults__, "limits", little)


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(("kind", "command"), CASES)
def test_command_refuses_in_one_sentence(kind: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FILES[kind](tmp_path / "file.h5")
    code = run([*COMMANDS[command], "--quiet"])
    told = "".join(capsys.readouterr())
    refused = kind in ("endless_heap", "external_link_to_a_weight", "terabyte_of_nothing")
    assert code == (4 if refused else 2), told
    assert "file.h5" in told
    assert "Traceback" not in told
    assert "something unexpected" not in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.h5"], CANARY


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_donor_is_read_by_a_child_first(tmp_path: Path) -> None:
    endless_heap(tmp_path / "file.h5")
    with pytest.raises(HostileError, match="took longer"):
        read_donor(tmp_path / "file.h5")


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_model_is_loaded_from_what_a_child_could_read(tmp_path: Path) -> None:
    from layerfix.graph.live import load_model

    endless_heap(tmp_path / "file.h5")
    with pytest.raises(HostileError, match="took longer"):
        load_model(tmp_path / "file.h5")
