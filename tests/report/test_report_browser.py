"""The HTML pages in a real browser: nothing overflows on a phone, a tablet and a desk, everything can be read, the console stays silent."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import report_samples

from layerfix.commands.diff import compared
from layerfix.commands.diff import diff as compare
from layerfix.report import audit, diff, migration, render
from layerfix.results.migrate import MigratedFile, Migration
from layerfix.results.repair_many import RepairedFile

SAMPLES = Path(__file__).parents[2] / "sample_models"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--allow-file-access-from-files", "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=8000", "--window-size=1400,2000",
)  # fmt: skip
WIDTHS = (360, 768, 1280)
LEAST_CONTRAST = 4.5
HARNESS = """<!doctype html><meta charset="utf-8"><body>
%s
<pre id="result"></pre>
<script>
const channel = c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 };
const luminance = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
const numbers = text => text.match(/[\\d.]+/g).map(Number);
function background(element, view) {
  for (let e = element; e; e = e.parentElement) {
    const c = numbers(view.getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
}
function faint(frame) {
  const view = frame.contentWindow, found = [];
  for (const e of frame.contentDocument.querySelectorAll("body *:not(svg *)")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [luminance(numbers(view.getComputedStyle(e).color)), luminance(background(e, view))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < LEAST) found.push(e.tagName + "." + e.className + " " + contrast.toFixed(2));
  }
  return [...new Set(found)];
}
addEventListener("load", () => {
  const rows = [...document.querySelectorAll("iframe")].map(frame => {
    const d = frame.contentDocument, root = d.documentElement;
    return {name: frame.name, width: frame.clientWidth, content: root.scrollWidth, text: d.body.innerText, faint: faint(frame),
            scripts: d.scripts.length, dark: matchMedia("(prefers-color-scheme: dark)").matches,
            loaded: frame.contentWindow.performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith("data:"))};
  });
  document.getElementById("result").textContent = JSON.stringify(rows);
});
</script>""".replace("LEAST", str(LEAST_CONTRAST))

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the pages are checked as text only")


@pytest.fixture(scope="module", params=["light", "dark"])
def views(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], str]:
    """What the browser measured of every page at every width, and its console."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        "repair": render(report_samples.repair_report(), "html", evidence=report_samples.evidence()),
        "repair-long": render(report_samples.repair_report("a" * 300), "html", evidence=report_samples.evidence("a" * 300)),
        "audit": audit.render(report_samples.audit_report(), "html"),
        "migration": migration.render(_migration(), "html"),
        "diff": diff.render(
            found := compare(SAMPLES / "resnet-mean.h5", SAMPLES / "resnet-mean-twin.h5"), "html", pictures=compared(found)
        ),
        "audit-long": audit.render(report_samples.audit_report("b" * 300), "html"),
    }
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    frames = [
        f'<iframe name="{name}" src="{name}.html" width="{width}" height="900" style="border:0"></iframe>'
        for name in pages
        for width in WIDTHS
    ]
    (folder / "harness.html").write_text(HARNESS % "\n".join(frames), encoding="utf-8")
    return _measured(folder, request.param)


def _migration() -> Migration:
    again = RepairedFile(
        "c.h5", "out/c.keras", "recovered", "Both lost weights are recovered.", 1, ("Then: `layerfix repair c.h5`",), "2.2.4"
    )
    lost = MigratedFile("models/" + "b" * 200 + ".h5", problem="lost weights.", exit_code=2, lost=True)
    return Migration((MigratedFile("a.h5", problem="no.", exit_code=2), lost, MigratedFile("c.h5", exit_code=1, lost=True, repair=again)))


def _measured(folder: Path, scheme: str) -> tuple[list[dict[str, Any]], str]:
    assert CHROMIUM is not None
    preference = "--blink-settings=preferredColorScheme=" + ("0" if scheme == "dark" else "1")
    command = [CHROMIUM, *FLAGS, preference, f"--user-data-dir={folder / 'profile'}", "--dump-dom", (folder / "harness.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stderr[-2000:]
    rows = json.loads(html.unescape(found[1]))
    assert {row["dark"] for row in rows} == {scheme == "dark"}
    return rows, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.mark.slow
def test_nothing_is_wider_than_its_window(views: tuple[list[dict[str, Any]], str]) -> None:
    rows, _ = views
    assert [(row["name"], row["width"], row["content"]) for row in rows if row["content"] > row["width"]] == []
    assert sorted({row["width"] for row in rows}) == list(WIDTHS)


def test_every_text_stands_out_from_its_background(views: tuple[list[dict[str, Any]], str]) -> None:
    rows, _ = views
    assert {row["name"]: row["faint"] for row in rows if row["faint"]} == {}


def test_the_pages_say_what_the_records_say(views: tuple[list[dict[str, Any]], str]) -> None:
    text = {row["name"]: row["text"] for row in views[0]}
    for told in (
        "Only 2 of 3 lost weights",
        "recovered from its seed, exact",
        "at most 1 in 10^20",
        "14 of 14",
        "What was not established",
    ):
        assert told in text["repair"]
    for told in ("repaired, not all of it proven", "layerfix repair c.h5", "not migrated"):
        assert told in text["migration"]
    for told in ("The model, before and after", "denoising_layer_1", "4 tensors added"):
        assert told in text["diff"]
    for told in ("6 files", "with lost weights", "LF101", "not counted: reason", "is cut off"):
        assert told in text["audit"]


def test_no_script_no_request_no_word_on_the_console(views: tuple[list[dict[str, Any]], str]) -> None:
    rows, console = views
    assert [row["name"] for row in rows if row["scripts"] or row["loaded"]] == []
    assert console == ""
