import numpy as np
import pytest

from layerfix.rng.numpy_stream import Cursor, NumpyStream, table


@pytest.mark.parametrize("seed", [0, 42, 3735928559])
def test_follows_numpy_through_integers_and_normal_variates(seed: int) -> None:
    stream, state, cursor = NumpyStream(seed, words=8), np.random.RandomState(seed), Cursor(0)
    for count in (3, 1, 432, 7, 0, 6, 576, 1, 1):
        for _ in range(3):
            value, _, cursor = stream.randint(cursor)
            assert value == state.randint(10e6)
        simulated = stream.normal(cursor, (count,)) if count else np.empty(0)
        assert np.array_equal(simulated, state.normal(0, 1, count))
        cursor = stream.after_normal(cursor, count)
        assert (cursor.cached is not None) == bool(state.get_state()[3])


def test_finds_the_words_that_give_an_op_seed() -> None:
    stream, state = NumpyStream(7, words=2000), np.random.RandomState(7)
    drawn = [int(state.randint(10e6)) for _ in range(20)]
    found = stream.positions(table([drawn[4], drawn[11]]))
    assert [value for _, value in found] == [drawn[4], drawn[11]]
    assert stream.accepted_between(found[0][0], found[1][0]) == 7
    assert stream.back(found[1][0], 7) == found[0][0]
    assert stream.back(found[0][0], 1000) is None


def test_random_variables_draw_from_a_wider_range() -> None:
    state = np.random.RandomState(77)
    drawn = [int(state.randint(n)) for n in (10_000_000, 1_000_000_000, 10_000_000)]
    stream, cursor, found = NumpyStream(77), Cursor(0), []
    for wide in (False, True, False):
        value, _, cursor = stream.randint(cursor, wide=wide)
        found.append(value)
    assert found == drawn
