"""The CTC loss of the reference is what its definition says: the sum over every path that spells the label."""

from itertools import groupby, product

import numpy as np
import pytest

from layerfix.reference.functions import Unsupported
from layerfix.reference.sequences import ctc_batch_cost, ctc_decode


def every_path(probabilities, label):
    """Minus the log of the chance of all paths whose repeats and blanks, taken away, leave the label."""
    classes = probabilities.shape[-1]
    total = 0.0
    for path in product(range(classes), repeat=len(probabilities)):
        spelt = [one for one, _ in groupby(path) if one != classes - 1]
        if spelt == list(label):
            total += np.prod([row[one] for row, one in zip(probabilities, path, strict=True)])
    return -np.log(total)


@pytest.mark.parametrize("label", [[0], [1, 0], [1, 1], [0, 1, 0]])
def test_loss_is_the_sum_over_all_paths_that_spell_the_label(label):
    given = np.random.default_rng(0).dirichlet(np.ones(3), 5)
    smoothed = (given + 1e-7) / (given + 1e-7).sum(-1, keepdims=True)
    padded = np.asarray([label + [0] * (4 - len(label))])
    found = ctc_batch_cost(padded, given[None], np.asarray([[5]]), np.asarray([[len(label)]]))
    assert found.shape == (1, 1)
    assert found[0, 0] == pytest.approx(every_path(smoothed, label), rel=1e-9)


def test_steps_and_labels_behind_the_stated_lengths_do_not_count():
    given = np.random.default_rng(1).dirichlet(np.ones(4), (2, 6))
    labels, changed = np.asarray([[1, 2, 0], [2, 2, 2]]), np.asarray([[1, 2, 1], [2, 0, 0]])
    steps, counts = np.asarray([[4], [6]]), np.asarray([[2], [1]])
    other = given.copy()
    other[0, 4:] = 0.25
    first = ctc_batch_cost(labels, given, steps, counts)
    assert np.array_equal(first, ctc_batch_cost(changed, other, steps, counts))


def test_decoding_takes_repeats_and_blanks_of_the_best_path_away():
    path = np.asarray([[0, 0, 2, 0, 1, 1], [2, 1, 2, 2, 1, 0]])
    given = np.where(np.arange(3) == path[..., None], 0.8, 0.1)
    (labels,), scores = ctc_decode(given, np.asarray([6, 5]))
    assert labels.tolist() == [[0, 0, 1, -1, -1, -1], [1, 1, -1, -1, -1, -1]]
    np.testing.assert_allclose(scores, -np.log(0.8 + 1e-7) * np.asarray([[6], [5]]))
    with pytest.raises(Unsupported, match="beam search"):
        ctc_decode(given, np.asarray([6, 5]), greedy=False)
