from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from layerfix.rng.cores import cache_folder

pytest.importorskip("numba", reason="numba is not installed")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_cache_of_compiled_code_is_the_users_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for stated in (None, "relative"):
        monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False) if stated is None else monkeypatch.setenv("NUMBA_CACHE_DIR", stated)
        folder = cache_folder()
        assert folder == tmp_path / "layerfix" / "numba"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        folder.chmod(0o777)


@pytest.mark.skipif(os.name != "posix", reason="links and modes are POSIX's")
def test_cache_folder_that_leads_elsewhere_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "theirs").mkdir()
    (tmp_path / "cache" / "layerfix").mkdir(parents=True)
    (tmp_path / "cache" / "layerfix" / "numba").symlink_to(tmp_path / "theirs")
    assert cache_folder() is None


@pytest.mark.slow
def test_numbas_file_in_the_current_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".numba_config.yaml").write_text(f"cache_dir: {tmp_path / 'evil'}\ndisable_jit: 1\n")
    code = "from layerfix.rng import generate, mt19937; assert mt19937._compiled() and generate._compiled(); import numpy as np\n"
    code += "from layerfix.rng.initializers import Stream\n"
    code += "import numba; print(numba.config.CACHE_DIR, numba.config.DISABLE_JIT)\n"
    code += "fill = generate._compiled(); fill(np.uint64(1), np.ones(1, np.uint64), np.empty((1, 4), np.float32))\n"
    code += "print(len(fill.signatures))\n"
    code += "print(numba.config.CACHE_DIR, numba.config.DISABLE_JIT); import yaml"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "mine")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "1", "0"]
    assert not done.stderr
    assert not (tmp_path / "evil").exists()
