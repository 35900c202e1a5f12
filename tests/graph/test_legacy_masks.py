"""Masks behind merged branches: a step counts where every branch has it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.graph.masks import keep_legacy_mask

LEFT = np.array([[[1.0], [0.0], [1.0], [0.0]]])
RIGHT = np.array([[[1.0], [1.0], [0.0], [0.0]]])


def branches(*masked: bool) -> tuple[list[Any], list[Any]]:
    """Inputs, and behind each a tensor with a mask of its steps above zero, or without."""
    inputs = [keras.Input((4, 1)) for _ in masked]
    return inputs, [keras.layers.Masking(0.0)(x) if own else x for x, own in zip(inputs, masked, strict=True)]


def mask_of(layer: Any, masked: tuple[bool, bool], name: str | None = None) -> list[bool] | None:
    inputs, tensors = branches(*masked)
    output = layer(tensors)
    keep_legacy_mask(name or type(layer).__name__, layer, tensors, [output])
    mask = getattr(output, "_keras_mask", None)
    if mask is None:
        return None
    return np.asarray(keras.Model(inputs, mask)([LEFT, RIGHT]))[0].tolist()


@pytest.mark.parametrize("name", ["Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"])
def test_a_sum_has_a_step_where_both_have_it(name: str) -> None:
    assert mask_of(getattr(keras.layers, name)(), (True, True)) == [True, False, False, False]


def test_a_branch_without_a_mask_has_every_step() -> None:
    assert mask_of(keras.layers.Add(), (True, False)) == [True, False, True, False]
    assert mask_of(keras.layers.Add(), (False, True)) == [True, True, False, False]
    assert mask_of(keras.layers.Add(), (False, False)) is None


def test_features_side_by_side_are_there_where_all_are() -> None:
    assert mask_of(keras.layers.Concatenate(), (True, True)) == [True, False, False, False]
    assert mask_of(keras.layers.Concatenate(axis=2), (True, False)) == [True, False, True, False]


def test_steps_behind_each_other_keep_their_own() -> None:
    assert mask_of(keras.layers.Concatenate(axis=1), (True, True)) == [True, False, True, False, True, True, False, False]
    assert mask_of(keras.layers.Concatenate(axis=1), (True, False)) == [True, False, True, False, True, True, True, True]


def test_one_mask_of_both_branches_stays_that_mask() -> None:
    inputs = keras.Input((4, 1))
    masked = keras.layers.Masking(0.0)(inputs)
    both = [masked, masked]
    output = keras.layers.Add()(both)
    before = getattr(output, "_keras_mask", None)
    keep_legacy_mask("Add", None, both, [output])
    assert getattr(output, "_keras_mask", None) is before


def test_layers_that_merge_nothing_are_left_alone() -> None:
    inputs, (left, _) = branches(True, True)
    output = keras.layers.Dense(2)(left)
    before = getattr(output, "_keras_mask", None)
    keep_legacy_mask("Dense", None, left, [output])
    assert getattr(output, "_keras_mask", None) is before
    assert len(inputs) == 2
