"""Findings on labelled classes: those that genuine legacy Keras saved, and 50 more, each with its codes in its name."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.commands.lint import fix, lint
from layerfix.errors import UsageError
from layerfix.graph.shim.loader import load_layers
from layerfix.linter.rules import RULES
from layerfix.results.lint import LintFinding
from layerfix.saving_guard import guard

LABELLED = sorted((Path(__file__).parent / "classes").glob("*.py"))
SAVED = sorted((Path(__file__).parents[1] / "legacy" / "classes").glob("*/layers.py"))
LOSES = {"LFL001", "LFL002", "LFL003", "LFL010"}


def label(path: Path) -> set[str]:
    return set(path.stem.partition("__")[2].split("_")) - {""}


@pytest.fixture(scope="module")
def found() -> dict[Path, list[LintFinding]]:
    """The findings of every labelled and every genuine class, by one child."""
    by_path: dict[Path, list[LintFinding]] = {path: [] for path in (*LABELLED, *SAVED)}
    for finding in lint([*LABELLED, *SAVED]):
        by_path[Path(finding.path)].append(finding)
    return by_path


def codes(findings: list[LintFinding]) -> set[str]:
    return {finding.code for finding in findings}


@pytest.mark.parametrize("path", LABELLED, ids=lambda path: path.stem)
def test_a_labelled_class_gives_its_codes_and_no_others(path: Path, found: dict[Path, list[LintFinding]]) -> None:
    assert codes(found[path]) == label(path)


def test_precision_and_recall_on_the_labelled_set(found: dict[Path, list[LintFinding]], capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [(label(path), codes(found[path])) for path in LABELLED]
    right = sum(len(wanted & given) for wanted, given in pairs)
    precision = right / sum(len(given) for _, given in pairs)
    recall = right / sum(len(wanted) for wanted, _ in pairs)
    with capsys.disabled():
        print(f"\nlint: {len(pairs)} classes: precision {precision:.3f}, recall {recall:.3f}")
    assert (precision, recall) == (1.0, 1.0)


def test_every_rule_has_a_labelled_class() -> None:
    assert set().union(*map(label, LABELLED)) == set(RULES)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.parent.name)
def test_what_genuine_legacy_keras_lost_is_found_and_what_it_kept_is_not(path: Path, found: dict[Path, list[LintFinding]]) -> None:
    assert bool(LOSES & codes(found[path])) != path.parent.name.startswith("healthy")


def test_fixable_findings_are_gone_after_the_fix_and_others_stay(found: dict[Path, list[LintFinding]], tmp_path: Path) -> None:
    kept = sorted((path.name, finding.code) for path in LABELLED for finding in found[path] if not finding.fixable)
    for path in LABELLED:
        (tmp_path / path.name).write_text(fix(path), encoding="utf-8")
    assert sorted((Path(finding.path).name, finding.code) for finding in lint([tmp_path])) == kept


def test_a_renamed_container_survives_a_save_and_the_guard(tmp_path: Path) -> None:
    path = next(path for path in LABELLED if "reserved_name" in path.stem)
    (tmp_path / "fixed.py").write_text(fix(path), encoding="utf-8")
    reserved = runpy.run_path(str(tmp_path / "fixed.py"))["Reserved"]
    model = keras.Sequential([keras.Input((3,)), reserved()])
    guard(model)
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras", custom_objects={"Reserved": reserved})
    x = np.ones((2, 3), "float32")
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-6)


def test_a_completed_config_carries_the_argument(tmp_path: Path) -> None:
    path = next(path for path in LABELLED if "no_config" in path.stem)
    (tmp_path / "fixed.py").write_text(fix(path), encoding="utf-8")
    assert "def get_config(self):" in (tmp_path / "fixed.py").read_text(encoding="utf-8")
    clip = load_layers([tmp_path / "fixed.py"])["Clip"]
    assert clip.from_config(clip(limit=0.25).get_config()).limit == 0.25
    guard(keras.Sequential([keras.Input((3,)), clip(limit=0.25)]))


PARTLY = """
from keras.engine.topology import Layer
from keras import activations


class Gate(Layer):
    def __init__(self, units, size=3, activation='tanh', rate=0.5, name='gate', **kwargs):
        super(Gate, self).__init__(name=name, **kwargs)
        self.units, self.rate = units, rate
        self.activation = activations.get(activation)

    def call(self, x):
        return self.activation(x)

    def get_config(self):
        config = super(Gate, self).get_config()
        config['rate'] = self.rate
        return config
"""


def test_a_config_that_lacks_arguments_is_completed_even_where_nothing_kept_them(tmp_path: Path) -> None:
    (tmp_path / "gate.py").write_text(PARTLY, encoding="utf-8")
    assert lint([tmp_path], fix=True) == ()
    assert "name=self" not in (tmp_path / "gate.py").read_text(encoding="utf-8"), "the base's config has it"
    gate = load_layers([tmp_path / "gate.py"])["Gate"]
    config = gate(4, size=5, activation="relu", rate=0.1).get_config()
    assert {"units": 4, "size": 5, "activation": "relu", "rate": 0.1}.items() <= config.items()
    assert gate.from_config(config).get_config() == config


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("super(Gate, self).__init__(name=name, **kwargs)", "size = size or 3\n        super(Gate, self).__init__(name=name, **kwargs)"),
        ("return config", "if rate:\n            return config\n        return {}"),
    ],
)
def test_a_config_is_left_alone_where_its_completion_might_not_be_right(before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / "gate.py").write_text(PARTLY.replace(before, after), encoding="utf-8")
    assert fix(tmp_path / "gate.py") == PARTLY.replace(before, after)


def test_fix_rewrites_files_in_place_and_returns_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(next(path for path in LABELLED if "reserved_name" in path.stem).read_text(encoding="utf-8"), encoding="utf-8")
    assert lint([tmp_path], fix=True) == ()
    assert "self.own_layers" in path.read_text(encoding="utf-8")


def test_file_that_cannot_be_checked_is_one_finding_and_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "a_old.py").write_text("x = 1\nprint x\n", encoding="utf-8")
    (tmp_path / "b_deep.py").write_text("x = " + "(" * 1500 + "1" + ")" * 1500 + "\n", encoding="utf-8")
    (tmp_path / "c_binary.py").write_bytes(b"\xff\xfe\0")
    (tmp_path / "d_sound.py").write_text("x = 1\n", encoding="utf-8")
    labelled = next(path for path in LABELLED if "reserved_name" in path.stem)
    (tmp_path / "e_lossy.py").write_text(labelled.read_text(encoding="utf-8"), encoding="utf-8")
    found = lint([tmp_path])
    assert [Path(finding.path).name for finding in found if finding.code == "LFL000"] == ["a_old.py", "b_deep.py", "c_binary.py"]
    assert "line 2 is no valid Python 3" in found[0].message
    assert {finding.code for finding in found if finding.path.endswith("e_lossy.py")} == {"LFL004"}


def test_source_that_keeps_the_parser_busy_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from layerfix.commands import lint as command

    (tmp_path / "sum.py").write_text("x = " + " + ".join("1" * 20_000) + "\n", encoding="utf-8")
    monkeypatch.setattr(command, "LIMITS", replace(command.LIMITS, seconds=1.5, cpu=2))
    (found,) = lint([tmp_path])
    assert found.code == "LFL000"


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        lint([tmp_path / "none.py"])
