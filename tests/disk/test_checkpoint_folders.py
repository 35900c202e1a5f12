"""Which files are one checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerfix.disk.folders import is_collection, parts, whole
from layerfix.disk.paths import checkpoints

TOPOLOGY = '{"format": "layers-model", "modelTopology": {}, "weightsManifest": []}'


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "model.json").write_text(TOPOLOGY)
    for name in ("group1-shard1of1.bin", "metadata.json", "labels.txt"):
        (folder / name).write_bytes(b"{}")
    return folder


def test_a_folder_of_tensorflow_js_is_one_checkpoint(browser: Path) -> None:
    assert whole(browser) == browser / "model.json"
    assert not is_collection(browser)
    assert [path.name for path in parts(whole(browser))] == ["model.json", "group1-shard1of1.bin"]


def test_a_folder_that_also_holds_another_checkpoint_is_a_collection(browser: Path) -> None:
    (browser / "model.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    assert whole(browser) == browser
    assert is_collection(browser)


def test_an_architecture_alone_makes_no_tensorflow_js_folder(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"class_name": "Sequential", "config": []}')
    assert whole(tmp_path) == tmp_path


def test_a_walk_finds_the_model_of_tensorflow_js_once(browser: Path) -> None:
    assert list(checkpoints([browser.parent])) == [(browser / "model.json", False)]
    assert list(checkpoints([browser])) == [(browser / "model.json", True)]
