"""Cards for a model's repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import report_samples
import yaml
from markdown_it import MarkdownIt

from layerfix.errors import UsageError
from layerfix.report.card import Classes, of_migration, of_repair, within
from layerfix.results.emitted import Emitted
from layerfix.results.migrate import MigratedFile, Migration, MigrationResult, Proof

DONE = MigrationResult(
    Path("hf://user/models@main/a.h5"), Path("b.keras"), "2.2.4", None, (), 3, (), ("none", ""), (), (), Proof("reference", 1e-7, 8)
)


def head(card: str) -> dict[str, object]:
    stated = yaml.safe_load(card.split("---\n")[1])
    assert isinstance(stated, dict)
    return stated


def test_a_card_of_a_migration_names_the_repository_the_proof_and_the_line_that_loads_it() -> None:
    card = of_migration(Migration((MigratedFile("hf://user/models@main/a.h5", DONE), MigratedFile("c.h5", problem="no.", exit_code=2))))
    assert head(card) == {"library_name": "keras", "base_model": ["user/models"], "tags": ["layerfix"]}
    assert "an independent evaluation of the legacy model agrees" in card
    assert "keras.models.load_model('b.keras')" in card
    assert "c.h5" not in card


def test_a_card_of_a_repair_gives_verdict_hashes_and_what_was_not_established() -> None:
    report = report_samples.repair_report()
    card = of_repair(report)
    assert "base_model" not in head(card)
    assert report.target is not None
    assert report.source.sha256 in card
    assert report.target.sha256 in card
    assert all(weight.name in card for layer in report.layers for weight in layer.weights)


def test_a_hostile_name_writes_no_markup_into_a_card() -> None:
    name = "x\n---\n# [a](http://evil.example) <img src=x>"
    report = report_samples.repair_report(name)
    kinds = {token.type for token in MarkdownIt("commonmark").parse(of_repair(report).split("---\n", 2)[2])}
    assert not kinds & {"html_block", "html_inline", "link_open", "image"}


def test_where_nothing_was_written_there_is_no_card() -> None:
    with pytest.raises(UsageError, match="nothing was written"):
        of_repair(replace(report_samples.repair_report(), target=None))
    with pytest.raises(UsageError, match="nothing was written"):
        of_migration(Migration((MigratedFile("c.h5", problem="no.", exit_code=2),)))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_readme_keeps_every_byte_around_the_card_and_gets_a_later_one_in_its_place(newline: str, end: str) -> None:
    readme = f"---\nlicense: mit\n---\n# My model\n\nTrained in 2018.{end}".replace("\n", newline)
    first = within(readme, of_repair(report_samples.repair_report("one")))
    assert first.startswith(readme)
    assert first.count("one") > 0
    assert ("\r\n" in first, first.count("\n") == first.count("\r\n")) == (newline == "\r\n", newline == "\r\n")
    second = within(first + "## Citation" + newline, of_repair(report_samples.repair_report("two")))
    assert second.startswith(readme)
    assert second.endswith("## Citation" + newline)
    assert "two" in second.replace(readme, "")
    assert "library_name" not in second
    assert second.count("layerfix: begin") == second.count("layerfix: end") == 1


def test_a_file_with_a_class_of_its_own_is_not_said_to_load_without_it() -> None:
    report = report_samples.repair_report()
    assert report.target is not None
    report = replace(report, target=replace(report.target, path="out/b.keras"))
    assert "layerfix.load_model('b.keras', layers=['gate.py'])" in of_repair(report, Classes([Path("src/gate.py")]))
    loading = of_repair(report, Classes([Path("src/gate.py")], Emitted(Path("out/fixed.py"), "keras3")))
    assert "import keras, fixed\nmodel = keras.models.load_model('b.keras')" in loading
    weights = replace(DONE, output=Path("b.weights.h5"))
    assert "model.load_weights('b.weights.h5')" in of_migration(Migration((MigratedFile("a.h5", weights),)))
