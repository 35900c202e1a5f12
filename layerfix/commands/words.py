"""The sentences of a report: the verdict first, what was not established, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from layerfix.results.repair import LayerReport, Verdict, WeightReport
from layerfix.strategies.plan import Unplanned

CONDITIONS: Mapping[str, str] = {
    "one-session": "the model was built and trained in one run of the script, with the class as given",
    "class-by-name": "the class of that name that ships with layerfix is the one that trained",
}
"""What would have to hold for values that a seed alone told; see docs/recovery.md, section 6."""


def summary(verdict: Verdict, name: str, layers: Sequence[LayerReport], unplanned: Sequence[Unplanned], *, reproduced: bool = False) -> str:
    """The verdict in one or two sentences; an undecided argument is named in it."""
    weights = [weight for layer in layers for weight in layer.weights]
    count = len(weights)
    fresh = sum(weight.strategy == "reinitialize" for weight in weights)
    fitted = sum(weight.strategy == "fit" for weight in weights)
    proven = sum(weight.exact for weight in weights)
    conditions = sorted({weight.condition for weight in weights if weight.condition}, reverse=True)
    told = {
        "clean": f"{name}: nothing is known to be lost.",
        "exact": f"All {count} lost weights are back exactly as they were, and it is proven.",
        "recovered": (
            f"All {count} lost weights are recovered: they are the lost ones if {_conditions(conditions)}. "
            "Nothing that behaved under them confirms it."
        ),
        "restored": (
            f"{fitted} of {count} lost weights were fitted to the samples: the model is another one than the one that was lost."
            if fitted
            else f"All {count} lost weights have a value with a stated source; {proven} of them are proven to be the lost ones."
        ),
        "reinitialized": (
            f"{fresh} of {count} lost weights could not be brought back and were reinitialized: the model must be fine-tuned before use. "
            "Samples, a remembered seed or a saved training session would have made recovery possible."
        ),
        "partial": f"Only {count - len(unplanned)} of {count} lost weights can be brought back; no file was written.",
        "unrepaired": f"None of the {count} lost weights can be brought back; no file was written." if count else f"{name}: not repaired.",
    }[verdict]
    choices = "" if reproduced else "; ".join(_choices(layers))
    return f"{told} Not decided by any evidence: {choices}." if choices else told


def _conditions(names: Sequence[str]) -> str:
    return ", and ".join(CONDITIONS[name] for name in names)


UNDAMAGED = "Whether the stored tensors are as Keras wrote them: HDF5 files hold no checksums."
_UNRECORDED = (
    "Whether the repaired model predicts what the trained one did: no recorded predictions confirm it. Give them as p in --samples, "
    "or to `layerfix verify`."
)
_OTHERWISE = "That the repaired model predicts what the trained one did: it does not reproduce the predictions in --samples."


def _inferred(layers: Sequence[LayerReport]) -> Iterator[str]:
    """Arguments that samples, statistics or magnitudes told, and neither shapes nor draws."""
    for layer in layers:
        for argument in layer.arguments:
            if argument.how == "inferred" and "badness" in argument.evidence:
                yield f"{argument.name} of {layer.name} was {argument.value!r}"


def not_established(layers: Sequence[LayerReport], verification: Mapping[str, Any]) -> tuple[str, ...]:
    """What the run could not show, one sentence each."""
    reproduced = verification.get("samples", {}).get("reproduced")
    said = []
    if not reproduced:
        said += [f"The argument {choice}: no evidence decides it." for choice in _choices(layers)]
        said += [f"That {named}, beyond doubt: evidence speaks for it, and none of it is a proof." for named in _inferred(layers)]
    for layer in layers:
        said += [
            f"{_where(layer, weight)}: {weight.note or 'not proven to be the lost value'}." for weight in layer.weights if not weight.exact
        ]
    if not reproduced:
        said.append(_UNRECORDED if reproduced is None else _OTHERWISE)
    return (*said, UNDAMAGED)


def advice(
    verdict: Verdict, layers: Sequence[LayerReport], ways: Sequence[str], target: Path | None, paste: Callable[..., str]
) -> tuple[str, ...]:
    """What to do next, most important first; at last, how to open what was written.

    `ways` lead to lost values, and are told only where some value is none. `paste` gives the run with further words.
    """
    steps = []
    conditions = {weight.condition for layer in layers for weight in layer.weights if weight.condition}
    if "class-by-name" in conditions:
        steps.append(f"Give the class that trained: {paste('--layers', 'FILE.py')}")
    elif conditions:
        steps.append(f"A few inputs, better with labels (y) or recorded predictions (p), confirm it: {paste('--samples', 'FILE.npz')}")
        steps.append(f"Or vouch that {CONDITIONS['one-session']}: {paste('--assume', 'one-session')}")
    if verdict == "reinitialized":
        steps.append("Fine-tune the repaired model before you use it; the reinitialized weights hold fresh values.")
    if undecided(layers):
        words = [word for name, value in _undecided(layers) for word in ("--set", f"{name}={value}")]
        told = "Give the undecided arguments their values, or inputs (x) with --samples, which decide what the model shows of them"
        steps.append(f"{told}: {paste(*words)}")
    if verdict in {"partial", "unrepaired"} or any(weight.strategy in _MADE_UP for layer in layers for weight in layer.weights):
        steps += ways
    return (*steps, *([] if target is None else [_opening(target)]))


_MADE_UP = frozenset({"reinitialize", "fit"})
"""Strategies after which it is worth looking for the lost value."""


def _opening(target: Path) -> str:
    if target.suffix.lower() == ".keras":
        return f"Open {target.name} with layerfix.load_model, or in plain Keras 3 with the class that --emit-layers FILE.py writes."
    return (
        f"Open {target.name} with layerfix.load_model, or in Keras 2 with the class that --emit-layers FILE.py --for keras2 writes. "
        "It keeps the legacy format, which Keras 3's own loader refuses or misreads in places: for plain Keras 3 write -o NEW.keras."
    )


def undecided(layers: Sequence[LayerReport]) -> bool:
    """Whether an argument was left to choice: the model may then be another one than it was."""
    return any(True for _ in _choices(layers))


def _undecided(layers: Sequence[LayerReport]) -> Iterator[tuple[str, Any]]:
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
