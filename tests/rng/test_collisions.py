import math

import pytest

from layerfix.rng.collisions import OP_SEEDS, log10_bound


def test_no_kernel_gives_no_certainty() -> None:
    assert log10_bound([], [], 1) == 0.0


def test_two_perfect_kernels_do_not_single_out_one_of_all_numpy_seeds() -> None:
    assert log10_bound([60.0, 60.0], [4000, 4000], 2**32) == pytest.approx(math.log10(2**32 / OP_SEEDS**2), abs=0.01)


def test_three_perfect_kernels_do() -> None:
    assert log10_bound([60.0] * 3, [4000] * 3, 2**32 * 16) < -9


def test_faint_kernels_add_up() -> None:
    one, many = log10_bound([4.0], [4000], 1e5), log10_bound([4.0] * 8, [4000] * 8, 1e5)
    assert one == 0.0
    assert many < -15


def test_kernels_that_remember_nothing_give_no_certainty() -> None:
    assert log10_bound([0.3, -0.8, 1.1], [900, 900, 900], 1000) == 0.0


def test_more_kernels_than_subsets_can_be_counted_take_the_largest() -> None:
    assert log10_bound([9.0] * 40, [10 * i for i in range(40)], 1e6) < -30
