"""Which layers have something to lose: one list for the whole house, and what the linter says of classes that make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerfix.legacy.stock import STATELESS, WEIGHTED
from layerfix.linter.check import check
from layerfix.linter.rules import has_weights

LEARNT = {"DenseFeatures", "Discretization", "IntegerLookup", "StringLookup", "TextVectorization"}


def codes(line: str, method: str = "call", imports: str = "from keras import layers") -> list[str]:
    """Of a class whose method has that line."""
    arguments = {"call": "self, x", "build": "self, shape", "__init__": "self"}[method]
    text = f"from keras.layers import Layer\n{imports}\n\nclass Mine(Layer):\n    def {method}({arguments}):\n        {line}\n"
    return [finding.code for finding in check(Path("mine.py"), text)]


@pytest.mark.parametrize("name", sorted(WEIGHTED.keys() | LEARNT | {"Capsule"}))
def test_layers_with_weights_and_those_that_learn_from_data_have_something_to_lose(name: str) -> None:
    assert has_weights(name)


@pytest.mark.parametrize("name", sorted(STATELESS - LEARNT | {"RandomHue", "AdaptiveAveragePooling2D"}))
def test_layers_without_weights_have_nothing_to_lose(name: str) -> None:
    assert not has_weights(name)


@pytest.mark.parametrize("name", ["RandomFlip", "Resizing", "Dropout", "MaxPooling1D", "UnitNormalization", "Reshape"])
@pytest.mark.parametrize(("line", "method"), [("return layers.{}()(x)", "call"), ("self.inner = layers.{}()", "__init__")])
def test_a_layer_without_weights_is_no_finding_wherever_it_is_made(name: str, line: str, method: str) -> None:
    assert codes(line.format(name), method) == []


@pytest.mark.parametrize(
    ("line", "method", "code"),
    [
        ("return layers.Dense(3)(x)", "call", "LFL001"),
        ("self.inner = layers.Dense(3)", "build", "LFL003"),
        ("self.inner = [layers.Dense(3)]", "__init__", "LFL003"),
        ("self._layers = []", "__init__", "LFL004"),
        ("self.w = self.add_weight(name='w', shape=(1,))", "call", "LFL007"),
        ("return layers.StringLookup()(x)", "call", "LFL001"),
    ],
)
def test_what_legacy_keras_loses_is_found_where_it_is_made(line: str, method: str, code: str) -> None:
    assert codes(line, method) == [code]


def test_a_finding_tells_its_line_and_column() -> None:
    (finding,) = check(
        Path("mine.py"), "from keras.layers import Dense, Layer\n\nclass A(Layer):\n    def call(self, x):\n        return Dense(3)(x)\n"
    )
    assert (finding.path, finding.line, finding.column, finding.fixable) == ("mine.py", 5, 16, False)
    assert finding.message.startswith("Dense is made in `call`")
