"""The sentences of a report: the verdict first, then what was not established."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layerfix.results.repair import LayerReport, Verdict, WeightReport
from layerfix.strategies.plan import Unplanned

CONDITIONS: Mapping[str, str] = {
    "one-session": "the model was built and trained in one run of the script, with the class as given",
    "class-by-name": "the class of that name that ships with layerfix is the one that trained",
}
"""What would have to hold for values that a seed alone told; see docs/recovery.md, section 6."""
CLASS_UNSEEN = (
    "That the class as given computes what the one that trained did: what is stored behind it shows its kernels, and would look the same "
    "after some edits (places in another order, another activation of like means, another branch outside of training)."
)


def summary(
    verdict: Verdict,
    name: str,
    layers: Sequence[LayerReport],
    unplanned: Sequence[Unplanned],
    *,
    reproduced: bool = False,
    loose: Sequence[str] = (),
) -> str:
    """The verdict in one or two sentences; an undecided argument is named in it, and numbers that nothing tells from their neighbours."""
    weights = [weight for layer in layers for weight in layer.weights]
    count = len(weights)
    fresh = sum(weight.strategy == "reinitialize" for weight in weights)
    fitted = sum(weight.strategy == "fit" for weight in weights)
    proven = sum(weight.exact for weight in weights)
    conditions = sorted({weight.condition for weight in weights if weight.condition}, reverse=True)
    told = {
        "clean": f"{name}: nothing is known to be lost.",
        "exact": f"{_all(count)} back exactly as {_they(count)}, and it is proven.",
        "recovered": (
            f"{_all(count)} recovered: they are the lost ones if {_conditions(conditions)}. Nothing that behaved under them confirms it."
            if conditions
            else f"{_all(count)} back exactly as {_they(count)}, and it is proven; the model predicts as it did if the class as given is "
            f"the one that trained, which recorded predictions would show{_neighbours(loose)}."
        ),
        "restored": (
            f"{_part(fitted, count)} fitted to the samples: the model is another one than the one that was lost."
            if fitted
            else f"{_all(count)} filled from a stated source; {_proven(proven, count)}."
        ),
        "reinitialized": (f"{_part(fresh, count)} reinitialized: the model must be fine-tuned before use."),
        "partial": f"Only {count - len(unplanned)} of {count} lost weights can be brought back; no file was written.",
        "unrepaired": f"None of the {count} lost weights can be brought back; no file was written." if count else f"{name}: not repaired.",
    }[verdict]
    if reproduced:
        return told
    choices, likely = "; ".join(_choices(layers)), "; ".join(_inferred(layers)) if verdict == "exact" else ""
    likely = f"Likely, and not proven: {likely}." if likely else ""
    return " ".join(filter(None, (told, likely, f"Not decided by any evidence: {choices}." if choices else "")))


def _all(count: int) -> str:
    return "The one lost weight is" if count == 1 else f"{'Both' if count == 2 else f'All {count}'} lost weights are"


def _part(some: int, count: int) -> str:
    if some == count:
        return _all(count)
    return f"{some} of {count} lost weights {'is' if some == 1 else 'are'}"


def _proven(some: int, count: int) -> str:
    if count == 1:
        return "that it is the lost one is not proven"
    return f"{some or 'none'} of them {'are' if some > 1 else 'is'} proven to be {'lost ones' if some > 1 else 'the lost one'}"


def _neighbours(loose: Sequence[str]) -> str:
    return f"; nothing tells {_listed(loose)} from {'its' if len(loose) == 1 else 'their'} neighbours" if loose else ""


def _they(count: int) -> str:
    return "it was" if count == 1 else "they were"


def _listed(found: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(found[:-1]), found[-1]))) if found else ""


def _conditions(names: Sequence[str]) -> str:
    return ", and ".join(CONDITIONS[name] for name in names)


UNDAMAGED = "Whether the stored tensors are as Keras wrote them: HDF5 files hold no checksums."
_UNRECORDED = (
    "Whether the repaired model predicts what the trained one did: no recorded predictions confirm it. Give them as p in --samples, "
    "or to `layerfix verify`."
)
_OTHERWISE = "That the repaired model predicts what the trained one did: it does not reproduce the predictions in --samples."


def _inferred(layers: Sequence[LayerReport]) -> Iterator[str]:
    """Arguments that samples, statistics or magnitudes told, and neither shapes nor draws; a value's layers together."""
    places: dict[tuple[str, str], list[str]] = {}
    for layer in layers:
        for argument in layer.arguments:
            if argument.how == "inferred" and "badness" in argument.evidence:
                places.setdefault((argument.name, repr(argument.value)), []).append(layer.path or layer.name)
    for (name, value), found in places.items():
        yield f"{name} of {_listed(found)} was {value}"


def not_established(layers: Sequence[LayerReport], verification: Mapping[str, Any]) -> tuple[str, ...]:
    """What the run could not show, one sentence each."""
    reproduced = verification.get("samples", {}).get("reproduced")
    said = []
    if not reproduced:
        said += [f"The argument {choice}: no evidence decides it." for choice in _choices(layers)]
        said += [f"That {named}: evidence speaks for it, and is no proof." for named in _inferred(layers)]
    for layer in layers:
        said += [
            f"{_where(layer, weight)}: {weight.note or 'not proven to be the lost value'}." for weight in layer.weights if not weight.exact
        ]
    if not reproduced:
        said.append(_UNRECORDED if reproduced is None else _OTHERWISE)
    return (*said, UNDAMAGED)


def undecided(layers: Sequence[LayerReport]) -> bool:
    """Whether an argument was left to choice: the model may then be another one than it was."""
    return any(True for _ in _choices(layers))


def undecided_values(layers: Sequence[LayerReport]) -> Iterator[tuple[str, Any]]:
    """(layer.argument, value taken) of what no evidence decides."""
    for layer in layers:
        for argument in layer.arguments:
            if argument.how == "ambiguous" or (argument.how == "default" and not argument.evidence.get("without_effect")):
                yield f"{layer.path or layer.name}.{argument.name}", argument.value


def _choices(layers: Sequence[LayerReport]) -> Iterator[str]:
    for layer in layers:
        for argument in layer.arguments:
            if argument.how == "default" and not argument.evidence.get("without_effect"):
                yield f"{layer.path or layer.name}.{argument.name} (taken: its default, {argument.value!r}, and no other was tried)"
            if argument.how == "ambiguous":
                others = ", ".join(repr(value) for value in argument.evidence.get("also_possible", ()))
                yield f"{layer.path or layer.name}.{argument.name} (taken: {argument.value!r}" + (
                    f"; also possible: {others})" if others else ")"
                )


def _where(layer: LayerReport, weight: WeightReport) -> str:
    return f"{layer.path or layer.name}, {weight.name}"
