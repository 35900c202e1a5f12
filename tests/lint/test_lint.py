"""Findings on classes that genuine legacy Keras saved, defective and healthy."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerfix.lint import fix, lint

CLASSES = sorted((Path(__file__).parents[1] / "legacy" / "classes").glob("*/layers.py"))
LOSES = {"LFL001", "LFL002", "LFL003"}


@pytest.mark.parametrize("path", [path for path in CLASSES if path.parent.name.startswith("healthy")], ids=lambda path: path.parent.name)
def test_healthy_classes_give_nothing(path):
    assert lint([path]) == ()


@pytest.mark.parametrize(
    "path",
    [path for path in CLASSES if not path.parent.name.startswith("healthy") and path.parent.name != "bare-variable"],
    ids=lambda path: path.parent.name,
)
def test_losing_classes_are_found(path):
    assert LOSES & {finding.code for finding in lint([path])}


def test_a_missing_config_is_completed():
    path = next(path for path in CLASSES if path.parent.name == "hidden-gru")
    assert "def get_config(self):\n        return dict(super(RecurrentGate, self).get_config(), units=self.units)" in fix(path)
