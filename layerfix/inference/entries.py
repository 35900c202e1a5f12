"""What an outcome enters into the answers: a kernel or arguments, with the evidence for them in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerfix.blueprint import WeightSpec
from layerfix.inference import doubts
from layerfix.inference.answers import Answers
from layerfix.inference.exactness import Witness, of_session
from layerfix.inference.inquiry import Inquiry, Question
from layerfix.inference.records import Recovered
from layerfix.inference.structure import Arguments
from layerfix.inference.verdicts import Decision, Outcome, why_open
from layerfix.probe.evidence import Kind
from layerfix.rng.certificate import EXACT

PROVEN = "a proven bound: op seeds tried times exp(-z^2 / 2), z against an estimate made from file and samples alone"
EXTRAPOLATED = "an extreme-value extrapolation over ten million candidates"
SOURCES: Mapping[Kind, str] = {
    "statistics": "samples: stored statistics of a BatchNormalization behind it",
    "labels": "samples: labels",
    "predictions": "samples: recorded predictions",
    "memory": "samples: squared gradients that the optimizer remembers, the model's own answers taken as labels",
    "synthetic": "stored statistics before and behind it, with made-up inputs",
    "magnitudes": "how large the inputs of the layers around it were, which stored statistics and the optimizer's squared gradients tell",
}


def named(arguments: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in sorted(arguments.items())) or "defaults"


def flat(combination: Arguments) -> str:
    return "; ".join(f"{layer}: {named(values)}" for layer, values in sorted(combination.items()))


def with_kernel(answers: Answers, inquiry: Inquiry, spec: WeightSpec, outcome: Outcome, decision: Decision) -> Answers:
    """The answers with the kernel that won."""
    best, second = outcome.ranking[0], outcome.ranking[1]
    believed = decision.proven or (decision.chance <= EXACT and decision.confirmed)
    by_bound = decision.log10_bound <= decision.log10_gap
    evidence = {
        "op_seed": best.op_seed,
        "graph_seed": inquiry.graph_seed,
        "by": SOURCES[outcome.kind or "labels"],
        "samples": len(inquiry.samples or ()),
        "badness": best.searched,
        "badness_of_next": second.searched,
        "held_out_badness": best.held_out,
        "held_out_agrees": decision.confirmed,
        "log10_bound": round(decision.log10_chance, 2),
        "false_positive_bound": decision.chance,
        "bound_is": PROVEN if by_bound else EXTRAPOLATED,
        **({"z": round(best.z, 2)} if best.z else {}),
    }
    by = "at most, by its resemblance to an estimate" if by_bound else "by extreme-value fit"
    note = f"op seed {best.op_seed}, found with samples ({outcome.kind})"
    told = f"of ten million it explains the samples best: chance of a false winner 1e{decision.log10_chance:.0f} {by}"
    witness = Witness("samples", True, decision.chance, told) if believed else Witness("samples", None, decision.chance, told)
    found = Recovered(
        spec.key,
        "seed",
        decision.log10_chance if believed else min(0.0, max(decision.log10_chance, -5.0)),
        (doubts.training(inquiry.source), doubts.updates(spec), doubts.earlier_session(outcome.stale)),
        evidence,
        note,
        (of_session(witness, stale=outcome.stale),),
        op_seed=best.op_seed,
        graph_seed=inquiry.graph_seed,
    )
    return answers.finding(found)


def without_kernel(answers: Answers, inquiry: Inquiry, spec: WeightSpec, outcome: Outcome, decision: Decision) -> Answers:
    """The answers with the reason why the best candidate is not believed."""
    return answers.missing([spec.key], f"samples do not decide it: {why_open(outcome, decision)}")


def with_evidence(answers: Answers, question: Question, outcome: Outcome, clear: bool) -> Answers:
    """The answers with what the arguments of one layer explain."""
    told = {
        "by": SOURCES[outcome.kind or "labels"],
        "badness": {named(trial_best): round(value, 6) for trial_best, value in _by_arguments(outcome)},
        "decided": clear,
    }
    return answers.hearing(question.arguments, told)


def _by_arguments(outcome: Outcome) -> list[tuple[Mapping[str, Any], float]]:
    best: dict[str, tuple[Mapping[str, Any], float]] = {}
    for item in outcome.ranking:
        best.setdefault(named(item.trial.arguments), (item.trial.arguments, item.searched))
    return list(best.values())
