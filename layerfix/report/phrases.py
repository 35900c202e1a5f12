"""The plain phrases that every renderer uses: one wording for a verdict's label, a bound, a weight's fate."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from layerfix.results.emitted import Emitted
    from layerfix.results.repair import ArgumentReport, Report, WeightReport

Tone = Literal["good", "fair", "bad", "plain"]

VERDICTS: Mapping[str, tuple[str, Tone]] = {
    "exact": ("Exact", "good"),
    "clean": ("Nothing known to be lost", "good"),
    "recovered": ("Recovered on a condition", "fair"),
    "restored": ("Restored", "fair"),
    "reinitialized": ("Reinitialized", "fair"),
    "partial": ("Partly repaired", "bad"),
    "unrepaired": ("Not repaired", "bad"),
}
STRATEGIES = {
    "recover": "recovered from its seed",
    "transplant": "transplanted from a donor",
    "fit": "fitted to the samples",
    "reinitialize": "initialized anew",
}
SEVERITIES: Mapping[str, tuple[str, Tone]] = {
    "lost": ("lost", "bad"),
    "error": ("lost", "bad"),
    "suspect": ("suspect", "fair"),
    "warning": ("suspect", "fair"),
    "note": ("note", "plain"),
}
ENDINGS: Mapping[str, str] = {
    "checked": "migrated and checked",
    "unchecked": "migrated, not fully checked",
    "repaired": "repaired and proven",
    "unsure": "repaired, not all of it proven",
    "lost": "with lost weights",
    "refused": "refused as hostile",
    "failed": "not migrated",
}
"""How each file of a migration ended."""
_LABELS = {
    "op_seed": "op seed",
    "graph_seed": "graph seed",
    "numpy_seed": "numpy seed",
    "false_positive_bound": "false-positive bound",
    "candidates": "candidates tried",
    "hypotheses": "hypotheses tried",
    "z": "z",
    "donor": "donor",
    "rule": "matched by",
    "initializer": "initializer",
    "seed": "seed",
    "log10_bound": "log10 of the bound",
}
_SEEDS = frozenset({"op seed", "graph seed", "numpy seed", "donor", "matched by", "initializer", "seed"})


def verdict(report: Report) -> str:
    """The verdict in one sentence, the first of every report."""
    return report.summary or f"{VERDICTS[report.verdict][0]}."


def emitted(classes: Emitted) -> str:
    """Where layer classes are, and why they bring a runtime along where they do."""
    told = f"written to {classes.path}"
    return f"{told}, with a runtime that tracks what they hold (not ported: {classes.because})" if classes.because else told


def step(sentence: str) -> tuple[str, str]:
    """A step as (words, command): what follows ": " in backticks at its end can be pasted, and stands on a line of its own."""
    found = re.fullmatch(r"(.+?:) `(.+)`", sentence, re.DOTALL)
    return (found[1], found[2]) if found else (sentence, "")


def tone(report: Report) -> Tone:
    """How the verdict looks; never all good where an argument was left to choice, or the samples speak against it."""
    found = VERDICTS[report.verdict][1]
    return "fair" if found == "good" and report.exit_code else found


def severity(name: str) -> tuple[str, Tone]:
    """The word and the look of a severity."""
    return SEVERITIES.get(name, (name, "plain"))


def shape(dimensions: Sequence[int]) -> str:
    """(1, 16, 16) as "1×16×16", () as "scalar"."""
    return "×".join(str(size) for size in dimensions) or "scalar"


def count(number: int, noun: str) -> str:
    """ "1 tensor", "14 tensors"; 12345 as "12,345"."""
    plural = noun if number == 1 else f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {plural}"


def size(bytes_: int) -> str:
    """1234567 as "1.2 MB"."""
    number, units = float(bytes_), ["B", "kB", "MB", "GB", "TB"]
    while number >= 1000 and len(units) > 1:
        number, units = number / 1000, units[1:]
    return f"{number:.0f} {units[0]}" if units[0] == "B" else f"{number:.1f} {units[0]}"


def odds(bound: float) -> str:
    """1e-20 as "at most 1 in 10^20"; larger bounds as they are."""
    if not math.isfinite(bound) or bound < 0:
        return "without a bound"
    if bound == 0:
        return "below 1 in 10^300"
    if bound >= 0.01:
        return f"at most {min(bound, 1.0):.2f}"
    return f"at most 1 in 10^{math.floor(-math.log10(bound) + 1e-9)}"


def fate(weight: WeightReport) -> str:
    """What became of a weight: "recovered from its seed, exact", "lost"."""
    if weight.status != "restored":
        return weight.status
    how = STRATEGIES.get(weight.strategy or "", weight.strategy or "restored")
    if weight.strategy == "recover" and not {"op_seed", "numpy_seed"} & weight.evidence.keys():
        how = "recovered from its initializer"
    return f"{how}, exact" if weight.exact else f"{how}, if {weight.condition}" if weight.condition else how


def look(weight: WeightReport) -> Tone:
    """How a weight's fate looks."""
    if weight.status == "lost":
        return "bad"
    return "good" if weight.exact or weight.status == "kept" else "fair"


