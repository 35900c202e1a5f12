"""What the pages tell to type: every command of README and docs is one that exists, and what takes no live model runs as written."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
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


RUN = [one for one in FOUND if one.values[0][0] in LIGHT and not REMOTE.search(shlex.join(one.values[0]))]


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
