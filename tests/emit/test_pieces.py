"""An emitted file is put together from pieces of the runtime: what the source reaches, and no more."""

from __future__ import annotations

import ast

import pytest

from layerfix.emit import backend
from layerfix.emit.pieces import emitted, imports, names_in, needed

TEXT = '''def _a():
    return _b()


def _b():
    return 1


def _c():
    return "named"


_TABLE = {"x": _c}


class _Keeps:
    """Docstring."""

    size = 1

    # Only for: add_weight, add_variable
    @property
    def add_weight(self):
        return 2

    def call(self):
        return self
'''


def defined(text: str) -> list[str]:
    return [getattr(node, "name", "") or node.targets[0].id for node in ast.parse(text).body]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("spoken", "names"),
    [({"_a"}, ["_a", "_b"]), ({"_c"}, ["_c"]), ({"_TABLE"}, ["_c", "_TABLE"]), ({"other"}, []), (set(), [])],
)
def test_what_a_source_speaks_of_comes_with_what_that_needs(spoken: set[str], names: list[str]) -> None:
    assert defined(needed(TEXT, spoken)) == names


def test_a_method_comes_along_where_one_of_its_names_is_spoken() -> None:
    without, with_it = needed(TEXT, {"_Keeps"}), needed(TEXT, {"_Keeps", "add_variable"})
    assert "def add_weight" not in without
    assert "@property\n    def add_weight" in with_it
    assert "Only for" not in with_it
    assert "def call" in without


def test_names_are_those_of_calls_attributes_definitions_and_words() -> None:
    text = 'def f(x):\n    return x.shape + g("word", "two words")\n'
    assert names_in(text) == {"f", "x", "shape", "g", "word"}


@pytest.mark.parametrize("name", ["recording", "keras3", "keras2", "backend", "backend_layers", "backend_state", "tensorflow1"])
def test_every_piece_is_python_without_layerfix(name: str) -> None:
    text = emitted(name)
    assert ast.parse(text).body
    assert "layerfix" not in text


def test_imports_above_the_mark_come_once_and_none_of_ours() -> None:
    lines = imports("recording", "keras3", "backend").splitlines()
    assert "import keras" in lines
    assert "from keras import ops" in lines
    assert len(lines) == len(set(lines))
    assert not any("layerfix" in line for line in lines)


@pytest.mark.parametrize(("name", "known"), [("mean", True), ("batch_dot", True), ("foldl", False), ("gradients", False)])
def test_a_backend_function_is_known_or_not(name: str, known: bool) -> None:
    assert backend.known(name) is known


def test_a_backend_function_brings_those_that_it_calls() -> None:
    text = backend.source(frozenset({"in_test_phase", "mean"}))
    names = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    assert names == {"_K_in_test_phase", "_K_in_train_phase", "_K_learning_phase"}
    assert "    mean = staticmethod(ops.mean)" in text
    assert "    in_test_phase = staticmethod(_K_in_test_phase)" in text


def test_nothing_that_is_not_spoken_of_is_in_the_class() -> None:
    (made,) = ast.parse(backend.source(frozenset({"exp"}))).body
    assert isinstance(made, ast.ClassDef)
    assert [node.targets[0].id for node in made.body if isinstance(node, ast.Assign)] == ["exp"]  # type: ignore[attr-defined]
