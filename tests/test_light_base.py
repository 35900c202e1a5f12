"""Without TensorFlow, Keras and numba: what reads files works, and what builds a model names the extra in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from genuine import MODELS

BLOCKED = """
import json, sys
from importlib import abc
class Blocked(abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"tensorflow", "keras", "numba", "llvmlite"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
from importlib import util
find = util.find_spec
util.find_spec = lambda name, package=None: None if name in {"tensorflow", "keras", "numba"} else find(name, package)
"""
COMMANDS = """
from layerfix.cli.app import run
print(json.dumps([run(arguments) for arguments in json.loads(sys.argv[1])]), file=sys.stderr)
"""


def _without_tensorflow(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BLOCKED + program, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_commands_that_read_files_do_without_tensorflow(tmp_path: Path) -> None:
    broken, healthy, manifest = str(MODELS / "resnet-mean.h5"), str(MODELS / "healthy-stock.h5"), str(tmp_path / "m.json")
    commands = [
        ["audit", broken, healthy, "-q"],
        ["diff", broken, healthy, "-q"],
        ["manifest", healthy, "-o", manifest],
        ["verify", healthy, "--manifest", manifest, "-q"],
        ["lint", str(MODELS / "layers_fixed.py")],
        ["salvage", healthy, "-o", str(tmp_path / "saved.h5"), "-q"],
        ["explain", "LF101"],
        ["layers"],
    ]
    done = _without_tensorflow(COMMANDS, json.dumps(commands))
    codes = json.loads(done.stderr.splitlines()[-1])
    assert codes[0] == 1, done.stderr
    assert 2 not in codes, done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["repair", "FILE", "-o", "OUT/new.h5"],
        ["repair", "FILE", "FILE", "-o", "OUT"],
        ["seeds", "FILE"],
        ["migrate", "FILE", "-o", "OUT/new.keras"],
        ["verify", "FILE", "--samples", "FILE"],
        ["audit", "FILE", "--layers", "FILE"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_commands_that_build_a_model_name_the_extra(command: list[str], tmp_path: Path) -> None:
    words = [word.replace("FILE", str(MODELS / "healthy-stock.h5")).replace("OUT", str(tmp_path)) for word in command]
    told = _without_tensorflow(COMMANDS, json.dumps([words])).stderr.splitlines()
    assert told[-1] == "[2]"
    assert len(told) == 2
    assert "layerfix[tensorflow]" in told[0]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["load_model", "repair"])
def test_python_is_told_the_extra_as_an_import_error(name: str) -> None:
    program = f"""
import layerfix
try:
    layerfix.{name}({str(MODELS / "healthy-stock.h5")!r})
except ImportError as error:
    print(error)
"""
    assert "pip install 'layerfix[tensorflow]'" in _without_tensorflow(program).stdout
