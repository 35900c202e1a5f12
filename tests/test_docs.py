"""What the pages tell to type: every command of README and docs is one that exists, and what takes no live model runs as written."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from layerfix.cli import run
from layerfix.cli.app import COMMANDS, layerfix

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_models"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LIGHT = {"audit", "diff", "verify", "manifest", "lambdas", "lint", "layers", "explain", "salvage", "doctor"}
"""Commands that build no live model."""
REMOTE = re.compile(r"\w+://|--scheduler")
STAND_INS = {
    "FILE": "old.h5",
    "PATHS": "models",
    "MODEL": "old.h5",
    "a.h5": "old.h5",
    "b.h5": "old.repaired.h5",
    "resnet-mean.h5": "old.h5",
    "repaired.h5": "old.repaired.h5",
    "older_epoch.h5": "old.h5",
    "lambdas.py": "lambda_layers.py",
}


def commands() -> Iterator[tuple[str, list[str]]]:
    """(page, words) of every line that begins with `layerfix` in a block of code; comments and remarks behind it are left out."""
    for page in PAGES:
        for block in re.findall(r"^```(?:\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                typed = re.split(r"\s{3,}\(|\s+#", line.strip())[0]
                if typed.startswith("layerfix "):
                    yield page.name, shlex.split(typed)[1:]


FOUND = [pytest.param(words, id=f"{page}: {shlex.join(words)[:80]}") for page, words in dict.fromkeys((p, tuple(w)) for p, w in commands())]


def test_the_pages_tell_to_type_something() -> None:
    assert len(FOUND) > 60


@pytest.mark.parametrize("words", FOUND)
def test_every_command_of_the_pages_is_one_that_exists(words: tuple[str, ...]) -> None:
    assert words[0] in COMMANDS
    command = layerfix.get_command(click.Context(layerfix), words[0])
    assert command is not None
    command.make_context(f"layerfix {words[0]}", list(words[1:]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files by the names that the pages use."""
    place = tmp_path_factory.mktemp("docs")
    for name, source in {"old.h5": "resnet-mean.h5", "old.repaired.h5": "resnet-mean-twin.h5", "weights.h5": "weights-only.h5"}.items():
        shutil.copy(SAMPLES / source, place / name)
    for name, source in {"my_layers.py": "layers.py", "mine.py": "layers.py", "model.json": "weights-only.json"}.items():
        shutil.copy(SAMPLES / source, place / name)
    for name in ("models", "src"):
        (place / name).mkdir()
    for name in ("healthy-stock.h5", "sequential-mean.h5"):
        shutil.copy(SAMPLES / name, place / "models")
    shutil.copy(SAMPLES / "layers_fixed.py", place / "src")
    archive = ROOT / "tests" / "migrate" / "v3" / "tf215-swapped_convolutions.keras"
    (place / "cut.keras").write_bytes(archive.read_bytes()[:-2000])
    for part in ("index", "data-00000-of-00001"):
        shutil.copy(ROOT / "tests" / "containers" / "exports" / "denoise" / "session" / f"session.ckpt.{part}", place)
    (place / "cut.h5").write_bytes((SAMPLES / "resnet-mean.h5").read_bytes()[:60_000])
    assert run(["audit", str(place / "models"), "--write-baseline", str(place / "accepted.json"), "--quiet"]) == 1
    assert run(["manifest", str(place / "models"), "-o", str(place / "manifest.json"), "--quiet"]) == 0
    return place


CONTAINERS = ROOT / "tests" / "migrate" / "containers"
BUILD = """
import keras


def make_model():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="first"), keras.layers.Dense(2, name="last")])


class Net(keras.Model):
    def __init__(self, **settings):
        super().__init__(**settings)
        self.flat = keras.layers.Flatten(name="flat")
        self.last = keras.layers.Dense(2, name="last")

    def call(self, x):
        return self.last(self.flat(x))
"""


@pytest.fixture
def models(folder: Path, tmp_path: Path) -> Path:
    """A copy of the folder with whatever a command that builds a live model may name."""
    place = tmp_path / "typed"
    shutil.copytree(folder, place)
    recorded = np.load(SAMPLES / "resnet-mean.npz")
    for name in ("xy", "samples", "resnet-mean"):
        np.savez(place / f"{name}.npz", **{key: recorded[key] for key in "xyp"})
    shutil.copy(SAMPLES / "resnet-mean-twin.h5", place / "healthy.h5")
    shutil.copy(SAMPLES / "resnet-mean-twin.npz", place / "recorded.npz")
    shutil.copytree(CONTAINERS / "tf21-adagrad-sm" / "sm", place / "saved_model")
    shutil.copytree(CONTAINERS / "tf215-crops-js", place / "tfjs")
    for file in (CONTAINERS / "tf215-many_ends-ckpt").glob("cp.ckpt.*"):
        shutil.copy(file, place)
    shutil.copy(CONTAINERS / "tf215-many_ends-ckpt" / "model.json", place / "cp.json")
    shutil.copy(ROOT / "tests" / "migrate" / "v3" / "tf215-swapped_convolutions.keras", place / "new.keras")
    (place / "build.py").write_text(BUILD)
    made: dict[str, Any] = {}
    exec(BUILD, made)
    made["make_model"]().save_weights(place / "made.weights.h5")
    net = made["Net"]()
    net(np.zeros((1, 32, 32, 3), np.float32))
    net.save_weights(place / "net.weights.h5")
    return place


def stand_ins(words: tuple[str, ...]) -> list[str]:
    """What the page names, by names of the folder; a page has one name for files of several kinds."""
    more = {"FILE": "new.keras", "SAVED_MODEL/": "saved_model", "older_epoch.h5": "healthy.h5"}
    if words[0] == "migrate":
        more |= {"old.h5": "healthy.h5", "model.json": "cp.json", "lambdas.py": "my_layers.py"}
        more |= {"weights.h5": "net.weights.h5" if "build.py:Net" in words else "made.weights.h5"}
    return [{**STAND_INS, **more}.get(word, word) for word in words]


BUILDING = {"repair", "seeds", "migrate"}
LIVE = [
    one
    for one in FOUND
    if one.values[0][0] in BUILDING and not REMOTE.search(shlex.join(one.values[0])) and "--prove-with" not in one.values[0]
]
FEW = [one for one in LIVE if one.values[0] == ("migrate", "saved_model/", "-o", "new.keras")][:1]


@pytest.mark.slow
@pytest.mark.parametrize("words", LIVE if os.environ.get("LAYERFIX_ALL_PAGES") else FEW)
def test_a_command_that_builds_a_model_runs_as_the_pages_say(
    models: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them take twenty minutes: LAYERFIX_ALL_PAGES=1 asks for them, before a release."""
    monkeypatch.chdir(models)
    code = run([*stand_ins(words), *(["--force"] if words[0] != "seeds" else [])])
    told = capsys.readouterr()
    assert code in (0, 1), told.err
    assert "unexpected" not in told.err


RUN = [one for one in FOUND if one.values[0][0] in LIGHT and not REMOTE.search(shlex.join(one.values[0]))]


@pytest.mark.slow  # altogether
@pytest.mark.parametrize("words", RUN)
def test_a_command_that_builds_no_model_runs_as_the_pages_say(
    folder: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--layers" in words or "--samples" in words:
        pytest.skip("builds a live model: the tests of audit and verify do that")
    monkeypatch.chdir(folder)
    code = run([*(STAND_INS.get(word, word) for word in words), *(["--force"] if {"-o", "--write-baseline"} & {*words} else [])])
    told = capsys.readouterr()
    assert code in (0, 1, 3), told.err
    assert "unexpected" not in told.err
