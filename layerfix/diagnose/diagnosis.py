"""`diagnose`: every rule over one checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerfix.diagnose.case import Case
from layerfix.diagnose.custom import CustomRules
from layerfix.diagnose.nameless import nameless
from layerfix.diagnose.records import Diagnosis, Finding
from layerfix.diagnose.stored import backend, cut_off, optimizer_state, stock_layers, surroundings
from layerfix.diagnose.values import vocabularies

if TYPE_CHECKING:
    from layerfix.blueprint import Blueprint
    from layerfix.containers.records import Checkpoint


def diagnose(checkpoint: Checkpoint, blueprint: Blueprint | None = None) -> Diagnosis:
    """What a checkpoint has lost, how sure, and why.

    Args:
        checkpoint: as read from disk.
        blueprint: what the graph needs, where the custom classes are at hand; then each hidden weight is named for certain.

    Raises:
        ReadError: where the architecture lists no layers.
    """
    case = Case(checkpoint, blueprint)
    findings = [*CustomRules(case)()]
    for rule in (cut_off, stock_layers, optimizer_state, nameless, vocabularies):
        findings += rule(case)
    serious = any(finding.severity != "note" for finding in findings)
    limits = [*surroundings(case), *([found] if serious and (found := backend(case)) else [])]
    return Diagnosis(tuple(sorted([*findings, *limits], key=_order)))


def _order(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.layer or ""
