"""Migrations of several files over the fleet's engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import pytest

from layerfix.cli.app import run
from layerfix.commands.migrate_many import migrate_all
from layerfix.errors import UsageError

SAMPLE = Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5"


@pytest.mark.slow
def test_collection_is_migrated_once_and_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models, folder, journal = tmp_path / "models", tmp_path / "out", tmp_path / "j.sqlite"
    (models / "deep").mkdir(parents=True)
    shutil.copy(SAMPLE, models / "deep" / "fine.h5")
    (models / "cut.h5").write_bytes(SAMPLE.read_bytes()[:9000])
    first = migrate_all([models], folder, journal=journal, jobs=2)
    assert [(Path(file.path).name, file.exit_code) for file in first.files] == [("cut.h5", 2), ("fine.h5", 0)]
    result = first.files[1].result
    assert result is not None
    assert (result.output, result.proof.kind) == (folder / "deep" / "fine.keras", "reference")
    state = (result.output.read_bytes(), result.output.stat().st_mtime_ns)
    assert run(["migrate", str(models), "-o", str(folder), "--resume", str(journal), "--quiet"]) == 2
    assert "1 of 2 files brought to today's Keras" in capsys.readouterr().out
    assert (result.output.read_bytes(), result.output.stat().st_mtime_ns) == state
    assert migrate_all([models], folder, journal=journal) == first


def test_one_output_file_serves_one_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="several checkpoints"):
        migrate_all([SAMPLE, SAMPLE.with_name("healthy-stateless.h5")], tmp_path / "new.keras")
    (tmp_path / "a").mkdir()
    shutil.copy(SAMPLE, tmp_path / "a")
    with pytest.raises(UsageError, match="two files"):
        migrate_all([SAMPLE, tmp_path / "a" / SAMPLE.name], tmp_path / "out")


def test_a_model_without_an_equal_in_the_older_keras_is_told_so_and_leaves_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "hard_silu", name="odd")]).save(tmp_path / "new.keras")
    assert run(["migrate", str(tmp_path / "new.keras"), "-o", str(tmp_path / "web"), "--for", "tfjs", "--quiet"]) == 2
    assert capsys.readouterr().out.startswith("0 of 1 file brought to tfjs.")
    assert not (tmp_path / "web").exists()
