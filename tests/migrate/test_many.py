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


@pytest.mark.slow
def test_what_saves_lost_is_brought_back_into_todays_keras_beside_what_is_whole(tmp_path: Path) -> None:
    models, folder = tmp_path / "models", tmp_path / "out"
    models.mkdir()
    for name in ("healthy-stock.h5", "nested-mean.h5"):
        shutil.copy(SAMPLE.with_name(name), models)
    stated = {"Denoising_layer": {"filter_type": "mean"}}
    lost = migrate_all([models], folder, arguments=stated)
    assert [(Path(file.path).name, file.lost, file.exit_code) for file in lost.files] == [
        ("healthy-stock.h5", False, 0),
        ("nested-mean.h5", True, 2),
    ]
    whole, repaired = migrate_all([models], folder, arguments=stated, repair=True, force=True).files
    assert (whole.repair, whole.exit_code) == (None, 0)
    assert repaired.repair is not None
    assert repaired.repair.output == str(folder / "nested-mean.keras")
    assert repaired.exit_code in {0, 1}
    assert (folder / "nested-mean.keras").is_file()


def test_one_output_file_serves_one_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="several checkpoints"):
        migrate_all([SAMPLE, SAMPLE.with_name("healthy-stateless.h5")], tmp_path / "new.keras")
    (tmp_path / "a").mkdir()
    shutil.copy(SAMPLE, tmp_path / "a")
    with pytest.raises(UsageError, match="two files"):
        migrate_all([SAMPLE, tmp_path / "a" / SAMPLE.name], tmp_path / "out")


@pytest.mark.slow
def test_a_model_without_an_equal_in_the_older_keras_is_told_so_and_leaves_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = keras.Input((4,), dtype="int64")
    keras.Model(numbers, keras.layers.Hashing(3)(numbers)).save(tmp_path / "new.keras")
    assert run(["migrate", str(tmp_path / "new.keras"), "-o", str(tmp_path / "web"), "--for", "tfjs", "--quiet"]) == 2
    assert capsys.readouterr().out.startswith("0 of 1 file brought to tfjs.")
    assert not (tmp_path / "web").exists()


@pytest.mark.slow
def test_a_mixed_folder_gets_one_end_for_each_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models, folder, card = tmp_path / "models", tmp_path / "out", tmp_path / "README.md"
    models.mkdir()
    shutil.copy(SAMPLE, models / "fine.h5")
    shutil.copy(SAMPLE.with_name("sequential-mean.h5"), models / "lost.h5")
    (models / "cut.h5").write_bytes(SAMPLE.read_bytes()[:9000])
    found = migrate_all([models], folder, repair=True)
    ends = {Path(file.path).name: (file.end, file.exit_code) for file in found.files}
    assert ends == {"cut.h5": ("failed", 2), "fine.h5": ("checked", 0), "lost.h5": ("unsure", 1)}
    assert sorted(path.name for path in folder.iterdir()) == ["fine.keras", "lost.keras"]
    assert run(["audit", str(folder), "--quiet"]) == 0
    capsys.readouterr()
    assert run(["migrate", str(models / "fine.h5"), "-o", str(tmp_path / "new.keras"), "--card", str(card), "--quiet"]) == 0
    assert "keras.models.load_model('new.keras')" in card.read_text()
