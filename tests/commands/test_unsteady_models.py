"""A model that draws random numbers at inference: nothing can confirm what it predicts."""

from __future__ import annotations

from layerfix.commands.compose import unsteady


def test_a_comparison_that_could_not_be_made_is_said_with_its_reason() -> None:
    told = unsteady({"compared": False, "why": "the model is random at inference: it predicts otherwise each time"})
    assert told.startswith("But the model is random at inference")
    assert unsteady({"compared": True, "largest_difference": 0.0}) == ""


def test_weights_alone_are_confirmed_one_by_one() -> None:
    assert unsteady({"compared": False, "each_weight": True, "why": "the file holds weights alone; each was compared"}) == ""
