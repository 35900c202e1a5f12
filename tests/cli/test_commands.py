"""Each command on genuine checkpoints: its document, its exit code, its output file."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from layerfix.cli import run
from layerfix.cli.reference import reference

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_models"
BROKEN, HEALTHY, NOTED = SAMPLES / "resnet-mean.h5", SAMPLES / "healthy-stock.h5", SAMPLES / "healthy-stateless.h5"


def audit_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code = run(["audit", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("path", "code", "outcome"), [(BROKEN, 1, "lost"), (HEALTHY, 0, "clean"), (NOTED, 0, "noted")])
def test_audit_codes_follow_the_findings(capsys: pytest.CaptureFixture[str], path: Path, code: int, outcome: str) -> None:
    found, document = audit_json(capsys, path)
    assert (found, document["exit_code"], document["files"][0]["outcome"]) == (code, code, outcome)


@pytest.mark.slow
def test_audit_codes_do_not_depend_on_the_format(capsys: pytest.CaptureFixture[str]) -> None:
    formats = ("text", "json", "jsonl", "csv", "sarif", "junit", "markdown", "html", "github")
    assert {run(["audit", str(BROKEN), "--quiet", "--format", name]) for name in formats} == {1}
    assert capsys.readouterr().err == ""


def test_audit_fails_on_what_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit_json(capsys, BROKEN, "--fail-on", "never")[0] == 0
    assert audit_json(capsys, BROKEN, "--fail-on", "lost")[0] == 1


def test_audit_of_a_folder_passes_over_what_is_no_checkpoint(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["numbers"] = [1, 2, 3]
    assert audit_json(capsys, tmp_path)[0] == 3
    shutil.copy(HEALTHY, tmp_path / "healthy.oddsuffix")
    code, document = audit_json(capsys, tmp_path)
    assert code == 0
    assert [(Path(file["path"]).name, file["outcome"]) for file in document["files"]] == [
        ("data.h5", "skipped"),
        ("healthy.oddsuffix", "clean"),
    ]
    assert audit_json(capsys, tmp_path / "data.h5")[0] == 2


def test_one_bad_file_hides_no_other(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shutil.copy(BROKEN, tmp_path / "a.h5")
    (tmp_path / "b.h5").write_bytes(BROKEN.read_bytes()[:5000])
    code, document = audit_json(capsys, tmp_path)
    assert code == 2
    assert [file["outcome"] for file in document["files"]] == ["lost", "unreadable"]


def test_a_baseline_silences_what_it_knows_and_nothing_else(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    known = tmp_path / "accepted.json"
    assert run(["audit", str(BROKEN), "--write-baseline", str(known)]) == 1
    capsys.readouterr()
    code, document = audit_json(capsys, BROKEN, "--baseline", known)
    assert code == 0
    assert document["accepted"] == len(document["files"][0]["findings"]) > 0
    assert audit_json(capsys, SAMPLES / "nested-mean.h5", "--baseline", known)[0] == 1


def test_a_baseline_takes_a_file_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    known, cut = tmp_path / "accepted.json", tmp_path / "cut.h5"
    cut.write_bytes(HEALTHY.read_bytes()[:3000])
    assert run(["audit", str(cut), "--write-baseline", str(known)]) == 2
    capsys.readouterr()
    code, document = audit_json(capsys, cut, "--baseline", known)
    assert (code, document["counts"], document["files"][0]["accepted"]) == (0, {"known": 1}, "in the baseline")


@pytest.mark.parametrize(("stated", "code"), [("unreadable", 0), ("refused", 2), ("*", 2)])
def test_only_a_rule_that_names_the_outcome_covers_a_file_that_was_not_judged(stated: str, code: int, tmp_path: Path) -> None:
    rules, cut = tmp_path / "rules.json", tmp_path / "cut.h5"
    cut.write_bytes(HEALTHY.read_bytes()[:3000])
    rule = {"code": stated, "path": "cut.h5", "reason": "cut off in 2018"}
    rules.write_text(json.dumps({"schema": "layerfix.baseline/1", "ignore": [rule]}))
    assert run(["audit", str(cut), "--baseline", str(rules)]) == code


def test_several_files_are_told_in_a_line_each_and_whole_with_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(BROKEN), str(HEALTHY)]) == 1
    short = capsys.readouterr().out
    assert "has lost all its weights" not in short
    assert f"layerfix repair {BROKEN}" in short.replace("'", "")
    assert run(["audit", str(BROKEN), str(HEALTHY), "--verbose"]) == 1
    assert "has lost all its weights" in capsys.readouterr().out


def test_ignore_rules_must_give_a_reason(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rule = {"code": "LF*", "path": "resnet-*", "reason": "retired in 2019"}
    rules.write_text(json.dumps({"schema": "layerfix.baseline/1", "ignore": [rule]}))
    code, document = audit_json(capsys, BROKEN, "--baseline", rules)
    assert code == 0
    assert {finding["accepted"] for finding in document["files"][0]["findings"]} == {"retired in 2019"}
    rules.write_text(json.dumps({"schema": "layerfix.baseline/1", "ignore": [{"code": "LF*"}]}))
    assert run(["audit", str(BROKEN), "--baseline", str(rules)]) == 2
    assert "reason" in capsys.readouterr().err


def test_an_output_is_written_whole_and_never_over_another(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    assert run(["audit", str(HEALTHY), "-o", str(page)]) == 0
    assert capsys.readouterr().out == ""
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    page.write_text("mine")
    assert run(["audit", str(HEALTHY), "-o", str(page)]) == 2
    assert page.read_text() == "mine"
    assert run(["audit", str(HEALTHY), "-o", str(page), "--force"]) == 0
    assert page.read_text(encoding="utf-8") != "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["audit.html"]


@pytest.mark.parametrize(("output", "told"), [("x.pdf", "ends in none of"), ("none/x.html", "folder does not exist")])
def test_an_output_that_cannot_be_is_refused_before_any_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, output: str, told: str
) -> None:
    assert run(["audit", str(tmp_path / "not-even-there.h5"), "-o", str(tmp_path / output)]) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_two_formats_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(HEALTHY), "--json", "--format", "csv"]) == 2
    assert "two formats" in capsys.readouterr().err


@pytest.mark.slow
def test_diff_tells_by_code_like_git(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(BROKEN), str(BROKEN), "--exit-code"]) == 0
    assert "Identical" in capsys.readouterr().out
    assert run(["diff", str(BROKEN), str(HEALTHY), "--exit-code"]) == 1
    assert run(["diff", str(BROKEN), str(HEALTHY)]) == 0


@pytest.mark.slow
def test_one_file_is_held_against_its_own_entry_of_a_manifest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Neither the other entries nor what the file lost is asked for."""
    recorded = tmp_path / "manifest.json"
    for name in ("resnet-mean.h5", "healthy-stock.h5"):
        (tmp_path / name).write_bytes((SAMPLES / name).read_bytes())
    assert run(["manifest", str(tmp_path), "-o", str(recorded)]) == 0
    assert run(["verify", str(tmp_path / "resnet-mean.h5"), "--manifest", str(recorded)]) == 0
    (tmp_path / "healthy-stock.h5").unlink()
    assert run(["verify", str(tmp_path / "resnet-mean.h5"), "--manifest", str(recorded)]) == 0
    assert run(["verify", str(tmp_path), "--manifest", str(recorded)]) == 1
    assert "it was not found" in capsys.readouterr().out


