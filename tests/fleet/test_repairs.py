from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from collections_ import SAMPLES

from layerfix.commands.repair_many import repair_all
from layerfix.errors import UsageError

BROKEN = next(path for path in SAMPLES if path.name == "sequential-mean.h5")
HEALTHY = next(path for path in SAMPLES if path.name == "healthy-stock.h5")


@pytest.mark.slow
def test_collection_is_repaired_once_and_resumed(tmp_path: Path) -> None:
    models, folder, journal = tmp_path / "models", tmp_path / "repaired", tmp_path / "j.sqlite"
    (models / "deep").mkdir(parents=True)
    shutil.copy(BROKEN, models / "deep" / "old.h5")
    shutil.copy(HEALTHY, models / "fine.h5")
    (models / "cut.h5").write_bytes(BROKEN.read_bytes()[:9000])
    first = repair_all([models], folder, journal=journal)
    assert [(Path(file.path).name, file.verdict, file.exit_code) for file in first.files] == [
        ("cut.h5", "failed", 2),
        ("old.h5", "recovered", 1),
        ("fine.h5", "clean", 0),
    ]
    assert first.exit_code == 2
    written = folder / "deep" / "old.repaired.h5"
    state = (written.read_bytes(), written.stat().st_mtime_ns)
    assert repair_all([models], folder, journal=journal) == first
    assert (written.read_bytes(), written.stat().st_mtime_ns) == state
    written.unlink()
    assert repair_all([models], folder, journal=journal) == first
    assert written.read_bytes() == state[0]


def test_file_is_no_folder_for_outputs(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        repair_all([BROKEN], tmp_path / "out")
