"""A report's machine facts as sentences that a customer can read: what decided an argument, what was checked, how the proof goes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from layerfix.report import phrases
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

if TYPE_CHECKING:
    from layerfix.results.repair import ArgumentReport, FileReport, Report

_FULL_STOP = re.compile(r"(?<=[.!?]) (?=[A-Z0-9])")


def headline(report: Report) -> tuple[str, str]:
    """The verdict's first sentence, and the rest of it."""
    first, *rest = _FULL_STOP.split(phrases.verdict(report), maxsplit=1)
    return first, rest[0] if rest else ""


def label(report: Report) -> str:
    """The verdict as two or three words: "Exact", "Exact, 1 argument undecided"."""
    word, open_ = phrases.VERDICTS[report.verdict][0], ambiguous(report)
    return f"{word}, {phrases.count(open_, 'argument')} undecided" if open_ else word


def ambiguous(report: Report) -> int:
    """Arguments that no evidence decides."""
    return sum(argument.how == "ambiguous" for layer in report.layers for argument in layer.arguments)


def argument(found: ArgumentReport) -> str:
    """Why an argument has its value: "Decided by recorded predictions. Misfit, smaller is better: 'mean' 0, 'max' 0.13."."""
    evidence = dict(found.evidence)
    told = []
    by, misfit, log = evidence.pop("by", None), evidence.pop("badness", None), evidence.pop("log10_evidence", None)
    decided, others = evidence.pop("decided", None), evidence.pop("also_possible", ())
    default, candidates = evidence.pop("default", None), evidence.pop("candidates", ())
    if by is not None:
        told.append(f"{_DECIDED.get(decided, 'Known because')} {by}")
    if isinstance(misfit, Mapping) and misfit:
        told.append(f"Misfit, smaller is better: {_ranked(found.name, misfit)}")
    if isinstance(log, Mapping) and log:
        told.append(f"Powers of ten of evidence, larger is better: {_ranked(found.name, log, largest_first=True)}")
    if others:
        told.append(f"Also possible: {_values(others)}")
    if candidates and not misfit and not log:
        told.append(f"Tried: {_values(candidates)}")
    if default is not None and default != found.value:
        told.append(f"The class would default to {default!r}")
    told += [f"{name} {value}" for name, value in phrases.facts(evidence)]
    return " ".join(phrases.sentence(sentence) for sentence in told)


_DECIDED = {True: "Decided by", False: "Not decided by"}


def checks(report: Report) -> list[tuple[str, str]]:
    """What was verified, as (what, outcome) rows."""
    rows = []
    if report.kept:
        same, tensors = report.kept.get("identical", 0), report.kept.get("tensors", 0)
        rows.append(("stored tensors", f"{same} of {phrases.count(tensors, 'tensor')} identical{_written(report)}"))
    if report.optimizer:
        why = report.optimizer.get("why")
        rows.append(("optimizer state", f"{report.optimizer.get('status', 'unknown')}{f': {why}' if why else ''}"))
    facts = dict(report.verification)
    predictions = facts.pop("predictions", None)
    facts.pop("kept_identical", None)
    if "graph_rebuilt" in facts:
        rows.append(("graph", "rebuilt from the config" if facts.pop("graph_rebuilt") else "not rebuilt"))
    if "reloaded" in facts:
        rows.append(("written file", "read back and loaded as a model" if facts.pop("reloaded") else _unread(report)))
    if isinstance(predictions, Mapping) and predictions:
        rows.append(("predictions", _predictions(dict(predictions))))
    if samples := facts.pop("samples", None):
        rows.append((f"on {phrases.count(samples.get('count', 0), 'sample')}", _agreement(samples)))
    return [*rows, *phrases.facts(facts)]


def chain(report: Report) -> tuple[str, ...]:
    """The argument from kept kernels to lost ones, a sentence for each step; () where no seed was searched."""
    kernels = report.search.get("kernels", ())
    sure = sum(bool(kernel.get("confirmed")) for kernel in kernels)
    if not sure:
        return ()
    steps = [
        f"Training moves a kernel but leaves it correlated with its first values. {phrases.count(sure, 'kept kernel')} of {len(kernels)} "
        f"here still {'tells' if sure == 1 else 'tell'} from which of ten million op seeds {'it' if sure == 1 else 'they'} came."
    ]
    weights = [weight for layer in report.layers for weight in layer.weights]
    if report.search.get("numpy_seed") is None:
        steps.append("No numpy seed that was tried gives these op seeds, so they do not lead to the lost ones.")
    else:
        told = f"Those op seeds are outputs of numpy's generator: numpy seed {report.search['numpy_seed']} explains them in their order."
        steps.append(told)
    if streamed := sum("stream_position" in weight.evidence for weight in weights):
        steps.append(f"The same stream holds the numbers from which {phrases.count(streamed, 'lost weight')} first came.")
    if chosen := sum("samples" in weight.evidence for weight in weights):
        steps.append(f"Samples told {phrases.count(chosen, 'lost weight')} apart from the other ten million candidates.")
    return tuple(steps)


