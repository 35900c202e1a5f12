"""Errors in the user's source, as one sentence with the line."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from layerfix.errors import LayersError
from layerfix.graph.shim.explain import describe, explained, placed

HERE = Path(__file__)
LAYER = SimpleNamespace(name="gate_1")
CALLING = explained(LAYER, "call", str(HERE))


def test_an_error_is_told_with_layer_method_type_and_line() -> None:
    with pytest.raises(LayersError, match=r"SimpleNamespace\.call fails: KeyError: 'depth' \(line \d+, in test_an_") as refused, CALLING:
        raise KeyError("depth")
    assert refused.value.where == "gate_1"
    assert isinstance(refused.value.__cause__, KeyError)


def test_a_layer_without_a_name_yet_is_told_by_its_class() -> None:
    with pytest.raises(LayersError) as refused, explained(object(), "__init__", str(HERE)):
        raise ValueError("no")
    assert refused.value.where == "object"


def test_an_error_that_says_all_keeps_its_words_and_gets_a_place_once() -> None:
    with pytest.raises(LayersError, match="has no equal") as refused, explained(LAYER, "build", str(HERE)):
        raise LayersError("K.function has no equal.")
    assert str(refused.value.where).startswith("SimpleNamespace.build (line ")
    again = placed(refused.value, "elsewhere", HERE)
    assert str(again.where).startswith("SimpleNamespace.build (line ")


def test_keras_own_account_of_the_call_and_its_colours_are_left_out() -> None:
    error = ValueError("\x1b[1mbad shape\x1b[0m.\n\nArguments received by Dense.call():\n  • inputs=secret")
    assert describe(error) == "ValueError: bad shape."


def test_a_long_message_is_cut_and_lines_are_one() -> None:
    told = describe(ValueError("a\nb " + "x" * 400))
    assert told.startswith("ValueError: a b xxx")
    assert len(told) < 330
