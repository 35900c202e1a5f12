"""Sets of arguments by what speaks for them: all where they are few, else from one to a better one until none beside it is better.

An argument is not decided by sets in which it alone was changed: a lost factor and a lost activation, each at its default while the other
is tried, name a wrong pair.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from layerfix.inference.inquiry import Question, around, combinations, whole

Arguments = Mapping[str, Any]
Told = list[tuple[float, Arguments]]
Heard = Callable[[Arguments], float | None]
MOST = 64
"""Sets that are tried at most."""
STEP = 2.1
"""Ratio to the best number within which others are tried beside it."""
FINE = 1.1
"""Ratio of two numbers between which no other one is tried."""


def climbed(question: Question, heard: Heard) -> Told | None:
    """What was heard of sets of arguments, the best of which has no better one beside it.

    Args:
        question: about one layer.
        heard: evidence for a set; None where nothing can be compared.

    Returns:
        (evidence, arguments) of all sets tried, the best first; None where nothing can be compared, or too many sets led to better ones.
    """
    told: Told = []
    wave: Sequence[Arguments] = [each.get(question.layer, {}) for each in combinations([question])]
    while wave:
        for arguments in wave:
            evidence = heard(arguments)
            if evidence is None:
                return None
            told.append((evidence, arguments))
        told.sort(key=lambda each: -each[0])
        best = told[0][1]
        wave = [] if whole([question]) else [each for each in around(question, best, [tried for _, tried in told]) if _beside(each, best)]
        if len(told) + len(wave) > MOST:
            return None
    return told


def _beside(one: Arguments, best: Arguments) -> bool:
    """Whether the number in which it differs, if it is one, is near: evidence has one summit along numbers."""
    numbers = [(value, best[name]) for name, value in one.items() if isinstance(value, float) and isinstance(best[name], float)]
    return all(low == high or (low > 0 < high and max(low / high, high / low) <= STEP) for low, high in numbers)


def refined(told: Told, heard: Heard) -> Told:
    """The same with numbers between that of the best set and the next ones tried, until they are close."""
    while wave := list(_between(told[0][1], [arguments for _, arguments in told])):
        more = [(evidence, arguments) for arguments in wave if (evidence := heard(arguments)) is not None]
        if len(more) < len(wave):
            return told
        told = sorted([*told, *more], key=lambda each: -each[0])
    return told


def _between(best: Arguments, tried: Sequence[Arguments]) -> Iterator[dict[str, Any]]:
    for name, value in best.items():
        if not isinstance(value, float) or value <= 0:
            continue
        others = {key: other for key, other in best.items() if key != name}
        alike = (each[name] for each in tried if {key: other for key, other in each.items() if key != name} == others)
        numbers = sorted({float(number) for number in alike if isinstance(number, float) and number > 0})
        for low, high in itertools.pairwise(numbers):
            middle = float(f"{(low * high) ** 0.5:.2g}")
            if value in (low, high) and high / low > FINE and low < middle < high:
                yield {**best, name: middle}
