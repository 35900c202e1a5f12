"""From what a run did to its report: nothing is decided here, everything is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from layerfix.blueprint import WeightSpec
from layerfix.commands.steps import advice
from layerfix.commands.words import CLASS_UNSEEN, UNDAMAGED, not_established, summary, undecided
from layerfix.containers import config
from layerfix.containers.digests import digest as array_digest
from layerfix.containers.records import Checkpoint
from layerfix.diagnose.records import Diagnosis
from layerfix.inference.provenance import ENDED
from layerfix.probe.agreement import contradiction
from layerfix.results.repair import ArgumentReport, FileReport, FindingReport, LayerReport, Report, Verdict, WeightReport
from layerfix.results.tool import tool
from layerfix.strategies.base import Case, Step
from layerfix.strategies.plan import Plan, choice
from layerfix.strategies.restore import Restoration

if TYPE_CHECKING:
    from layerfix.commands.deliver import Written

LEFT_OPEN = frozenset({"reinitialized", "partial", "unrepaired"})
"""Verdicts that no assumption turns into exit code 0."""


def nothing_lost(source: Checkpoint, source_sha256: str, diagnosis: Diagnosis) -> Report:
    """The report of a checkpoint that a repair found whole."""
    code = 1 if any(finding.severity != "note" for finding in diagnosis.findings) else 0
    return Report(
        source=_source(source, source_sha256),
        target=None,
        verdict="clean" if code == 0 else "unrepaired",
        summary=summary("clean" if code == 0 else "unrepaired", source.path.name, (), ()),
        findings=_findings(diagnosis),
        layers=(),
        kept={"tensors": len(source.weights), "identical": len(source.weights)},
        optimizer={"status": "kept" if source.optimizer else "none", "why": "nothing was changed"},
        verification={"graph_rebuilt": True, "reloaded": False, "predictions": {}},
        exit_code=code,
        tool=tool(),
        not_established=(UNDAMAGED,),
    )


def repaired(case: Case, plan: Plan, restoration: Restoration, diagnosis: Diagnosis, source_sha256: str, written: Written | None) -> Report:
    """The report of a repair; `written` None where nothing was: a dry run, or one that could not plan every weight."""
    layers = _layers(case, plan, restoration)
    verdict = verdict_of(plan)
    verification: Mapping[str, Any] = written.verification if written else {"graph_rebuilt": True, "reloaded": False, "predictions": {}}
    claims_the_past = not any(step.strategy in ("fit", "reinitialize") for step in plan.steps)
    against = contradiction(verification.get("samples", {})) if claims_the_past else ""
    against = against or unsteady(verification.get("predictions", {}))
    if against and verdict == "exact":
        verdict = "restored"  # each value is proven, what the model makes of them is not
    reproduced = bool(verification.get("samples", {}).get("reproduced"))
    loose = () if reproduced else case.inference.loose
    unseen = not reproduced and _class_unseen(case, plan)
    conditional = unseen or bool(loose)
    if conditional and verdict == "exact":
        verdict = "recovered"
    open_ = verdict in LEFT_OPEN or not all(_taken_on(case, step) for step in plan.steps)
    open_ = open_ or (conditional and "one-session" not in case.options.assume)
    kept = len(case.checkpoint.weights)
    told = summary(verdict, case.checkpoint.path.name, layers, plan.unplanned, reproduced=reproduced, loose=loose)
    return Report(
        source=_source(case.checkpoint, source_sha256),
        target=FileReport(str(written.path), written.sha256) if written else None,
        verdict=verdict,
        summary=" ".join(filter(None, (told, _ended(case, verdict), against))),
        findings=_findings(diagnosis),
        layers=layers,
        kept={"tensors": kept, "identical": written.identical if written else kept},
        optimizer=written.optimizer if written else {"status": "kept", "why": "nothing was written"},
        verification=verification,
        exit_code=int(bool(against) or open_ or (undecided(layers) and not reproduced)),
        tool=tool(),
        advice=advice(case.checkpoint, case.options, verdict, layers, written.path if written else None, case.inference.search),
        not_established=(
            *([CLASS_UNSEEN] if unseen else []),
            *(f"That {number} is what trained: nothing tells it from its neighbours." for number in loose),
            *not_established(layers, verification),
        ),
        rules=tuple({"name": rule.name, "layer": rule.layer, "detail": rule.detail} for rule in case.rebuilt.rules),
        search=case.inference.search,
    )


def _ended(case: Case, verdict: Verdict) -> str:
    was_ended = ENDED in case.inference.search.get("tried", ())
    return "Its search was ended before it was through." if was_ended and verdict != "exact" else ""


def unsteady(compared: Mapping[str, object]) -> str:
    """The sentence for a model whose predictions differ from call to call: none of them confirms anything."""
    if "why" not in compared or compared.get("each_weight"):
        return ""
    return f"But {compared['why']}, and no predictions can confirm it."


def verdict_of(plan: Plan) -> Verdict:
    """The verdict of the weakest weight."""
    if plan.unplanned:
        return "partial" if plan.steps else "unrepaired"
    if any(step.strategy == "reinitialize" for step in plan.steps):
        return "reinitialized"
    if all(step.exact for step in plan.steps):
        return "exact"
    return "recovered" if all(step.exact or step.condition for step in plan.steps) else "restored"


def _class_unseen(case: Case, plan: Plan) -> bool:
    """Whether values are proven, and nothing shows that the user's class computes with them what the one that trained did.

    Statistics and samples tell kernels; a class that was edited since can leave both as they are. One that ships here nobody edited.
    """
    proven = any(step.exact and step.strategy == "recover" for step in plan.steps)
    return proven and bool(case.options.layers) and not case.inference.class_seen


def _taken_on(case: Case, step: Step) -> bool:
    """Whether a witness confirms a value, or the user took it on: by a donor, by asking for a fit, by vouching for its condition."""
    if step.strategy == "fit":
        return choice(case, case.spec(step.weight)) == "fit"
    return step.exact or step.strategy == "transplant" or step.condition in case.options.assume


def _source(source: Checkpoint, sha256: str) -> FileReport:
    extra = {"format": source.format, "keras_version": source.keras_version, "backend": source.backend, "size": source.size}
    return FileReport(str(source.path), sha256, extra)


def _findings(diagnosis: Diagnosis) -> tuple[FindingReport, ...]:
    return tuple(FindingReport(f.code, f.severity, f.layer, f.message, f.evidence) for f in diagnosis.findings)


def _layers(case: Case, plan: Plan, restoration: Restoration) -> tuple[LayerReport, ...]:
    """One entry for each layer that lost a weight or an argument, in the model's order."""
    assert case.checkpoint.config is not None
    steps = {step.weight: step for step in plan.steps}
    why = {item.weight: item.why for item in plan.unplanned}
    lost = {spec.layer for spec in case.blueprint.hidden} | {argument.layer for argument in case.inference.arguments}
    return tuple(
        LayerReport(
            name=node.name,
            class_name=node.class_name,
            arguments=tuple(
                ArgumentReport(argument.name, argument.value, argument.how, argument.evidence)
                for argument in case.inference.arguments
                if argument.layer == node.path
            ),
            weights=tuple(
                _weight(spec, steps.get(spec.key), why.get(spec.key, ""), restoration)
                for spec in case.blueprint.hidden
                if spec.layer == node.path
            ),
            path=node.path,
        )
        for node in config.walk(config.tree(case.checkpoint.config))
        if node.path in lost
    )


def _weight(spec: WeightSpec, step: Step | None, why: str, restoration: Restoration) -> WeightReport:
    if step is None:
        return WeightReport(spec.name, spec.owner, spec.shape, spec.dtype, "lost", None, False, None, {}, why)
    sha256 = array_digest(restoration.values[spec.key])
    evidence = {**step.evidence, **restoration.evidence.get(spec.key, {})}
    return WeightReport(
        spec.name, spec.owner, spec.shape, spec.dtype, "restored", step.strategy, step.exact, sha256, evidence, step.note, step.condition
    )
