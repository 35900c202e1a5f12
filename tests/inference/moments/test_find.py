"""A file of an unseeded script, given alone, tells its lost kernel among ten million: genuine, Keras 2.0.9, 48 channels."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.graph.rebuilt import rebuild
from layerfix.inference.answers import Answers
from layerfix.inference.by_samples import questions
from layerfix.inference.inquiry import Inquiry
from layerfix.inference.moments.find import by_statistics
from layerfix.inference.moments.listen import Listener
from layerfix.inference.moments.witness import verdict
from layerfix.options import Options
from layerfix.progress import silent
from layerfix.rng.generate import candidates
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

FILE = Path(__file__).parent / "unseeded-48.h5"
TRUE = 7_061_398
"""The op seed that the training drew, recorded then."""
LAYER = "denoising_layer_1"


@pytest.fixture(scope="module")
def listener() -> Listener:
    source = read(FILE)
    return Listener(source, rebuild(source, arguments={LAYER: {"filter_type": "mean"}}), LAYER, ())


def test_what_reaches_the_layer_has_the_mean_of_a_rectified_gaussian(listener: Listener) -> None:
    spec, bn = listener.kernels[0], listener.rebuilt.model.get_layer("batch_normalization_1")
    beta, gamma = np.asarray(bn.beta), np.abs(np.asarray(bn.gamma))
    means = listener.means(spec, ())
    assert means is not None
    ratio = beta / gamma
    expected = beta * np.vectorize(NormalDist().cdf)(ratio) + gamma * np.vectorize(NormalDist().pdf)(ratio)
    np.testing.assert_allclose(means.level, expected, atol=5e-3)


def test_the_file_agrees_with_the_kernel_that_trained_and_contradicts_others(listener: Listener) -> None:
    spec = listener.kernels[0]
    found = listener.estimate(spec, ())
    assert found is not None
    values = candidates(listener.stream(spec), DEFAULT_GRAPH_SEED, np.array([TRUE, *range(40)]), 48 * 48)
    said = [verdict(found, value[None], levelled=listener.levelled).agrees for value in values]
    assert said[0] is True
    assert said[1:].count(True) == 0
    assert said[1:].count(False) >= 36


def test_listening_leaves_the_model_as_it_was(listener: Listener) -> None:
    spec = listener.kernels[0]
    before = np.asarray(listener.rebuilt.variables[spec.key])
    listener.means(spec, ())
    np.testing.assert_array_equal(np.asarray(listener.rebuilt.variables[spec.key]), before)


@pytest.mark.slow
def test_kernel_and_filter_are_found_among_ten_million_without_seed_or_sample() -> None:
    from layerfix.diagnose.arguments import lost_arguments

    source = read(FILE)
    inquiry = Inquiry(source, Options(), {}, rebuild(source), {}, None, DEFAULT_GRAPH_SEED, silent)
    *_, (answers, _) = by_statistics(inquiry, Answers(rebuilt=inquiry.base), questions(inquiry, lost_arguments(source, ())))
    (found,) = (found for found in answers.recovered.values() if found.op_seed is not None)
    assert found.op_seed == TRUE
    assert found.exact
    assert answers.arguments == {LAYER: {"filter_type": "mean"}}