@pytest.mark.slow
def test_a_manifest_finds_the_changed_tensor(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import h5py

    copy, recorded = tmp_path / "copy.h5", tmp_path / "manifest.json"
    shutil.copy(HEALTHY, copy)
    assert run(["manifest", str(tmp_path), "-o", str(recorded)]) == 0
    assert run(["verify", str(copy), "--manifest", str(recorded)]) == 0
    with h5py.File(copy, "r+") as file:
        names: list[str] = []
        file["model_weights"].visititems(lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None)
        file["model_weights"][names[0]][...] += 1
    capsys.readouterr()
    assert run(["verify", str(copy), "--manifest", str(recorded)]) == 1
    assert names[0] in capsys.readouterr().out
    copy.unlink()
    assert run(["verify", str(tmp_path), "--manifest", str(recorded)]) == 1


@pytest.mark.slow
def test_verify_against_the_original(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(HEALTHY), "--against", str(HEALTHY)]) == 0
    assert run(["verify", str(HEALTHY), "--against", str(NOTED)]) == 1
    assert run(["verify", str(BROKEN)]) == 1


def test_explain_knows_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--json"]) == 0
    codes = [entry["code"] for entry in json.loads(capsys.readouterr().out)]
    assert codes == sorted(set(codes))
    assert "LF101" in codes
    for code in codes:
        assert run(["explain", code.lower()]) == 0
        told = capsys.readouterr().out
        assert all(word in told for word in (code, "Cause", "Effect", "Remedy"))
    assert run(["explain", "LF999"]) == 2


@pytest.mark.slow
def test_layers_and_doctor_have_both_faces(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("layers", "doctor"):
        run([name])
        assert capsys.readouterr().out
        assert run([name, "--json"]) in (0, 1)
        assert json.loads(capsys.readouterr().out)["schema"] == f"layerfix.{name}/1"


def test_the_command_reference_is_up_to_date() -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == reference()


def test_the_page_of_findings_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--format", "markdown"]) == 0
    assert (ROOT / "docs" / "findings.md").read_text(encoding="utf-8") == capsys.readouterr().out


def test_every_link_between_the_pages_leads_somewhere() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    assert len(pages) > 5
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_two_folders_are_named_in_the_next_step(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, source in (("a", "resnet-mean"), ("b", "sequential-mean")):
        (tmp_path / name).mkdir()
        for number in range(3):
            shutil.copy(SAMPLES / f"{source}.h5", tmp_path / name / f"{number}.h5")
    monkeypatch.chdir(tmp_path)
    assert run(["audit", "a", "b"]) == 1
    assert "layerfix repair a b -o repaired" in capsys.readouterr().out


def test_weights_that_are_no_numbers_were_lost_in_no_save(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    diverged = tmp_path / "diverged.h5"
    shutil.copy(SAMPLES / "healthy-stock.h5", diverged)
    with h5py.File(diverged, "r+") as file:
        file["model_weights/dense_1/dense_1/kernel:0"][0, 0] = np.nan
    assert run(["audit", str(diverged)]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "1 layer had weights that are no finite numbers" in told
    assert "layerfix repair" not in told


def test_a_diff_page_shows_both_graphs_with_what_changed(tmp_path: Path) -> None:
    page = tmp_path / "diff.html"
    assert run(["diff", str(SAMPLES / "resnet-mean.h5"), str(SAMPLES / "resnet-mean-twin.h5"), "-o", str(page)]) == 0
    told = page.read_text()
    assert told.count("<svg") == 2
    assert "2 tensors added" in told
