"""Finding the op seed that a trained kernel still remembers."""

import numpy as np
import pytest

from layerfix.rng import philox
from layerfix.rng.initializers import stream
from layerfix.rng.philox import Fingerprint, score_seeds, scores, table, z_score
from layerfix.rng.screening import scan
from layerfix.rng.streams import values

RANGE = range(4_000_000, 4_060_000)


def trained(initializer, shape, op_seed, cosine, graph_seed=87654321, key="kernel"):
    """A kernel that kept a given cosine to its initial value."""
    drawn = stream(initializer, shape, "2.2.4")
    first = values(drawn, graph_seed, op_seed, shape).ravel()
    noise = np.random.RandomState(0).normal(drawn.center, first.std(), first.size)
    mixed = drawn.center + cosine * (first - drawn.center) + np.sqrt(1 - cosine**2) * (noise - drawn.center)
    return Fingerprint(key, mixed.astype(np.float32), drawn)


@pytest.fixture(params=["numba", "numpy"])
def path(request, monkeypatch):
    """Both implementations, where numba is there."""
    if request.param == "numpy":
        monkeypatch.setenv("LAYERFIX_NO_NUMBA", "1")
    elif not philox.uses_numba():
        pytest.skip("numba is not installed")
    return request.param


POSITIVE = {"class_name": "RandomUniform", "config": {"minval": 0, "maxval": 1}}


@pytest.mark.parametrize(
    ("initializer", "shape"), [("glorot_uniform", (1, 16, 16)), ("he_normal", (3, 8, 16)), ("normal", (19, 11)), (POSITIVE, (15, 15))]
)
def test_the_true_op_seed_scores_best(path, initializer, shape):
    fingerprint = trained(initializer, shape, 4_012_345, 0.6)
    best = scan([fingerprint], 87654321, seeds=RANGE, top=5)["kernel"]
    assert best.op_seeds[0] == 4_012_345
    assert best.z[0] == pytest.approx(z_score(fingerprint, 87654321, 4_012_345))
    assert best.tried == len(RANGE)
    assert list(best.z) == sorted(best.z, reverse=True)


def test_kernels_of_all_streams_and_sizes_are_scanned_together(path):
    cases = [("glorot_uniform", (3, 16, 16)), ("he_normal", (40,)), ("glorot_uniform", (7, 5)), ("normal", (20, 20))]
    prints = [trained(initializer, shape, 4_000_000 + 7 * i, 0.95, key=i) for i, (initializer, shape) in enumerate(cases)]
    found = scan(prints, 87654321, seeds=range(4_000_000, 4_002_000), top=3)
    assert [int(found[i].op_seeds[0]) for i in range(4)] == [4_000_000 + 7 * i for i in range(4)]


def test_a_large_faint_kernel_is_confirmed_with_more_values_than_it_was_screened_with(path):
    fingerprint = trained("glorot_uniform", (9, 16, 32), 4_000_500, 0.15)
    best = scan([fingerprint], 87654321, seeds=range(4_000_000, 4_003_000), top=4, screen=256)["kernel"]
    assert best.op_seeds[0] == 4_000_500
    assert best.z[0] > 8


@pytest.mark.parametrize("initializer", ["glorot_uniform", "normal", "he_normal"])
def test_compiled_and_plain_scores_agree(initializer, monkeypatch):
    if not philox.uses_numba():
        pytest.skip("numba is not installed")
    prints = [trained(initializer, (n,), 4_000_001, 0.5, key=n) for n in (1, 5, 64, 99)]
    fast = table(prints, 7, seeds=range(4_000_000, 4_001_001))
    monkeypatch.setenv("LAYERFIX_NO_NUMBA", "1")
    np.testing.assert_allclose(fast, table(prints, 7, seeds=range(4_000_000, 4_001_001)), atol=2e-3)


def test_scores_are_z_of_every_op_seed(path):
    fingerprint = trained("glorot_uniform", (10, 10), 123, 0.5)
    every = scores(fingerprint, 87654321, seeds=range(100, 200))
    assert every.dtype == np.float32
    assert every[23] == pytest.approx(z_score(fingerprint, 87654321, 123), abs=1e-4)
    assert np.array_equal(every, score_seeds(fingerprint, 87654321, np.arange(100, 200)))


def test_op_seed_zero_under_graph_seed_zero_is_found(path):
    fingerprint = trained("glorot_uniform", (12, 12), 0, 0.8, graph_seed=0)
    assert scan([fingerprint], 0, seeds=range(0, 500), top=1)["kernel"].op_seeds[0] == 0


@pytest.mark.parametrize("content", [0.0, np.nan, np.inf])
def test_a_kernel_that_tells_nothing_scores_zero_everywhere(path, content):
    fingerprint = Fingerprint("k", np.full(64, content, np.float32), stream("glorot_uniform", (8, 8), "2.2.4"))
    assert not scores(fingerprint, 1, seeds=range(64)).any()


def test_progress_reaches_the_end():
    seen = []
    scan([trained("glorot_uniform", (8, 8), 5, 0.9)], 1, seeds=range(1000), top=2, progress=lambda *step: seen.append(step))
    assert seen[-1][1:] == (1000, 1000)
