"""Layer classes that are written beside a model: when they are refused, and the line that loads the model with them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import layerfix
from layerfix.cli import run
from layerfix.commands.emission import Emission
from layerfix.containers.reader import read
from layerfix.disk.publish import Destination
from layerfix.disk.seen import seen
from layerfix.errors import LayerfixError, UsageError, WriteError
from layerfix.report.phrases import step
from layerfix.results.emitted import Emitted

SAMPLES = Path(__file__).parents[2] / "sample_models"
CLASSES = Path(__file__).parents[1] / "legacy" / "classes"


@pytest.mark.parametrize("name", ["fixed_a.py", "my-layers.py", "json.py", "class.py", "keras.py", "numpy.py", "layers.txt"])
def test_the_line_that_loads_a_model_runs_whatever_the_file_of_classes_is_called(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    loaded: list[str] = []
    monkeypatch.setattr("keras.models.load_model", loaded.append)
    (tmp_path / name).write_text("import keras\nkeras.was_here = __file__\n")
    monkeypatch.setattr("keras.was_here", "", raising=False)
    _, command = step(Emitted(tmp_path / name, "keras3").opening(Path("a b/m'1.keras")))
    names: dict[str, Any] = {}
    exec(command, names)
    assert names["keras"].was_here == str(tmp_path / name)
    assert loaded == ["a b/m'1.keras"]


@pytest.mark.parametrize(("flavour", "model"), [("keras3", "m.h5"), ("keras2", "m.keras"), ("keras3", "m.weights.h5")])
def test_no_line_is_given_for_a_file_that_these_classes_do_not_open(flavour: str, model: str) -> None:
    assert Emitted(Path("fixed.py"), flavour).opening(Path(model)) == ""


def test_one_file_is_not_named_for_two_outputs(tmp_path: Path) -> None:
    target = tmp_path / "m.keras"
    with pytest.raises(WriteError, match="named for two outputs"):
        layerfix.repair(SAMPLES / "resnet-mean.h5", output=target, emit_layers=target, force=True)
    with pytest.raises(WriteError, match="named for two outputs"):
        layerfix.migrate(SAMPLES / "healthy-stock.h5", target, emit_layers=tmp_path / ".." / tmp_path.name / "m.keras", force=True)
    assert run(["repair", str(SAMPLES / "resnet-mean.h5"), "-o", str(target), "--card", str(target), "--force"]) == 2
    assert not any(tmp_path.iterdir())


def test_classes_that_cannot_be_had_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs no layer classes"):
        layerfix.migrate(SAMPLES / "healthy-stock.h5", tmp_path / "m.keras", emit_layers=tmp_path / "f.py")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "wish", [{"older": "keras3.3"}, {"emit_layers": "f.py"}, {"architecture": "m.json"}, {"arguments": {"*": {"n": 1}}}]
)
def test_what_a_model_from_code_has_no_use_for_is_refused(wish: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(LayerfixError, match="does not go with --model"):
        layerfix.migrate(SAMPLES / "weights-only.h5", tmp_path / "m.keras", model="build.py:make", **wish)


def test_the_reason_for_a_runtime_is_told(tmp_path: Path) -> None:
    case = CLASSES / "list-in-init"
    emission = Emission.of(read(case / "broken.h5"), tmp_path / "f.py", (case / "layers.py",), "keras3")
    written = tmp_path / "m.keras"
    found = emission.published(written, Destination(written, seen([])))
    assert found.because
    assert "_Making" in found.path.read_text()
    assert emission.published(None, Destination(written, seen([]), force=True)).because != found.because


def test_a_name_that_looks_like_a_file_is_no_folder_for_outputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["migrate", str(SAMPLES / "healthy-stock.h5"), "-o", str(tmp_path / "x.pdf")]) == 2
    assert "no file that migrate writes" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())
