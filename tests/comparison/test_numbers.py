import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layerfix.comparison.numbers import distance
from layerfix.containers.digests import equal_bits

FLOATS = arrays(np.float32, st.integers(1, 40), elements=st.floats(-100, 100, width=32))


@given(FLOATS, st.integers(1, 7))
def test_figures_do_not_depend_on_the_pieces(before, step):
    after = before[::-1].copy()
    pieces = [slice(start, start + step) for start in range(0, before.size, step)]
    found = distance([before[piece] for piece in pieces], [after[piece] for piece in pieces])
    apart = np.abs(before.astype(np.float64) - after)
    assert found.equal == equal_bits(before, after)
    assert found.largest == pytest.approx(apart.max(), rel=1e-5)
    assert found.mean == pytest.approx(apart.mean(), rel=1e-5)
    norms = np.linalg.norm(before.astype(np.float64)) * np.linalg.norm(after.astype(np.float64))
    if norms > 1e-6:
        assert found.cosine == pytest.approx(before.astype(np.float64) @ after / norms, abs=1e-5)


def test_nan_equals_itself_and_integers_are_exact():
    assert equal_bits(np.array([np.nan, 1]), np.array([np.nan, 1]))
    found = distance([np.array([2**53], np.int64)], [np.array([2**53 + 2], np.int64)])
    assert (found.equal, found.largest) == (False, 2.0)
