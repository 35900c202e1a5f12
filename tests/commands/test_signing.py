"""The manifest of OpenSSF model signing, against a signature that its own tool made."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from layerfix.commands.signing import read_statement, sign_manifest
from layerfix.commands.verify import verify
from layerfix.errors import UsageError
from layerfix.report.inventory import as_statement

SIGNATURE = Path(__file__).parent / "files" / "signed" / "model.sig"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder that was signed."""
    folder = tmp_path / "oms_model"
    (folder / "sub").mkdir(parents=True)
    for name, text in {"model.h5": "weights", "sub/config.json": "{}\n", "sub-a": "x", ".gitattributes": "*.h5 lfs"}.items():
        (folder / name).write_text(text)
    return folder


def test_the_manifest_states_what_the_tool_of_the_standard_signed(model: Path) -> None:
    signed = json.loads(base64.b64decode(json.loads(SIGNATURE.read_text())["dsseEnvelope"]["payload"]))
    stated = json.loads(as_statement(sign_manifest(model)))
    signed["predicate"]["serialization"].pop("ignore_paths")
    assert {*stated["predicate"]["serialization"].pop("ignore_paths")} == {".git", ".gitattributes", ".github", ".gitignore"}
    assert stated == signed


def test_a_signed_model_is_held_against_its_signature(model: Path) -> None:
    assert verify([model], manifest=SIGNATURE).exit_code == 0
    (model / "model.h5").write_text("Weights")
    (model / "sub-a").unlink()
    (model / "new.txt").write_text("")
    told = {Path(file.path).name: file.checks[0].detail for file in verify([model], manifest=SIGNATURE).files if file.exit_code}
    assert told == {
        "model.h5": "the file differs from the recorded one",
        "sub-a": "the manifest names this file, and it was not found",
        "new.txt": "the manifest does not name this file",
    }


def test_a_manifest_of_its_own_is_read_back_for_a_single_file(model: Path, tmp_path: Path) -> None:
    written = tmp_path / "model.oms.json"
    written.write_text(as_statement(sign_manifest(model / "model.h5")))
    stated = read_statement(written)
    assert stated is not None
    assert [name for name, _ in stated.resources] == ["."]
    assert verify([model / "model.h5"], manifest=written).exit_code == 0


def test_a_statement_that_contradicts_itself_is_refused(model: Path, tmp_path: Path) -> None:
    stated = json.loads(as_statement(sign_manifest(model)))
    stated["predicate"]["resources"][0]["digest"] = "00" * 32
    (tmp_path / "bad.json").write_text(json.dumps(stated))
    with pytest.raises(UsageError, match="contradicts itself"):
        verify([model], manifest=tmp_path / "bad.json")


def test_symbolic_links_are_not_followed(model: Path) -> None:
    (model / "link.h5").symlink_to(model / "model.h5")
    with pytest.raises(UsageError, match="symbolic link"):
        sign_manifest(model)


def test_a_file_is_not_held_against_the_manifest_of_a_folder_nor_a_folder_against_that_of_a_file(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is a file, and the manifest .* is of a folder"):
        verify([model / "model.h5"], manifest=SIGNATURE)
    (tmp_path / "one.json").write_text(as_statement(sign_manifest(model / "model.h5")))
    with pytest.raises(UsageError, match=r"is a folder, and the manifest .* is of a single file"):
        verify([model], manifest=tmp_path / "one.json")
