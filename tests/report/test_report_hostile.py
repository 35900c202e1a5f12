"""Hostile names through every format of every document: nothing is rendered, nothing is run, every parser is content."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from importlib.resources import files

import hostile_names
import jsonschema
import pytest
import report_samples
from markdown_it import MarkdownIt

from layerfix.report import audit, render
from layerfix.report.notebook import audit_html, report_html

EACH = pytest.mark.parametrize("name", hostile_names.ALL, ids=lambda name: ascii(name[:24]))


class Outline(HTMLParser):
    """The elements of a page and their attributes' names: what a name must not change."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(sorted(key for key, _ in attrs))))
        self.links += [value or "" for key, value in attrs if key in ("href", "src", "action", "data", "srcset", "xlink:href")]


def outline(text: str) -> set[tuple[str, tuple[str, ...]]]:
    return set(Outline(text).elements)


def schema(name: str) -> dict[str, object]:
    return dict(json.loads(files("layerfix.report").joinpath("schema", name).read_text(encoding="utf-8")))


def assert_printable(text: str) -> None:
    assert all(char == "\n" or char.isprintable() for char in text)


def assert_harmless_page(text: str, plain: str) -> None:
    page = Outline(text)
    assert set(page.elements) <= outline(plain)
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links)
    assert_printable(text)


def assert_harmless_markdown(text: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    kinds = set()
    for token in parser.parse(text):
        kinds.add(token.type)
        kinds |= {f"{child.type}:{child.content}" if child.type == "html_inline" else child.type for child in token.children or []}
    allowed = {"text", "code_inline", "strong_open", "strong_close", "softbreak", "html_inline:<br>", "text_special"}
    structure = re.compile(r"(heading|paragraph|table|thead|tbody|tr|th|td|bullet_list|list_item)_(open|close)|inline")
    assert {kind for kind in kinds if not structure.fullmatch(kind)} <= allowed
    assert_printable(text)


def assert_harmless_sheet(text: str) -> None:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.lstrip(" ").startswith(tuple("=+-@\t\r\n|%"))]


@pytest.mark.slow  # altogether
@EACH
def test_a_repair_report_in_every_format(name: str) -> None:
    report, pictures = report_samples.repair_report(name), report_samples.evidence(name)
    assert_printable(render(report, "text"))
    document = render(report, "json")
    assert document.isascii()
    jsonschema.validate(json.loads(document), schema("report-1.json"))
    assert_harmless_markdown(render(report, "markdown"))
    assert_harmless_sheet(render(report, "csv"))
    benign = render(report_samples.repair_report(), "html", evidence=report_samples.evidence())
    assert_harmless_page(render(report, "html", evidence=pictures), benign)


@pytest.mark.slow  # altogether
@EACH
def test_an_audit_in_every_format(name: str) -> None:
    report = report_samples.audit_report(name)
    assert_printable(audit.render(report, "text"))
    jsonschema.validate(json.loads(audit.render(report, "json")), schema("audit-1.json"))
    assert [json.loads(line)["kind"] for line in audit.render(report, "jsonl").splitlines()] == ["audit"] + ["file"] * 6
    assert_harmless_markdown(audit.render(report, "markdown"))
    assert_harmless_sheet(audit.render(report, "csv"))
    assert_harmless_page(audit.render(report, "html"), audit.render(report_samples.audit_report(), "html"))
    suite = ElementTree.fromstring(audit.render(report, "junit").encode("utf-8"))
    assert {element.tag for element in suite.iter()} <= {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"}
    commands = audit.render(report, "github").splitlines()
    assert len(commands) == 5
    assert all(re.fullmatch(r"::(error|warning|notice) file=[^:,]*,title=[^:,]*::((?!::).)*", command) for command in commands[:-1])
    assert "::" not in commands[-1]


@EACH
def test_notebooks_show_names_as_text(name: str) -> None:
    for shown, benign in (
        (report_html(report_samples.repair_report(name)), report_html(report_samples.repair_report())),
        (audit_html(report_samples.audit_report(name)), audit_html(report_samples.audit_report())),
    ):
        assert outline(shown) == outline(benign)


@EACH
def test_terminal_colours_are_our_own(name: str) -> None:
    colored = render(report_samples.repair_report(name), "text", color=True)
    assert_printable(re.sub(r"\x1b\[[0-9;]*m", "", colored))
