"""What became of lost constructor arguments: given, inferred, at their default, or left to choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.inference.by_samples import NUMBERS
from layerfix.inference.fits import Fit
from layerfix.inference.idle import without_effect
from layerfix.inference.inquiry import Answers
from layerfix.inference.records import Recovered, SettledArgument
from layerfix.inference.structure import Arguments, Place
from layerfix.options import Options

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt

_NONE = object()


def stated(given: Arguments) -> list[SettledArgument]:
    """Arguments that the user gave."""
    return [
        SettledArgument(layer, name, value, "given") for layer, values in sorted(given.items()) for name, value in sorted(values.items())
    ]


def settled_arguments(
    lost: Sequence[LostArgument],
    best: Fit,
    rivals: Sequence[Fit],
    fits: Sequence[Fit],
    answers: Answers,
    lacking: Sequence[Mapping[Place, Any]] = (),
) -> list[SettledArgument]:
    """What became of every lost argument: inferred where other values contradict the evidence, default or ambiguous elsewhere.

    Args:
        lacking: arguments under which nothing could be judged, `Explorer.lacking`: they contradict no evidence.
    """
    chosen = best.members[0].chosen
    settled = []
    for argument in lost:
        place = (argument.layer, argument.name)
        told = answers.evidence.get(place, {})
        if told.get("decided"):
            settled.append(
                SettledArgument(
                    *place,
                    answers.arguments[argument.layer].get(argument.name, argument.default),
                    "inferred",
                    told,
                )
            )
            continue
        leant = answers.arguments.get(argument.layer, {}).get(argument.name, _NONE)
        if leant is not _NONE and told:
            settled.append(SettledArgument(*place, leant, "ambiguous", {**told, "also_possible": _near(argument, leant)}))
            continue
        value = chosen.get(place, argument.default)
        judged = [member.chosen for fit in (best, *rivals) for member in fit.members]
        open_values = [taken.get(place, argument.default) for taken in (*judged, *lacking)]
        others = [other for at, other in enumerate(open_values) if other != value and other not in open_values[:at]]
        tried = sum(place in member.chosen for fit in fits for member in fit.members)
        evidence: dict[str, Any] = {
            "default": argument.default,
            "candidates": list(argument.candidates),
            **told,
        }
        if others:
            settled.append(
                SettledArgument(
                    *place,
                    value,
                    "ambiguous",
                    {**evidence, "also_possible": others, **_hangs(place, best, rivals)},
                )
            )
        elif value != argument.default or tried:
            why = "other values contradict the stored shapes or the order of the random draws"
            settled.append(SettledArgument(*place, value, "inferred", {**evidence, "by": why}))
        elif told:  # others were tried, and nothing tells them apart
            settled.append(SettledArgument(*place, value, "ambiguous", {**evidence, "also_possible": _near(argument, value)}))
        else:
            settled.append(SettledArgument(*place, value, "default", evidence))
    return settled


def _hangs(place: Place, best: Fit, rivals: Sequence[Fit]) -> dict[str, bool]:
    """Whether the structure hangs on an argument: only rivals give it another value."""
    ours = {repr(member.chosen.get(place)) for member in best.members}
    return {"structural": True} if len(ours) == 1 and rivals else {}


def _near(argument: LostArgument, value: Any) -> list[Any]:
    """Numbers beside the one that came nearest."""
    tried = sorted(
        {*argument.candidates, *NUMBERS} if isinstance(value, float) else argument.candidates,
        key=str,
    )
    if not isinstance(value, float):
        return [other for other in tried if other != value]
    below, above = (
        [other for other in tried if other < value],
        [other for other in tried if other > value],
    )
    return [*sorted(below)[-1:], *sorted(above)[:1]]


def confirmed(
    arguments: Sequence[SettledArgument],
    told: Mapping[WeightKey, Recovered],
    hidden: Sequence[WeightSpec],
) -> tuple[SettledArgument, ...]:
    """Arguments on which the structure of a layer hangs are decided where witnesses agree with
    all its kernels."""
    layers = {spec.key: spec.layer for spec in hidden}
    speaking: dict[str, list[bool]] = {}
    for found in told.values():
        if found.kind in ("seed", "normal"):
            speaking.setdefault(layers[found.key], []).append(found.confirmed is not None)
    return tuple(
        replace(
            argument,
            how="inferred",
            evidence={**argument.evidence, "by": "samples: they prefer every kernel that it makes"},
        )
        if argument.how == "ambiguous" and argument.evidence.get("structural") and all(speaking.get(argument.layer, [False]))
        else argument
        for argument in arguments
    )


def without_say(
    source: Checkpoint,
    options: Options,
    lost: Sequence[LostArgument],
    arguments: Sequence[SettledArgument],
    rebuilt: Rebuilt,
    recovered: Mapping[WeightKey, Recovered],
) -> tuple[SettledArgument, ...]:
    """Open arguments that have no say in what the model predicts are as good as decided."""
    from layerfix.graph.rebuilt import load_values
    from layerfix.inference.values import value_of

    values = {spec.key: value_of(spec, recovered[spec.key], source.keras_version) for spec in rebuilt.blueprint.hidden}
    load_values(rebuilt, values)
    by_place = {(argument.layer, argument.name): argument for argument in lost}
    believed = rebuilt.blueprint.arguments
    return tuple(
        replace(argument, how="default", evidence={**argument.evidence, "without_effect": True})
        if argument.how in ("ambiguous", "default")
        and without_effect(source, options, believed, by_place[argument.layer, argument.name], rebuilt, values)
        else argument
        for argument in arguments
    )
