"""`layerfix repair` from the command line: one whole repair with every report, and everything that is refused before any work."""

from __future__ import annotations

import csv
import io
import json
from importlib.resources import files
from pathlib import Path

import click
import jsonschema
import pytest

from layerfix.cli import run
from layerfix.cli.settings import read_settings, read_strategies

SAMPLES = Path(__file__).parents[2] / "sample_models"
BROKEN = SAMPLES / "sequential-mean.h5"


@pytest.mark.slow
def test_a_whole_repair_with_every_report(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)  # which the runner of the tests may set
    before = BROKEN.read_bytes()
    output, reports = tmp_path / "new.h5", [tmp_path / f"report.{suffix}" for suffix in ("json", "html", "md", "csv", "txt")]
    options = ["--samples", str(SAMPLES / "sequential-mean.npz"), *(part for report in reports for part in ("--report", str(report)))]
    assert run(["repair", str(BROKEN), "-o", str(output), "--set", "Denoising_layer.filter_type=mean", *options]) == 0
    told = capsys.readouterr().out
    assert BROKEN.read_bytes() == before
    document = json.loads(reports[0].read_text())
    jsonschema.validate(document, json.loads(files("layerfix.report").joinpath("schema", "report-1.json").read_text()))
    assert (document["verdict"], document["exit_code"]) == ("exact", 0)
    assert told.replace("\n", " ").startswith(document["summary"][:40])
    assert told == reports[4].read_text()
    page = reports[1].read_text()
    for part in ("Exact", "lost → restored", "winner z", "data:image/png", "Kept kernels", "before and after"):
        assert part in page
    rows = list(csv.DictReader(io.StringIO(reports[3].read_text())))
    assert [row["exact"] for row in rows] == ["true"] * len(document["layers"][0]["weights"])
    assert run(["verify", str(output), "--against", str(BROKEN), "--samples", str(SAMPLES / "sequential-mean.npz")]) == 0
    assert run(["diff", str(BROKEN), str(output), "--exit-code"]) == 1
    assert "2 tensors added" in capsys.readouterr().out
    assert run(["repair", str(BROKEN), "-o", str(output)]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.h5", *sorted(report.name for report in reports)]


@pytest.mark.parametrize(
    "options",
    [
        ["--strategy", "magic"],
        ["--strategy", "fit", "--strategy", "recover"],
        ["--set", "filter_type=mean"],
        ["--set", "Denoising_layer.filter_type"],
        ["--report", "report.pdf"],
        ["-o", "out.txt"],
        ["--json", "--format", "csv"],
    ],
    ids=" ".join,
)
def test_wrong_options_are_refused_before_any_work(capsys: pytest.CaptureFixture[str], tmp_path: Path, options: list[str]) -> None:
    assert run(["repair", str(BROKEN), *([] if "-o" in options else ["-o", str(tmp_path / "new.h5")]), *options]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_an_existing_report_is_refused_before_any_work(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")
    assert run(["repair", str(BROKEN), "-o", str(tmp_path / "new.h5"), "--report", str(tmp_path / "report.html")]) == 2
    assert "--force" in capsys.readouterr().err
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["missing.h5", "no\x1bfile.h5"])
def test_an_input_that_is_no_file_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    assert run(["repair", str(tmp_path / name), "-o", str(tmp_path / "new.h5")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_settings_are_json_python_or_text() -> None:
    given = ["A.mode=mean", "A.size=3", "A.flag=true", "A.other=None", "b/c.shape=(1, 2)", "*.rate=0.5", "A.path=x=y"]
    assert read_settings(given) == {
        "A": {"mode": "mean", "size": 3, "flag": True, "other": None, "path": "x=y"},
        "b/c": {"shape": (1, 2)},
        "*": {"rate": 0.5},
    }


def test_a_strategy_is_for_all_or_for_one_layer() -> None:
    assert read_strategies([]) == ("auto", {})
    assert read_strategies(["recover", "denoising_layer_2=reinitialize"]) == ("recover", {"denoising_layer_2": "reinitialize"})
    with pytest.raises(click.BadParameter, match="no strategy"):
        read_strategies(["a=b"])
