"""What became of lost constructor arguments: given, inferred, at their default, or left to choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.inference.answers import Answers
from layerfix.inference.by_samples import NUMBERS
from layerfix.inference.fits import Fit
from layerfix.inference.idle import without_effect
from layerfix.inference.investigation import Investigation
from layerfix.inference.records import Recovered, SettledArgument
from layerfix.inference.structure import Arguments, Place

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt


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
) -> list[SettledArgument]:
    """What became of every lost argument: inferred where other values contradict the evidence, default or ambiguous elsewhere.

    Arguments under which nothing could be judged (`Answers.lacking`) contradict no evidence.
    """
    judged = [member.chosen for fit in (best, *rivals) for member in fit.members]
    tried = {place for fit in fits for member in fit.members for place in member.chosen}
    settled = []
    for argument in lost:
        place = (argument.layer, argument.name)
        by_samples = _by_samples(argument, answers)
        settled.append(by_samples or _by_structure(argument, best, rivals, (*judged, *answers.lacking), answers, place in tried))
    return settled


def _by_samples(argument: LostArgument, answers: Answers) -> SettledArgument | None:
    """What samples decided, or lean to; nothing is decided against values that could not be judged."""
    place = (argument.layer, argument.name)
    told, known = answers.evidence.get(place, {}), answers.arguments.get(argument.layer, {})
    if told.get("decided"):
        value = known.get(argument.name, argument.default)
        unjudged = _others(place, argument, value, answers.lacking)
        if unjudged:
            return SettledArgument(*place, value, "ambiguous", {**told, "decided": False, "also_possible": unjudged})
        return SettledArgument(*place, value, "inferred", told)
    if told and argument.name in known:
        leant = known[argument.name]
        near = {**told, "also_possible": _near(argument, leant)}
        return SettledArgument(*place, leant, "ambiguous", near)
    return None


def _by_structure(
    argument: LostArgument,
    best: Fit,
    rivals: Sequence[Fit],
    possible: Sequence[Mapping[Place, object]],
    answers: Answers,
    tried: bool,
) -> SettledArgument:
    """What the structure tells: nothing else fits, something else fits as well, or nobody asked."""
    place = (argument.layer, argument.name)
    value = best.members[0].chosen.get(place, argument.default)
    others = _others(place, argument, value, possible)
    told = answers.evidence.get(place, {})
    evidence = {"default": argument.default, "candidates": list(argument.candidates), **told}
    if others:
        open_to = {**evidence, "also_possible": others, **_hangs(place, best, rivals)}
        return SettledArgument(*place, value, "ambiguous", open_to)
    if value != argument.default or tried:
        why = "other values contradict the stored shapes or the order of the random draws"
        return SettledArgument(*place, value, "inferred", {**evidence, "by": why})
    if told:  # others were tried, and nothing tells them apart
        return SettledArgument(*place, value, "ambiguous", {**evidence, "also_possible": _near(argument, value)})
    return SettledArgument(*place, value, "default", evidence)


def _others(place: Place, argument: LostArgument, value: object, possible: Sequence[Mapping[Place, object]]) -> list[Any]:
    """Other values of an argument in sets of arguments that the evidence leaves open, each once."""
    others: list[Any] = []
    for taken in possible:
        other = taken.get(place, argument.default)
        others += [other] if other != value and other not in others else []
    return others


def _hangs(place: Place, best: Fit, rivals: Sequence[Fit]) -> dict[str, bool]:
    """Whether the structure hangs on an argument: only rivals give it another value."""
    ours = {repr(member.chosen.get(place)) for member in best.members}
    return {"structural": True} if len(ours) == 1 and rivals else {}


def _near(argument: LostArgument, value: object) -> list[Any]:
    """Numbers beside the one that came nearest."""
    if not isinstance(value, float):
        return [other for other in sorted(argument.candidates, key=str) if other != value]
    numbers = sorted({number for number in (*argument.candidates, *NUMBERS) if isinstance(number, int | float)})
    return [*[number for number in numbers if number < value][-1:], *[number for number in numbers if number > value][:1]]


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
    case: Investigation, arguments: Sequence[SettledArgument], rebuilt: Rebuilt, recovered: Mapping[WeightKey, Recovered]
) -> tuple[SettledArgument, ...]:
    """Open arguments that have no say in what the model predicts are as good as decided."""
    from layerfix.graph.rebuilt import load_values

    values = case.values(rebuilt, {spec.key: recovered[spec.key] for spec in rebuilt.blueprint.hidden})
    load_values(rebuilt, values)
    by_place = {(argument.layer, argument.name): argument for argument in case.lost}
    return tuple(
        replace(argument, how="default", evidence={**argument.evidence, "without_effect": True})
        if argument.how in ("ambiguous", "default") and without_effect(case, by_place[argument.layer, argument.name], rebuilt, values)
        else argument
        for argument in arguments
    )
