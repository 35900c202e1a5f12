"""Which of several structures to believe, and which weights hang on the choice."""

from __future__ import annotations

import numpy as np
import pytest
from stories import aligned, fit, hypothesis, placed, reading, weight

from layerfix.blueprint import WeightSpec
from layerfix.inference.fits import UNFILLED, Fit, choose, gives_others, outgrown_weights, shaky_weights
from layerfix.rng.alignments import Gap

KERNEL, BIAS = weight("kernel"), weight("bias", shape=(4,))
TRACKED = weight("kernel", "conv_1", hidden=False)
WHOLE = reading(aligned(placed(TRACKED, 0, 11, 9.0)))
UNKNOWN = Gap("conv_1", 3, 1)
"""Three draws where one is explained: something else may have drawn."""
TOO_FEW = Gap("conv_1", 1, 3)


def test_a_structure_that_explains_every_draw_is_believed_before_one_that_does_not() -> None:
    whole = fit({("a", "width"): 2}, KERNEL, read=WHOLE)
    broken = fit({}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 11, 30.0), gaps=[TOO_FEW])))
    assert choose([broken, whole]) == (whole, ())


def test_among_those_that_explain_the_one_that_kernels_remember_best_is_believed() -> None:
    strong, weak = (
        fit({}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 11, 9.0)))),
        fit({("a", "width"): 2}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 12, 1.0)))),
    )
    best, rivals = choose([weak, strong])
    assert best is strong
    assert rivals == ()


def test_one_that_differs_by_what_chance_does_stays_a_rival() -> None:
    one = fit({}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 11, 1.5))))
    other = fit({("a", "width"): 2}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 12, 1.0))))
    assert choose([one, other]) == (one, (other,))


def test_the_start_of_the_stream_is_worth_more_than_a_little_memory() -> None:
    first = fit({}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 11, 1.0))))
    later = fit({("a", "width"): 2}, KERNEL, read=reading(aligned(placed(TRACKED, 6, 12, 2.0), from_start=False)))
    assert choose([later, first])[0] is first


def test_a_structure_with_an_automatic_number_that_no_layer_has_is_out() -> None:
    def numbered(*numbers: int) -> Fit:
        others = [weight("kernel", f"conv_{number}", hidden=False) for number in numbers]
        return Fit((hypothesis({("a", "depth"): len(numbers)}, KERNEL, others=others),), WHOLE)

    whole, gap = numbered(1, 2, 3), numbered(1, 3)
    assert (whole.unfilled, gap.unfilled) == (0, 1)
    assert whole.support - gap.support == UNFILLED
    assert choose([gap, whole]) == (whole, ())


def test_draws_that_something_else_may_have_made_leave_the_plainer_structure_open() -> None:
    best = fit({("a", "depth"): 3}, KERNEL, read=WHOLE)
    plain = fit({}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 11, 9.0), gaps=[UNKNOWN])))
    short = fit({}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 11, 9.0), gaps=[TOO_FEW])))
    assert choose([best, plain])[1] == (plain,)
    assert choose([best, short])[1] == ()


def test_without_any_that_explains_all_the_fewest_gaps_come_first_and_all_others_stay_open() -> None:
    two = fit({}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 11, 9.0), gaps=[UNKNOWN, TOO_FEW])))
    one = fit({("a", "width"): 2}, KERNEL, read=reading(aligned(placed(TRACKED, 0, 11, 1.0), gaps=[TOO_FEW])))
    none = fit({("a", "width"): 3}, KERNEL)
    assert choose([two, one, none]) == (one, (two, none))


@pytest.mark.parametrize(
    ("other", "shaky", "outgrown"),
    [
        ([KERNEL, BIAS], set(), set()),
        ([weight("kernel", shape=(3, 5)), BIAS], {"kernel"}, set()),
        ([weight("kernel", initializer={"class_name": "HeNormal", "config": {}}), BIAS], {"kernel"}, set()),
        ([KERNEL], set(), {"kernel", "bias"}),
        ([KERNEL, BIAS, weight("gamma", shape=(4,))], set(), {"kernel", "bias"}),
        ([KERNEL, BIAS, weight("kernel", "other_1")], set(), set()),
    ],
    ids=["the same", "another shape", "another stream", "one missing", "one more", "one more elsewhere"],
)
def test_weights_that_another_structure_makes_otherwise_are_told_from_those_that_it_puts_beside_others(
    other: list[WeightSpec], shaky: set[str], outgrown: set[str]
) -> None:
    for found, expected in (
        (shaky_weights([KERNEL, BIAS], [fit({}, *other)]), shaky),
        (outgrown_weights([KERNEL, BIAS], [fit({}, *other)]), outgrown),
    ):
        assert {name.split("/")[1].removesuffix(":0") for _, name in found} == expected
    assert gives_others(fit({}, *other), fit({}, KERNEL, BIAS)) is bool(shaky | outgrown)


def test_a_stated_value_that_differs_is_another_weight() -> None:
    ours, theirs = weight("table", value=np.arange(12.0)), weight("table", value=np.arange(12.0) + 1)
    assert gives_others(fit({}, theirs), fit({}, ours))
    assert not gives_others(fit({}, weight("table", value=np.arange(12.0))), fit({}, ours))
