"""An activation's name means what it meant in the release that wrote it, however deep it stands."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.reference.functions import HARD_SIGMOID3
from layerfix.reference.setting import Setting, spoken

GATED = {"class_name": "LSTMCell", "config": {"recurrent_activation": "hard_sigmoid"}}
KEPT = {"class_name": "LSTMCell", "config": {"recurrent_activation": HARD_SIGMOID3}}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"activation": "hard_sigmoid"}, {"activation": HARD_SIGMOID3}),
        ({"activation": "relu"}, {"activation": "relu"}),
        ({"layer": GATED, "backward_layer": GATED}, {"layer": KEPT, "backward_layer": KEPT}),
        ({"cell": GATED}, {"cell": KEPT}),
        (
            {"cell": {"class_name": "StackedRNNCells", "config": {"cells": [GATED, GATED]}}},
            {"cell": {"class_name": "StackedRNNCells", "config": {"cells": [KEPT, KEPT]}}},
        ),
    ],
)
def test_the_hard_sigmoid_of_keras_3_bends_at_three_in_cells_too(config: dict[str, Any], expected: dict[str, Any]) -> None:
    assert spoken(config, Setting((3, 15), True, True)) == expected
    assert spoken(config, Setting((2, 15), True, True)) == config


@pytest.mark.parametrize(("release", "tf_keras", "half"), [((2, 2), False, False), ((2, 2), True, None), ((2, 3), True, True)])
def test_tensorflow_2_resizes_by_the_centres_of_pixels(release: tuple[int, int], tf_keras: bool, half: bool | None) -> None:
    found = spoken({"interpolation": "bilinear"}, Setting(release, tf_keras, True))
    assert found.get("half_pixels") is half


def test_a_browser_resizes_by_the_corners_of_pixels() -> None:
    assert spoken({"interpolation": "bilinear"}, Setting((2, 4), True, True, browser=True))["half_pixels"] is False
