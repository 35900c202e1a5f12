"""`--layers` takes files, folders and packages."""

import pytest

from layerfix.disk.paths import python_sources
from layerfix.errors import ReadError


def test_a_folder_stands_for_its_sources_and_a_package_s_own_comes_last(tmp_path):
    for name in ("__init__.py", "blocks.py", "attention.py", "notes.txt"):
        (tmp_path / name).write_text("")
    alone = tmp_path / "blocks.py"
    assert [path.name for path in python_sources([tmp_path, alone])] == ["attention.py", "blocks.py", "__init__.py", "blocks.py"]


def test_a_folder_without_source_is_named(tmp_path):
    with pytest.raises(ReadError, match="folder without Python source"):
        python_sources([tmp_path])