def search(account: Mapping[str, object]) -> list[tuple[str, str]]:
    """What the search found, the bound in words."""
    rest = {key: value for key, value in account.items() if key != "log10_bound"}
    rows = [(label, _found(label, value)) for label, value in phrases.search(rest)]
    bound = account.get("log10_bound")
    return [*rows, ("chance of a false numpy seed", phrases.odds(10.0**bound))] if isinstance(bound, (int, float)) else rows


def _found(label: str, value: str) -> str:
    """A finding of the search, with what people take it for put right: a default that nobody set, a count of thousands of millions."""
    if label == "graph seed" and value.replace(",", "") == str(DEFAULT_GRAPH_SEED):
        return f"{value}, TensorFlow's own where a script sets none"
    digits = value.replace(",", "")
    return f"about {float(digits):.1e}" if label == "hypotheses tried" and digits.isdigit() and len(digits) > 9 else value


def source(file: FileReport) -> str:
    """What a file is: "Keras 2.2.4, tensorflow, keras-hdf5, 102.8 kB"."""
    facts = dict(file.extra)
    version, size = facts.pop("keras_version", None), facts.pop("size", None)
    told = [f"Keras {version}" if version else "", *(str(facts.pop(key, None) or "") for key in ("backend", "format"))]
    told.append(phrases.size(size) if isinstance(size, int) else "")
    return ", ".join(filter(None, [*told, *(f"{name} {value}" for name, value in phrases.facts(facts))]))


def versions(tool: Mapping[str, object]) -> str:
    """The tool first, then what it ran with: "layerfix 0.1.0; h5py 3.14.0, keras 3.15.1"."""
    first = f"{tool.get('name', 'layerfix')} {tool.get('version') or ''}".strip()
    rest = ", ".join(f"{name} {value}" for name, value in phrases.facts({k: v for k, v in tool.items() if k not in ("name", "version")}))
    return f"{first}; {rest}" if rest else first


def _written(report: Report) -> str:
    if report.target is None:
        return "; nothing was written"
    return " to the original, bit for bit" if report.target.path.lower().endswith((".h5", ".hdf5")) else " to the original"


def _unread(report: Report) -> str:
    return "nothing was written" if report.target is None else "not read back"


def _predictions(found: Mapping[str, object]) -> str:
    facts = dict(found)
    if facts.pop("compared", None) is False:
        return f"not compared: {facts.get('why', 'unknown')}"
    inputs, difference, finite = facts.pop("inputs", None), facts.pop("largest_difference", None), facts.pop("finite", None)
    told = []
    if difference is not None:
        on = f" on {inputs} inputs" if inputs else ""
        told.append(f"the file read back and the model in memory differ{on} by {phrases.plain(difference)} at most")
    if finite is not None:
        told.append("all are finite" if finite else "some are not finite")
    return "; ".join([*told, *(f"{name} {value}" for name, value in phrases.facts(facts))])


def _agreement(figures: Mapping[str, object]) -> str:
    told = [f"{name} {phrases.plain(figures[name])}" for name in ("accuracy", "loss") if name in figures]
    if "reproduced" in figures:
        by = f" (largest difference {phrases.plain(figures['largest_difference'])})" if "largest_difference" in figures else ""
        told.append(f"the recorded predictions are {'' if figures['reproduced'] else 'not '}reproduced{by}")
    return ", ".join(told)


def _ranked(name: str, figures: Mapping[str, object], *, largest_first: bool = False) -> str:
    """A figure for each value of an argument, the best first."""
    sign = -1 if largest_first else 1
    ordered = sorted(figures.items(), key=lambda item: (sign * _number(item[1]), str(item[0])))
    return ", ".join(f"{str(key).removeprefix(f'{name}=')} {phrases.plain(value)}" for key, value in ordered)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and value == value else float("inf")


def _values(values: Sequence[object]) -> str:
    return ", ".join(repr(value) for value in values)