def belief(weight: WeightReport) -> str:
    """Why to believe a weight's value, in one sentence without names of strangers; "" where nothing was restored."""
    bound = weight.evidence.get("false_positive_bound")
    sentences = []
    if isinstance(bound, (int, float)) and not isinstance(bound, bool) and bound > 0:
        sentences.append(_chance(float(bound), extrapolated="extrapolation" in str(weight.evidence.get("bound_is"))))
    if weight.status == "restored" and not weight.exact:
        sentences.append(_not_exact(weight))
    return " ".join(sentences)


def origin(weight: WeightReport) -> str:
    """Where a weight's value comes from: its note, or its evidence as "Op seed 6550634, numpy seed 42."."""
    told = weight.note or ", ".join(f"{label} {value}" for label, value in facts(weight.evidence) if label in _SEEDS)
    return sentence(told)


def sentence(words: str) -> str:
    """Words with a capital and a full stop; "" stays empty."""
    told = words.strip()
    if not told:
        return ""
    return told[0].upper() + told[1:] + ("" if told.endswith((".", "!", "?", ":")) else ".")


def facts(evidence: Mapping[str, object]) -> list[tuple[str, str]]:
    """Evidence as (label, value) rows, known keys first, nested values flattened."""
    known = [key for key in _LABELS if key in evidence]
    rest = sorted(str(key) for key in evidence if key not in _LABELS)
    rows: list[tuple[str, str]] = []
    for key in (*known, *rest):
        if evidence[key] is None or evidence[key] in ({}, [], ()):
            continue
        rows.extend(_rows(_LABELS.get(key, key.replace("_", " ")), evidence[key]))
    return rows


def search(account: Mapping[str, object]) -> list[tuple[str, str]]:
    """What was searched, without the lists that have tables of their own."""
    return facts({key: value for key, value in account.items() if key not in ("kernels", "gaps", "tried") and value is not None})


def argument(found: ArgumentReport) -> str:
    """An argument's value with how it was found: "'mean' (inferred)"."""
    return f"{found.value!r} ({found.how})"


def plain(value: object) -> str:
    """A JSON value for people."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{int(value):,}" if value.is_integer() and abs(value) < 1e15 else f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(item) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(value[key])}" for key in sorted(value, key=str)) or "none"
    return str(value)


def _rows(label: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        return [row for key in sorted(value, key=str) for row in _rows(f"{label}: {str(key).replace('_', ' ')}", value[key])]
    return [(label, plain(value))]


def _chance(bound: float, *, extrapolated: bool) -> str:
    if not bound < 0.01:
        return f"Chance alone could explain it: the bound is {min(bound, 1.0):.2f}." if math.isfinite(bound) else "It has no bound."
    if extrapolated:
        about = odds(bound).removeprefix("at most ")
        return f"Extrapolated from the runners-up among all candidates, a wrong one gets this far ahead with probability {about}."
    return f"The probability that a wrong candidate looks this good by chance is {odds(bound)}."


def _not_exact(weight: WeightReport) -> str:
    strategy = weight.strategy
    if weight.condition:
        return f"It is the lost value on the condition {weight.condition}, and nothing that behaved under it confirms this."
    if strategy == "reinitialize":
        return "This is a fresh value and not the one that was lost: the model must be fine-tuned."
    if strategy == "fit":
        return "This value makes the model agree with the samples; it is not proven to be the one that was lost."
    return "This value has a stated source; it is not proven to be the one that was lost."
