"""Emitted source is whole, keeps the user's code, and loads what it saved in Keras 3."""

from __future__ import annotations

import ast
import builtins
from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.emit.emit import emit
from layerfix.errors import UsageError

CLASSES = Path(__file__).parents[1] / "legacy" / "classes"


@pytest.mark.parametrize(("case", "name"), [("holder-object", "GatedUnit"), ("dict-of-lists", "GatedTower"), ("nested-custom", "Tower")])
def test_every_hidden_weight_survives_a_save(case, name, tmp_path):
    namespace = {"__name__": "emitted"}
    exec(emit([CLASSES / case / "layers.py"], [name]), namespace)
    model = keras.Sequential([keras.Input((9, 4)), namespace[name]()])
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    x = np.ones((2, 9, 4), "float32")
    before = model.predict(x, verbose=0)
    model.save(tmp_path / "m.keras")
    assert model.count_params() > 0
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "m.keras").predict(x, verbose=0), before, atol=1e-6)


def test_a_class_that_is_not_there_is_named():
    with pytest.raises(UsageError, match="Missing"):
        emit([CLASSES / "nested-custom" / "layers.py"], ["Missing"])


def test_only_what_the_class_needs_comes_along():
    sample = Path(__file__).parents[2] / "sample_models" / "layers.py"
    text = emit([sample])
    assert "class _Derived" not in text
    assert "def add_weight" not in text
    assert "permute_dimensions" in text
    derived = emit([CLASSES / "derived-from-lstm" / "layers.py"])
    assert "class _Derived" in derived
    assert "Only for" not in text + derived


@pytest.mark.parametrize("flavour", ["keras3", "keras2"])
@pytest.mark.parametrize("case", sorted(path.parent.name for path in CLASSES.glob("*/layers.py")))
def test_every_name_that_an_emitted_file_speaks_is_in_it(case, flavour):
    try:
        tree = ast.parse(emit([CLASSES / case / "layers.py"], (), flavour))
    except UsageError:
        pytest.skip("its source has no equal, which is told by name")
    bound = {*dir(builtins), "__name__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
    if "*" in bound:
        bound |= {*dir(keras.layers)}
    assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} <= bound
