"""What makes a value exact, recovered, likely or withdrawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layerfix.blueprint import WeightSpec
from layerfix.inference.contest import SIZES, Contest
from layerfix.inference.exactness import EXCLUDES, Doubt, Witness, standing
from layerfix.inference.records import Recovered
from layerfix.inference.witnesses import in_company

SESSION = Doubt("session", True, "one run of the script", "one-session")
BY_NAME = Doubt("class", True, "taken by its name", "class-by-name")
ORDER = Doubt("order", True, "another order fits")
NONE = Doubt("training", False, "nothing trained it")


def witness(agrees: bool | None, bound: float = 1e-4, kind: str = "samples") -> Witness:
    return Witness(kind, agrees, bound, "told")  # type: ignore[arg-type]


def test_a_bound_alone_leaves_a_value_recovered_on_its_condition() -> None:
    found = standing(-20.0, (NONE, SESSION), ())
    assert (found.word, found.condition) == ("recovered", "one-session")
    assert found.why == "one run of the script"


def test_a_bound_with_a_witness_that_agrees_is_exact_and_says_what_excluded_the_doubt() -> None:
    found = standing(-20.0, (NONE, SESSION), (witness(True),))
    assert found.word == "exact"
    assert [(doubt.stands, doubt.told) for doubt in found.doubts] == [
        (False, "nothing trained it"),
        (False, "told"),
    ]


def test_a_value_without_doubts_needs_no_witness() -> None:
    assert standing(-20.0, (NONE,), ()).word == "exact"


@pytest.mark.parametrize("agrees", [None, True])
def test_a_witness_without_power_changes_nothing(agrees: bool | None) -> None:
    told = standing(-20.0, (SESSION,), (witness(agrees, bound=0.1),))
    assert told.word == "recovered"


def test_a_witness_that_disagrees_withdraws_the_claim_whatever_the_bound() -> None:
    assert standing(-300.0, (), (witness(True), witness(False))).word == "withdrawn"


def test_a_doubt_that_no_user_can_vouch_for_leaves_a_value_likely() -> None:
    found = standing(-20.0, (SESSION, ORDER), ())
    assert (found.word, found.condition, found.why) == ("likely", None, "another order fits")


def test_the_harder_condition_is_the_one_that_is_named() -> None:
    assert standing(-20.0, (SESSION, BY_NAME), ()).condition == "class-by-name"


def test_without_a_bound_only_a_witness_of_its_own_power_makes_a_value_exact() -> None:
    assert standing(-2.0, (), ()).word == "likely"
    assert standing(-2.0, (SESSION,), (witness(True, 1e-4),)).word == "likely"
    assert standing(-2.0, (SESSION,), (witness(True, 1e-8),)).word == "exact"


def test_what_an_update_moved_no_sample_confirms_and_recorded_predictions_do() -> None:
    moved = Doubt("updates", True, "its class updates it")
    assert standing(-20.0, (moved,), (witness(True, 1e-9),)).word == "likely"
    assert standing(-20.0, (moved,), (witness(True, 0.0, "predictions"),)).word == "exact"
    assert "updates" not in EXCLUDES["statistics"] | EXCLUDES["samples"]


def test_a_constant_stands_with_the_kernels_of_its_layer_but_for_doubts_of_its_own() -> None:
    moved = Doubt("updates", True, "its class updates it")
    specs = [WeightSpec("a", name, "a", name, (2,), "float32", None, True, True) for name in ("kernel:0", "bias:0", "mean:0")]
    kernel, bias, mean = (spec.key for spec in specs)
    found = {
        kernel: Recovered(kernel, "seed", -20.0, (SESSION,), {}, "", (witness(True, kind="predictions"),)),
        bias: Recovered(bias, "constant", -300.0, (SESSION,), {}, ""),
        mean: Recovered(mean, "constant", -300.0, (SESSION, moved), {}, ""),
    }
    told = in_company(found, specs)
    assert [told[key].standing.word for key in (kernel, bias, mean)] == ["exact", "exact", "likely"]


def contest(lift: float, lead: float) -> Contest:
    """A kernel that is ahead of 200 rivals by so much."""
    rivals = 0.5 + 1e-9 * np.random.default_rng(0).normal(size=(2, 200))
    own = np.full((2, 1 + len(SIZES)), 0.5 - lead)
    return Contest(np.hstack([own, rivals]), 2.0, np.array([lift, lift]))


@pytest.mark.parametrize(("lift", "lead", "contradicted"), [(1e-8, -1e-7, False), (0.3, 0.0, True), (0.3, 0.3, False)])
def test_samples_contradict_a_kernel_that_lacks_its_lead_and_none_that_has_no_say(lift: float, lead: float, contradicted: bool) -> None:
    assert contest(lift, lead).contradicted is contradicted


def test_a_seed_and_a_witness_share_the_burden_where_their_evidence_is_independent() -> None:
    assert standing(-4.0, (SESSION,), (witness(True, 1e-4),), independent=True).word == "exact"
    assert standing(-4.0, (SESSION,), (witness(True, 1e-4),)).word == "likely"
    assert standing(-4.0, (SESSION,), (), independent=True).word == "likely"


def test_what_behaviour_chose_among_many_values_needs_as_much_more_of_its_agreement() -> None:
    key = ("a", "kernel:0")
    found = Recovered(key, "seed", -20.0, (SESSION, ORDER), {}, "", (witness(True, 1e-4),), numpy_seed=42)
    assert found.exact
    assert not replace(found, chosen_among=100.0).exact
    assert replace(found, chosen_among=100.0, witnesses=(witness(True, 1e-6),)).exact


def test_a_pattern_without_its_size_confirms_no_value_of_the_class() -> None:
    blind = replace(witness(True, 1e-9), blind=frozenset({"class", "arguments"}))
    edited = Doubt("class", True, "the class may have been edited", "one-session")
    found = Recovered(("a", "kernel:0"), "seed", -20.0, (SESSION, edited), {}, "", (blind,), numpy_seed=42)
    assert found.standing.word == "recovered"
    assert found.confirmed is None


@pytest.mark.parametrize(("better", "fits"), [(None, True), (0, False), (2, False)])
def test_a_kernel_fits_where_no_other_size_of_it_explains_the_samples_better(better: int | None, fits: bool) -> None:
    badness = np.full((2, 1 + len(SIZES)), 0.4)
    badness[:, 0] = 0.1
    if better is not None:
        badness[:, 1 + better] = 0.05
    assert Contest(badness, 2.0).fits is fits
    assert not Contest(badness, 0.05).fits
