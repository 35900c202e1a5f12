"""Made-up activations have the moments that a file tells, to rounding."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers
from small import GAINS, MEANS, model, rebuilt

from layerfix.probe.activations import FEWEST, NARROW, OPEN_SIZE, POSITIONS, known_moments, simulated
from layerfix.probe.gaussian import gaussian
from layerfix.probe.phases import has_statistics
from layerfix.probe.program import program


@pytest.mark.parametrize(("shape", "axis"), [((100, 3), 1), ((5, 7, 4), 2), ((6, 4, 8), 1)])
def test_each_channel_holds_the_same_quantiles_in_another_order(shape: tuple[int, ...], axis: int) -> None:
    found = np.moveaxis(gaussian(np.random.default_rng(0), shape, axis), axis, 0).reshape(shape[axis], -1)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.mean(1), 0, atol=1e-6)
    np.testing.assert_allclose(found.std(1), 1, rtol=1e-6)
    assert len({tuple(row) for row in np.sort(found, axis=1).tolist()}) == 1
    assert len({tuple(row) for row in found.tolist()}) == shape[axis]


def test_one_number_is_the_middle_of_the_bell() -> None:
    assert gaussian(np.random.default_rng(0), (1, 2), 1).tolist() == [[0.0, 0.0]]


def test_what_normalizations_hand_on_and_receive_is_told_where_nothing_lost_lies_before() -> None:
    made = model()
    steps = [step for step in program(made).steps if has_statistics(step.layer)]
    before, behind = steps
    found = dict(known_moments(rebuilt(made), steps, unknown=set(behind.reads)))
    assert set(found) == {before.reads[0], before.writes[0], behind.writes[0]}
    axis, mean, deviation = found[before.writes[0]]
    assert axis % 2 == 1
    np.testing.assert_array_equal(mean, MEANS)
    np.testing.assert_array_equal(deviation, np.abs(GAINS))


def test_activations_have_the_moments_that_are_told_and_size_one_where_none_are() -> None:
    made = model()
    unfolded = program(made)
    told, other = unfolded.steps[0].writes[0], unfolded.steps[1].writes[0]
    found = simulated(rebuilt(made), unfolded, {told: (-1, MEANS, GAINS)}, [told, other])
    assert {slot: value.shape for slot, value in found.items()} == {told: (POSITIONS, 3), other: (POSITIONS, 2)}
    np.testing.assert_allclose(found[told].mean(0), MEANS, atol=1e-5)
    np.testing.assert_allclose(found[told].std(0), GAINS, rtol=1e-5)
    np.testing.assert_allclose(found[other].std(0), 1, rtol=1e-5)


def test_words_are_drawn_for_an_embedding_and_open_axes_get_a_length() -> None:
    inputs = keras.Input((None,))
    made = keras.Model(inputs, layers.Embedding(7, 2)(inputs))
    unfolded = program(made)
    (words,) = simulated(rebuilt_of(made), unfolded, {}, unfolded.inputs).values()
    assert words.shape[1] == OPEN_SIZE
    assert set(np.unique(words)) == set(range(7))


def rebuilt_of(made: keras.Model) -> object:
    from types import SimpleNamespace

    return SimpleNamespace(model=made)


def test_wide_tensors_are_simulated_in_fewer_places_but_never_in_too_few() -> None:
    inputs = keras.Input((64, 64, 4 * NARROW))
    made = keras.Model(inputs, layers.ReLU()(inputs))
    unfolded = program(made)
    (value,) = simulated(rebuilt_of(made), unfolded, {}, unfolded.inputs).values()  # type: ignore[arg-type]
    assert len(value) == FEWEST
