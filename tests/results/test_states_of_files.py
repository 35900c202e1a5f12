"""What became of each file, from its record alone: migrated, repaired, salvaged, audited, signed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from layerfix.diagnose.records import Finding
from layerfix.results.audit import AuditedFile, AuditedFinding, AuditReport, fingerprint
from layerfix.results.diff import Change, Diff, TensorDiff
from layerfix.results.doctor import Health, Symptom
from layerfix.results.emitted import Emitted
from layerfix.results.manifest import Manifest, ManifestEntry
from layerfix.results.migrate import ENDS, End, MigratedFile, Migration, MigrationResult, Proof
from layerfix.results.repair import FileReport, FindingReport, Report, SeedsReport
from layerfix.results.repair_many import RepairedCollection, RepairedFile
from layerfix.results.repaired import RepairResult
from layerfix.results.salvage import SalvagedTensor, SalvageResult
from layerfix.results.signing import Statement
from layerfix.results.tool import tool


def migrated(kind: Any = "predictions", doubts: tuple[str, ...] = ()) -> MigrationResult:
    proof = Proof(kind, 0.0, 1)
    return MigrationResult(
        Path("old.h5"), Path("new.keras"), "2.2.4", None, (), 3, (), ("none", ""), (), (), proof, (), doubts, sha256=("aa", "bb")
    )


def repaired(output: str | None = "new.h5") -> RepairedFile:
    return RepairedFile("old.h5", output, "exact", "", 0, sha256=None if output is None else ("cc", "dd"))


STATES: list[tuple[End, MigratedFile]] = [
    ("checked", MigratedFile("old.h5", migrated())),
    ("checked", MigratedFile("old.h5", migrated("reference"))),
    ("unchecked", MigratedFile("old.h5", migrated("reload"))),
    ("unchecked", MigratedFile("old.h5", migrated(doubts=("the backend",)))),
    ("repaired", MigratedFile("old.h5", lost=True, repair=repaired())),
    ("unsure", MigratedFile("old.h5", lost=True, repair=repaired(), exit_code=1)),
    ("lost", MigratedFile("old.h5", problem="weights are lost", exit_code=2, lost=True)),
    ("lost", MigratedFile("old.h5", problem="weights are lost", exit_code=2, lost=True, repair=repaired(None))),
    ("refused", MigratedFile("old.h5", problem="hostile", exit_code=4)),
    ("failed", MigratedFile("old.h5", problem="unreadable", exit_code=2)),
]


@pytest.mark.parametrize(("end", "file"), STATES)
def test_a_migrated_file_ends_in_one_state(end: End, file: MigratedFile) -> None:
    assert file.end == end
    assert end in ENDS


def test_every_state_is_reached() -> None:
    assert {end for end, _ in STATES} == {*ENDS}


def test_what_was_written_is_the_migrated_file_or_the_repaired_one() -> None:
    files = (
        MigratedFile("a", migrated()),
        MigratedFile("b", repair=repaired()),
        MigratedFile("c", repair=repaired(None)),
        MigratedFile("d"),
    )
    assert [file.written for file in files] == ["new.keras", "new.h5", None, None]
    assert [file.sha256 for file in files] == [("aa", "bb"), ("cc", "dd"), None, None]
    assert repr(Migration(files)) == "<Migration: 2 of 4 files>"


@pytest.mark.parametrize(("kind", "independent"), [("predictions", True), ("reference", True), ("reload", False)])
def test_a_written_file_that_was_only_loaded_again_is_no_independent_proof(kind: Any, independent: bool) -> None:
    assert Proof(kind, 0.0, 8).independent is independent


def tensors(*states: tuple[str, Any]) -> tuple[SalvagedTensor, ...]:
    return tuple(SalvagedTensor(name, state) for name, state in states)


@pytest.mark.parametrize(
    ("found", "complete", "code"),
    [
        (tensors(("a", "whole"), ("b", "whole")), True, 0),
        (tensors(("a", "whole"), ("b", "whole")), False, 1),
        (tensors(("a", "whole"), ("b", "partial")), True, 1),
        (tensors(("a", "whole"), ("b", "doubtful")), True, 1),
        (tensors(("a", "whole"), ("", "whole")), True, 1),
        ((), True, 0),
    ],
)
def test_a_salvage_is_well_only_where_all_is_whole_named_and_complete(found: Any, complete: bool, code: int) -> None:
    assert SalvageResult(Path("bad.h5"), Path("new.h5"), "hdf5", found, complete=complete).exit_code == code


def test_only_whole_tensors_with_a_name_are_written() -> None:
    result = SalvageResult(Path("bad.h5"), Path("new.h5"), "hdf5", tensors(("a", "whole"), ("", "whole"), ("c", "gone")))
    assert [tensor.name for tensor in result.written] == ["a"]
    assert [tensor.name for tensor in result.of("gone")] == ["c"]
    assert repr(result) == "<SalvageResult 'bad.h5': 1 of 3 tensors in 'new.h5'>"


def report(severity: str = "lost", accepted: str | None = None) -> AuditedFinding:
    return AuditedFinding(FindingReport("LF101", severity, "a", "lost."), "ff", accepted)


def test_an_audit_counts_outcomes_worst_first_and_what_is_known_apart() -> None:
    files = (
        AuditedFile("a.h5", "clean"),
        AuditedFile("b.h5", "lost", (report(), report(accepted="in the baseline"))),
        AuditedFile("c.h5", "clean"),
        AuditedFile("d.h5", "unreadable", problem="cut", accepted="known"),
    )
    audit = AuditReport(files, {}, 1)
    assert list(audit.counts.items()) == [("lost", 1), ("unreadable", 1), ("clean", 2)]
    assert audit.accepted == 2
    assert len(files[1].open) == 1
    assert repr(audit) == "<AuditReport of 4 files: 1 lost, 1 unreadable, 2 clean>"
    assert repr(AuditReport((), {}, 3)) == "<AuditReport of 0 files: no checkpoint>"


def test_a_fingerprint_stays_when_the_folder_moves_and_tells_layers_and_codes_apart() -> None:
    one = fingerprint("runs/1/m.h5", "LF101", "denoising")
    assert one == fingerprint(r"C:\runs\2\m.h5", "LF101", "denoising") == fingerprint("m.h5", "LF101", "denoising")
    others = [("n.h5", "LF101", "denoising"), ("m.h5", "LF102", "denoising"), ("m.h5", "LF101", "other"), ("m.h5", "LF101", None)]
    assert len({one, *(fingerprint(*other) for other in others)}) == 5
    assert (len(one), int(one, 16) > 0) == (32, True)


def test_names_that_are_no_text_have_a_fingerprint_too() -> None:
    assert fingerprint("m\udcff.h5", "LF101", "a") != fingerprint("m.h5", "LF101", "a")


def difference(*statuses: Any, **changes: Any) -> Diff:
    found = tuple(TensorDiff(status, ("a", "k"), ("b", "k")) for status in statuses)
    parts: dict[str, Any] = {"optimizer": (), "config": (), "training_config": (), "attributes": (), **changes}
    return Diff(Path("a"), Path("b"), found, **parts)


def test_files_are_the_same_only_where_nothing_at_all_differs() -> None:
    assert difference("identical", "identical").same
    assert not difference("identical", "renamed").same
    assert not difference("identical", optimizer=(TensorDiff("changed", ("a", "k"), ("a", "k")),)).same
    assert not difference("identical", config=(Change("a", "added"),)).same
    assert repr(difference("identical", "changed", "changed")) == "<Diff 'a' to 'b': 2 changed, 1 identical>"
    assert repr(difference("identical")) == "<Diff 'a' to 'b': the same>"


def test_a_tensor_is_called_as_in_the_second_file_or_as_in_the_first_where_it_is_gone() -> None:
    assert TensorDiff("renamed", ("a", "k"), ("b", "k")).key == ("b", "k")
    assert TensorDiff("removed", ("a", "k"), None).key == ("a", "k")


def test_an_installation_is_well_while_nothing_needed_is_missing() -> None:
    assert Health((Symptom("numba", "none", "limited"),)).well
    assert not Health((Symptom("numba", "none", "limited"), Symptom("keras", "2.3", "bad"))).well


@pytest.mark.parametrize(
    ("path", "flavour", "model", "told"),
    [
        ("mine.py", "keras3", "m.keras", "`import keras, mine; model = keras.models.load_model('m.keras')`"),
        ("here/mine.py", "keras3", "m.keras", "`import sys; sys.path.insert(0, 'here'); import keras, mine; model ="),
        ("my file.py", "keras3", "m.keras", "`import keras, runpy; runpy.run_path('my file.py'); model ="),
        ("class.py", "keras3", "m.keras", "runpy.run_path('class.py')"),
        ("keras.py", "keras3", "m.keras", "runpy.run_path('keras.py')"),
        ("json.py", "keras3", "m.keras", "runpy.run_path('json.py')"),
        ("mine.py", "keras2", "m.h5", "`import keras, mine; model = keras.models.load_model('m.h5', custom_objects=vars(mine))`"),
        ("my file.py", "keras2", "m.hdf5", "custom_objects=runpy.run_path('my file.py'))`"),
    ],
)
def test_how_plain_keras_opens_a_model_with_the_classes_beside_it(path: str, flavour: str, model: str, told: str) -> None:
    assert told in Emitted(Path(path), flavour).opening(Path(model))


@pytest.mark.parametrize(("flavour", "model"), [("keras3", "m.h5"), ("keras2", "m.keras"), ("keras3", "m.safetensors")])
def test_classes_of_another_keras_open_no_model(flavour: str, model: str) -> None:
    assert Emitted(Path("mine.py"), flavour).opening(Path(model)) == ""


def test_the_statement_that_is_told_can_be_run() -> None:
    opening = Emitted(Path("a'b/my file.py"), "keras3").opening(Path("it's.keras"))
    code = compile(opening.partition("`")[2].rpartition("`")[0], "opening", "exec")
    assert {"keras", "runpy", "model"} <= {*code.co_names}


def test_the_hash_of_a_model_is_over_the_hashes_of_its_files_in_order() -> None:
    one, two = hashlib.sha256(b"one"), hashlib.sha256(b"two")
    stated = Statement("m", (("a", one.hexdigest()), ("b", two.hexdigest())))
    assert stated.sha256 == hashlib.sha256(one.digest() + two.digest()).hexdigest()
    assert stated.sha256 != Statement("m", stated.resources[::-1]).sha256


def test_a_manifest_finds_its_files() -> None:
    entry = ManifestEntry("a.h5", "ff", 3, {"dense/kernel:0": "aa"})
    manifest = Manifest((entry, ManifestEntry("b.h5", None, 0, problem="cut", exit_code=2)))
    assert manifest.entry("a.h5") is entry
    assert manifest.entry("c.h5") is None
    assert repr(manifest) == "<Manifest: 2 files, 1 tensors>"


def account(**changes: Any) -> Report:
    parts: dict[str, Any] = {"target": None, "verdict": "unrepaired", **changes}
    source = FileReport("old.h5", "aa")
    return Report(source, parts["target"], parts["verdict"], "s", (), (), {}, {}, {}, 1, {})


def test_records_tell_themselves_in_one_line() -> None:
    written = account(target=FileReport("new.h5", "bb"), verdict="exact")
    assert repr(account()) == "<Report unrepaired: 'old.h5'>"
    assert repr(written) == "<Report exact: 'old.h5', written to 'new.h5'>"
    assert repr(RepairResult(written, output=Path("new.h5"))) == "<RepairResult exact: 'old.h5', written to 'new.h5'>"
    assert repr(RepairResult(account())) == "<RepairResult unrepaired: 'old.h5'>"
    assert repr(RepairedCollection((repaired(), repaired(None)), 1)) == "<RepairedCollection: 1 of 2 files repaired>"
    assert repr(migrated()) == "<MigrationResult 'old.h5': written to 'new.keras', checked by predictions>"


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ({}, "no seed found"),
        ({"numpy_seed": 0, "graph_seed": None}, "numpy_seed 0"),
        ({"numpy_seed": 7, "graph_seed": 8}, "numpy_seed 7, graph"),
    ],
)
def test_seeds_are_told_where_they_were_found_a_zero_too(search: Any, told: str) -> None:
    assert told in repr(SeedsReport(FileReport("m.h5", "aa"), search, (), {}))


def test_the_tool_tells_its_versions_and_none_for_what_is_not_there() -> None:
    stated = tool()
    assert stated["name"] == "layerfix"
    assert stated["numpy"] == __import__("numpy").__version__
    assert {"tensorflow", "keras", "h5py", "numba", "python"} <= stated.keys()


def test_the_worst_finding_is_the_outcome_of_an_audit() -> None:
    from layerfix.diagnose.records import Diagnosis
    from layerfix.results.audit import AuditResult

    def outcome(*severities: Any) -> str:
        return AuditResult(None, Diagnosis(tuple(Finding("LF1", one, None, "m") for one in severities))).outcome  # type: ignore[arg-type]

    assert [outcome(), outcome("note"), outcome("note", "suspect"), outcome("suspect", "lost", "note")] == [
        "clean",
        "note",
        "suspect",
        "lost",
    ]
