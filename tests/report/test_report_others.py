"""Documents of the other commands: seeds, migrate, lint, progress."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hostile_names
import pytest
import report_samples

from layerfix.cli import console
from layerfix.dialects.records import FiredRule, FoundLambda
from layerfix.disk.hashing import file_sha256
from layerfix.linter.rules import RULES
from layerfix.progress import silent, watched
from layerfix.report import checks, diff, inventory, lint, migration, provenance
from layerfix.report.catalogue import explain
from layerfix.report.evidence import Evidence
from layerfix.results.diff import AttributeChange, Change, Diff, TensorDiff
from layerfix.results.lint import LintFinding
from layerfix.results.manifest import Manifest, ManifestEntry
from layerfix.results.migrate import MigratedFile, Migration, MigrationResult, Proof
from layerfix.results.repair import FileReport, SeedsReport
from layerfix.results.salvage import SalvagedTensor, SalvageResult
from layerfix.results.verify import Check, CheckedFile, Trial

SAMPLES = Path(__file__).parents[2] / "sample_models"
KERNEL = {
    "owner": "d",
    "name": "d/kernel:0",
    "initializer": "uniform",
    "op_seed": 7,
    "z": 20.0,
    "cosine": 0.9,
    "position": 3,
    "confirmed": True,
}


def seeds_report(**search: Any) -> SeedsReport:
    hidden = ({"layer": "denoising_1", "role": "conv1d/kernel", "op_seed": 6550634, "position": 2},)
    return SeedsReport(
        FileReport("old.h5", "ab" * 32), {"graph_seed": 87654321, "kernels": [KERNEL], **search}, hidden, {"name": "layerfix"}
    )


def migrated(name: str) -> Migration:
    result = MigrationResult(
        Path("a.h5"), Path("a.keras"), "2.2.4", "tensorflow", (FiredRule("rule", name, name),), 3, ((name, "cudnn_lstm"),), ("kept", ""),
        (FoundLambda(name, "code", "ab" * 32, 10, False),), (name,), Proof("reference", 1e-7, 8), (name,),
    )  # fmt: skip
    return Migration((MigratedFile(name, result), MigratedFile("b.h5", problem=f"{name} is cut off.", exit_code=2)))


def test_a_found_numpy_seed_is_the_first_thing_said() -> None:
    text = provenance.render(seeds_report(numpy_seed=42, log10_bound=-20.0))
    assert text.startswith("The script had called np.random.seed(42)")
    assert "1 in 10^20" in text
    assert "Something hidden was initialised here" in text
    assert "op seed 6550634" in text


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ({}, "1 of 1 kernel remember"),
        ({"kernels": [{**KERNEL, "confirmed": False}]}, "None of 1 kernel remembers"),
        ({"kernels": []}, "No stored kernel has a random initial value"),
    ],
)
def test_less_is_said_where_less_is_known(search: dict[str, Any], told: str) -> None:
    assert provenance.render(seeds_report(**search)).startswith(told)


def test_gaps_that_are_explained_are_no_news() -> None:
    explained, open_ = {"before": "conv_2", "found": 1, "explained": 1}, {"before": "conv_3", "found": 3, "explained": 1}
    text = provenance.render(seeds_report(gaps=[explained, open_]))
    assert "conv_2" not in text
    assert "before conv_3: 3 draws, 1 of them explained" in text


@pytest.mark.parametrize("name", hostile_names.ALL, ids=lambda name: ascii(name[:24]))
def test_hostile_names_in_migrations_and_source_paths(name: str) -> None:
    found = [LintFinding("LFL001", name, 1, 1, f"{name} is lost.", False)]
    for text in (
        migration.render(migrated(name)),
        lint.render(found),
        lint.render(found, "github"),
        migration.render(migrated(name), "html"),
    ):
        assert all(char == "\n" or char.isprintable() for char in text)
    assert len(lint.render(found, "github").splitlines()) == 1
    assert json.loads(lint.render(found, "sarif"))["runs"][0]["results"][0]["ruleId"] == "LFL001"
    assert json.loads(migration.render(migrated(name), "json"))["exit_code"] == 2
    assert "<script" not in migration.render(migrated(name), "html")


@pytest.mark.parametrize("name", hostile_names.ALL, ids=lambda name: ascii(name[:24]))
def test_hostile_names_in_differences_manifests_and_checks(name: str) -> None:
    tensor = TensorDiff("changed", (name, name), (name, f"{name}2"), (1, 2), (1, 2), "float32", "float32", True, 0.5, 0.1, 0.9, 1)
    gone = TensorDiff("removed", ("a", name), None, (1,), None, "float32", None)
    changes = (Change(name, "changed", name, {name: [name]}), Change("x", "added", after=name))
    found = Diff(Path("a.h5"), Path("b.h5"), (tensor, gone), (gone,), changes, changes, (AttributeChange(name, name, None),))
    manifest = Manifest((ManifestEntry(name, None, 0, {name: "ab"}, f"{name} is cut off."),))
    trial = Trial((CheckedFile(name, (Check(name, False, name),), name, 1),))
    texts = [diff.render(found, kind, everything=True) for kind in diff.FORMATS]
    texts += [inventory.render(manifest, kind) for kind in ("json", "text")] + [checks.render(trial, kind) for kind in ("json", "text")]
    for text in texts:
        assert all(char == "\n" or char.isprintable() for char in text)
    assert "<script" not in texts[3]
    assert "<script" not in found._repr_html_()
    assert json.loads(texts[1])["same"] is False


@pytest.mark.parametrize("name", hostile_names.ALL[::8], ids=lambda name: ascii(name[:24]))
def test_seeds_and_migrations_show_themselves_in_jupyter(name: str) -> None:
    found = migrated(name)
    result = found.files[0].result
    assert result is not None
    shown = {
        "remember their op seed": seeds_report(kernels=[{**KERNEL, "name": name}])._repr_html_(),
        "1 of 2 files brought to today": found._repr_html_(),
        "a.h5 was brought to today": result._repr_html_(),
    }
    for told, html in shown.items():
        assert told in html
        assert "<table>" in html
        assert all(char == "\n" or char.isprintable() for char in html)
        assert not any(f"<{tag}" in html for tag in ("script", "img", "svg", "a "))


def test_pages_of_differences_and_migrations_end_with_hashes_and_versions(tmp_path: Path) -> None:
    before, after = SAMPLES / "unseeded-plain.h5", SAMPLES / "unseeded-batchnorm.h5"
    page = diff.render(Diff(before, after, (), (), (), (), ()), "html")
    assert all(file_sha256(path) in page for path in (before, after))
    assert "h5py" in page.partition("made with")[2]
    result = migrated("lstm_1").files[0].result
    assert result is not None
    hashes = file_sha256(before), file_sha256(after)
    done = replace(result, output=after, sha256=hashes)
    page = migration.render(Migration((MigratedFile(str(before), done),)), "html")
    assert all(file_sha256(path) in page for path in (before, after))
    assert "keras" in page.partition("made with")[2]
    assert "SHA-256" not in migration.render(Migration((MigratedFile(str(tmp_path / "gone.h5"), problem="It has gone."),)), "html")


def test_a_migration_tells_its_proof_and_its_failures() -> None:
    text = migration.render(migrated("lstm_1"))
    assert text.startswith("1 of 2 files brought to today's Keras")
    assert "an independent evaluation of the legacy model agrees: largest difference 1.0e-07" in text
    assert "problem: lstm_1 is cut off." in text


def test_quick_work_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(quiet=False) as progress:
        for done in range(100):
            progress("Auditing", done, 100)
    assert capsys.readouterr().err == ""


def test_long_work_is_told_once_for_each_label(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PATIENCE", 0.0)
    with console.progress(quiet=False) as progress:
        for label in ("op\x1b seeds", "numpy seeds"):
            for done in range(1, 50):
                progress(label, done, 100)
    assert capsys.readouterr().err.splitlines() == ["op\\x1b seeds 1 %", "numpy seeds 1 %"]
    with console.progress(quiet=True) as progress:
        progress("op seeds", 1, 2)
    assert capsys.readouterr().err == ""


def test_a_checkpoint_gives_the_graph_and_the_table_of_layers() -> None:
    import report_samples

    from layerfix.containers.reader import read
    from layerfix.report.evidence import gather

    found: Evidence = gather(read(SAMPLES / "nested-mean.h5"), report_samples.repair_report())
    assert {node.class_name for node in found.graphs[0].nodes} >= {"InputLayer", "Dense"}
    assert all(row.tensors_after >= row.tensors_before for row in found.layers)
    names = {node.path for node in found.graphs[0].nodes}
    assert all(source in names and target in names for source, target in found.graphs[0].edges)


def test_a_repair_in_a_notebook_tells_arguments_file_caveats_and_next_steps() -> None:
    shown = report_samples.repair_report("denoise")._repr_html_()
    for told in ("filter_type", "Written to <code>models/new.h5</code>", "The data of denoise.", "Fine-tune denoise."):
        assert told in shown


def test_what_commands_return_is_one_short_line_in_a_console() -> None:
    for result in (report_samples.repair_report(), report_samples.audit_report(), *_results()):
        assert "\n" not in repr(result)
        assert len(repr(result)) < 200
        assert "<" in result._repr_html_()


def _results() -> tuple[Any, ...]:
    proof = Proof("reference", 1e-7, 8)
    done = MigrationResult(Path("a.h5"), Path("b.keras"), "2.2.4", None, (), 3, (), ("none", ""), (), (), proof)
    same = Diff(Path("a.h5"), Path("b.h5"), (), (), (), (), ())
    trial = Trial((CheckedFile("a.h5", (Check("manifest", False, "differs"),), exit_code=1), CheckedFile("b.h5", problem="cut.")))
    listed = Manifest((ManifestEntry("a.h5", "ab" * 32, 3, {f"d/{number}": "cd" * 32 for number in range(99)}),))
    saved = SalvageResult(Path("a.h5"), Path("b.h5"), "hdf5", tuple(SalvagedTensor(f"d/{number}", "gone") for number in range(99)))
    return done, Migration((MigratedFile("a.h5", done),)), same, seeds_report(kernels=[]), trial, listed, saved


def test_progress_in_a_pipe_never_goes_back(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PATIENCE", 0.0)
    monkeypatch.setattr(console, "PLAIN_INTERVAL", 0.0)
    lines = console._Lines()
    for label, done in (("scan", 40), ("build", 10), ("scan", 20), ("build", 5), ("scan", 60)):
        lines.update(label, done, 100)
    assert capsys.readouterr().err.splitlines() == ["scan 40 %", "build 10 %", "scan 60 %"]


def test_each_migrated_file_has_one_end_state_and_lost_ones_are_offered_a_repair() -> None:
    done = _results()[0]
    bare = replace(done, proof=Proof("reload", 0.0, 4, "no reference"))
    lost = MigratedFile("models/old one.h5", problem="layer d has lost weights in the save.", exit_code=2, lost=True)
    files = (MigratedFile("a.h5", done), MigratedFile("b.h5", bare), lost, MigratedFile("c.h5", problem="no.", exit_code=4))
    assert [file.end for file in files] == ["checked", "unchecked", "lost", "refused"]
    for form in ("text", "html", "markdown"):
        told = migration.render(Migration(files), form).replace("&#39;", "'")
        assert "layerfix repair 'models/old one.h5' -o 'old one.keras'" in told
    page = migration.render(Migration(files), "html")
    assert all(f"#show-{end}:checked~.list .row:not(.{end})" in page for end in ("checked", "unchecked", "lost", "refused"))


def test_every_code_of_the_linter_is_explained() -> None:
    assert len(RULES) >= 10
    for code in RULES:
        told = explain(code)
        assert code in told
        assert "{what}" not in told
        assert len(told.split("Remedy")[1].split()) > 1


def test_a_notebook_shows_progress_in_one_line_where_none_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    handle = SimpleNamespace(update=lambda data, raw: shown.append(data["text/plain"]))

    def display(data: dict[str, str], **_: Any) -> Any:
        shown.append(data["text/plain"])
        return handle

    monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", SimpleNamespace(ZMQInteractiveShell=SimpleNamespace(_instance=object())))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    draw = watched(silent)
    for done in (10, 10, 20):
        draw("scanning", done, 100)
    assert shown == ["scanning 10 %", "scanning 20 %"]
    assert watched(print) is print
