"""Remote files are audited by the blocks that tell their structure, over HTTP on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from collections_ import SAMPLES
from web import REPO, Server, heavy, serving

from layerfix.cli import run
from layerfix.commands.audit_many import audit_all
from layerfix.disk.hashing import file_sha256

SAMPLE_MODELS = Path(__file__).parents[2] / "sample_models"

pytest.importorskip("fsspec", reason="fsspec is not installed")
pytest.importorskip("aiohttp", reason="aiohttp, by which fsspec speaks HTTP, is not installed")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def hub(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same server as the Hugging Face Hub that `hf://` means."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="huggingface_hub is not installed")
    from huggingface_hub import HfFileSystem

    monkeypatch.setattr(constants, "ENDPOINT", server.address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.address + "/{repo_id}/resolve/{revision}/{filename}")
    HfFileSystem.clear_instance_cache()
    return server


def test_an_audit_fetches_a_small_part_of_a_large_file_and_finds_the_same(server: Server) -> None:
    path = heavy(server.folder)
    remote, local = audit_all([f"{server.address}/big.h5"]).files[0], audit_all([path]).files[0]
    assert (remote.outcome, remote.facts) == (local.outcome, local.facts)
    assert [one.finding for one in remote.findings] == [one.finding for one in local.findings]
    assert 0 < server.sent < path.stat().st_size / 8


def test_a_place_that_gives_no_parts_gives_the_whole(server: Server) -> None:
    server.ranges = False
    path = heavy(server.folder)
    assert audit_all([f"{server.address}/big.h5"]).files[0].outcome == "lost"
    assert server.sent >= path.stat().st_size


def test_a_damaged_file_is_told_by_its_address(server: Server) -> None:
    path = heavy(server.folder)
    path.write_bytes(b"\0" * 5_000_000)
    file = audit_all([f"{server.address}/big.h5"]).files[0]
    assert file.outcome == "unreadable"
    assert file.problem is not None
    assert file.problem.startswith(f"{server.address}/big.h5: ")


def test_a_repository_of_the_hub_is_audited_like_a_folder(hub: Server) -> None:
    heavy(hub.folder)
    shutil.copy(SAMPLES[0], hub.folder / "small.h5")
    (hub.folder / "README.md").write_text("a model")
    found = {file.path: file.outcome for file in audit_all([f"hf://{REPO}"]).files}
    alike = audit_all([hub.folder / "small.h5"]).files[0].outcome
    assert found == {f"hf://{REPO}/big.h5": "lost", f"hf://{REPO}/small.h5": alike}
    assert hub.sent < (hub.folder / "big.h5").stat().st_size / 8 + SAMPLES[0].stat().st_size


@pytest.mark.slow
def test_a_file_of_the_hub_is_migrated_and_gets_a_card(hub: Server, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    shutil.copy(SAMPLE_MODELS / "healthy-stock.h5", hub.folder / "old.h5")
    output, card = tmp_path / "new.keras", tmp_path / "README.md"
    assert run(["migrate", f"hf://{REPO}/old.h5", "-o", str(output), "--card", str(card), "--quiet"]) == 0
    told = card.read_text()
    assert f'base_model: ["{REPO}"]' in told
    assert file_sha256(SAMPLE_MODELS / "healthy-stock.h5") in told
    assert file_sha256(output) in told
