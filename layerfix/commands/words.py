"""The sentences of a report: the verdict first, what was not established, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from layerfix.results.repair import LayerReport, Verdict, WeightReport
from layerfix.strategies.plan import Unplanned

ONE_SESSION = (
    "That the model was built and trained in one session. Had it been saved, loaded again and trained on, the weights lost in the last "
    "save would be those that the last session drew, and these are the first session's. Recorded predictions (p in --samples) show it."
)
"""What no file can tell; see docs/recovery.md, section 6."""


def summary(verdict: Verdict, name: str, layers: Sequence[LayerReport], unplanned: Sequence[Unplanned]) -> str:
    """The verdict in one or two sentences; an ambiguous argument is named in it."""
    weights = [weight for layer in layers for weight in layer.weights]
    count = len(weights)
    fresh = sum(weight.strategy == "reinitialize" for weight in weights)
    proven = sum(weight.exact for weight in weights)
    told = {
        "clean": f"{name}: nothing is known to be lost.",
        "exact": f"All {count} lost weights are back exactly as they were, and it is proven.",
        "restored": f"All {count} lost weights have a value with a stated source; {proven} of them are proven to be the lost ones.",
        "reinitialized": (
            f"{fresh} of {count} lost weights could not be brought back and were reinitialized: the model must be fine-tuned before use. "
            "Samples, a remembered seed or a saved training session would have made recovery possible."
        ),
        "partial": f"Only {count - len(unplanned)} of {count} lost weights can be brought back; no file was written.",
        "unrepaired": f"None of the {count} lost weights can be brought back; no file was written." if count else f"{name}: not repaired.",
    }[verdict]
    choices = "; ".join(_choices(layers))
    return f"{told} Not decided by any evidence: {choices}." if choices else told


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
    said = [f"The argument {choice}: no evidence decides it." for choice in _choices(layers)]
    reproduced = verification.get("samples", {}).get("reproduced")
    if not reproduced:
        said += [f"The argument {named}: it is in no config, and nothing tells whether it was another." for named in _defaults(layers)]
        said += [f"That {named}, beyond doubt: evidence speaks for it, and none of it is a proof." for named in _inferred(layers)]
    for layer in layers:
        said += [
            f"{_where(layer, weight)}: {weight.note or 'not proven to be the lost value'}." for weight in layer.weights if not weight.exact
        ]
    if not reproduced and any("numpy_seed" in weight.evidence and weight.exact for layer in layers for weight in layer.weights):
        said.append(ONE_SESSION)
    if not reproduced:
        said.append(_UNRECORDED if reproduced is None else _OTHERWISE)
    return (*said, UNDAMAGED)


def advice(verdict: Verdict, layers: Sequence[LayerReport], ways: Sequence[str], target: Path | None) -> tuple[str, ...]:
    """What to do next, most important first; at last, how to open what was written.

    `ways` lead to lost values, and are told only where some value is none.
    """
    steps = []
    if verdict == "reinitialized":
        steps.append("Fine-tune the repaired model before you use it; the reinitialized weights hold fresh values.")
    if undecided(layers):
        steps.append("Give the undecided arguments with --set LAYER.ARG=VALUE, or inputs with --samples, which decide them.")
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


def _defaults(layers: Sequence[LayerReport]) -> Iterator[str]:
    """Lost arguments for which nothing but their default could be tried."""
    for layer in layers:
        for argument in layer.arguments:
            if argument.how == "default" and len(argument.evidence.get("candidates", ())) < 2:
                yield f"{layer.path or layer.name}.{argument.name} (taken: its default, {argument.value!r})"


def _choices(layers: Sequence[LayerReport]) -> Iterator[str]:
    for layer in layers:
        for argument in layer.arguments:
            if argument.how == "ambiguous":
                others = ", ".join(repr(value) for value in argument.evidence.get("also_possible", ()))
                yield f"{layer.path or layer.name}.{argument.name} (taken: {argument.value!r}" + (
                    f"; also possible: {others})" if others else ")"
                )


def _where(layer: LayerReport, weight: WeightReport) -> str:
    return f"{layer.path or layer.name}, {weight.name}"
