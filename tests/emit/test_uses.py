"""How a file uses the names that it imports."""

from __future__ import annotations

import libcst as cst
import pytest

from layerfix.emit.names import Imports
from layerfix.emit.uses import Uses

HEAD = "from keras import backend as K\nfrom keras.layers import Dense, GRU, LSTM, Layer\nimport keras\n"


def uses(source: str) -> Uses:
    module = cst.parse_module(HEAD + source)
    found = Uses(Imports.of(module))
    module.visit(found)
    return found


def handed_on(source: str) -> list[str]:
    return sorted(node.value for node in uses(source).values if isinstance(node, cst.Name))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("cell = LSTM", ["LSTM"]),
        ("cell = LSTM if gated else GRU", ["GRU", "LSTM"]),
        ("layer = (LSTM if gated else GRU)(4)", ["GRU", "LSTM"]),
        ("cell = given or GRU", ["GRU"]),
        ("KINDS = {'l': LSTM, 'd': [Dense]}", ["Dense", "LSTM"]),
        ("def f():\n    return Dense", ["Dense"]),
        ("g(Dense)", ["Dense"]),
        ("isinstance(x, Dense)", []),
        ("issubclass(type(x), (Dense, LSTM))", []),
        ("layer = Dense(4)", []),
        ("K = Other", []),
    ],
)
def test_layer_classes_that_are_handed_on_are_found_and_those_that_judge_are_not(source: str, names: list[str]) -> None:
    assert handed_on(source) == names


def test_functions_of_the_backend_are_found_whatever_way_they_are_imported() -> None:
    found = uses("from keras.backend import sum as total\nx = K.exp(keras.backend.tanh(total(y)))\n")
    assert found.backend == {"exp", "tanh", "sum"}


def test_layer_classes_are_those_that_derive_from_one_in_the_file_too() -> None:
    found = uses("class A(Layer): pass\nclass B(A): pass\nclass C(keras.layers.Dense): pass\nclass D: pass\nclass E(D, B): pass\n")
    assert found.layer_classes == ["A", "B", "C", "E"]


def test_what_a_class_sets_on_itself() -> None:
    assert uses("class A(Layer):\n    def f(self):\n        self.path = self.name\n        other.size = 1\n").assigned == {"path"}


def test_a_class_that_is_used_for_more_than_calls_is_told() -> None:
    assert uses("layer = Dense(2)\nkind = type(x) is GRU\n").otherwise == {"GRU", "K", "keras"} - {"K", "keras"}
