"""Which sets of arguments are tried where there are too many for all, and when none of them is decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from layerfix.diagnose.arguments import LostArgument
from layerfix.inference import climbing
from layerfix.inference.climbing import climbed, refined
from layerfix.inference.inquiry import Question

WORDS = (None, "relu", "tanh", "sigmoid", "elu", "selu")
NUMBERS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


def question(*arguments: tuple[str, tuple[Any, ...]]) -> Question:
    return Question("one", tuple(LostArgument("one", "Scaled", name, values[0], values) for name, values in arguments), ())


BOTH = question(("word", WORDS), ("number", NUMBERS))


def crossed(arguments: Mapping[str, Any]) -> float:
    """2.1 times a tanh; without activation a smaller number comes near, and with the default number no activation does."""
    distance = abs(math.log(arguments["number"] / (2.1 if arguments["word"] == "tanh" else 1.0)))
    return {"tanh": 60.0, None: 40.0}.get(arguments["word"], 0.0) - 20.0 * distance


def test_two_arguments_that_are_both_off_are_found_one_after_the_other() -> None:
    told = climbed(BOTH, crossed)
    assert told is not None
    assert told[0][1] == {"word": "tanh", "number": 2.0}
    assert len(told) < len(WORDS) * len(NUMBERS)
    assert {repr(arguments) for _, arguments in told} >= {repr({"word": word, "number": 2.0}) for word in WORDS}


def test_few_sets_are_all_tried() -> None:
    told = climbed(question(("word", WORDS[:3]), ("number", NUMBERS[:3])), crossed)
    assert told is not None
    assert len(told) == 9
    assert told == sorted(told, key=lambda each: -each[0])


def test_where_something_cannot_be_compared_or_too_much_leads_on_nothing_is_told(monkeypatch: Any) -> None:
    assert climbed(BOTH, lambda arguments: None if arguments["word"] == "elu" else crossed(arguments)) is None
    monkeypatch.setattr(climbing, "MOST", 16)
    assert climbed(BOTH, crossed) is None


def test_a_number_is_followed_between_those_tried() -> None:
    told = climbed(BOTH, crossed)
    assert told is not None
    best = refined(told, crossed)[0][1]
    assert best["word"] == "tanh"
    assert abs(best["number"] / 2.1 - 1) < 0.06


def test_a_number_between_which_nothing_is_told_stays() -> None:
    told = climbed(BOTH, crossed)
    assert told is not None
    assert refined(told, lambda _: None) == told
