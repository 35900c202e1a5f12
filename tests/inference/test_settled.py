"""What becomes of each lost argument: given, inferred, at its default, or left to choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stories import fit, weight

from layerfix.containers.reader import read
from layerfix.diagnose.arguments import LostArgument
from layerfix.errors import GraphError
from layerfix.inference.answers import Answers
from layerfix.inference.exactness import Witness
from layerfix.inference.idle import without_effect
from layerfix.inference.investigation import Investigation
from layerfix.inference.records import Recovered, SettledArgument
from layerfix.inference.settled import confirmed, settled_arguments, stated
from layerfix.inference.structure import Hypothesis
from layerfix.inference.untried import untried
from layerfix.options import Options
from layerfix.progress import silent

PLACE = ("denoise_1", "filter_type")
FILTER = LostArgument("denoise_1", "Denoise", "filter_type", "mean", ("mean", "median"))
SAMPLE = read(Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5")
KERNEL = weight("kernel")
CASE = Investigation(SAMPLE, Options(), {}, (), silent)


def settled(argument: LostArgument, best: Any, *rivals: Any, answers: Answers | None = None, fits: Any = (), lacking: Any = ()) -> Any:
    told = answers or Answers()
    told = replace(told, lacking=(*told.lacking, *lacking))
    (found,) = settled_arguments([argument], best, rivals, fits or (best, *rivals), told)
    return found


def decided(value: Any, *, taken: bool = True, **more: Any) -> Answers:
    evidence = {"by": "samples: labels", "default": "mean", "candidates": ["mean", "median"], "decided": True, **more}
    return Answers(arguments={"denoise_1": {"filter_type": value}} if taken else {}, evidence={PLACE: evidence})


def test_what_the_user_gave_is_given_in_one_order() -> None:
    assert stated({"two": {"b": 1, "a": 2}, "one": {"c": 3}}) == [
        SettledArgument("one", "c", 3, "given"), SettledArgument("two", "a", 2, "given"), SettledArgument("two", "b", 1, "given"),
    ]  # fmt: skip


def test_what_samples_decide_is_inferred() -> None:
    found = settled(FILTER, fit({}, KERNEL), answers=decided("median"))
    assert (found.value, found.how, found.evidence["by"]) == ("median", "inferred", "samples: labels")


def test_decided_evidence_without_a_value_means_the_default() -> None:
    assert settled(FILTER, fit({}, KERNEL), answers=decided("median", taken=False)).value == "mean"


@pytest.mark.parametrize("where", ["explorer", "samples"])
def test_nothing_is_decided_against_a_value_that_could_not_be_judged(where: str) -> None:
    unjudged: tuple[Mapping[tuple[str, str], Any], ...] = ({PLACE: "median"},)
    answers = replace(decided("mean"), lacking=unjudged if where == "samples" else ())
    found = settled(FILTER, fit({}, KERNEL), answers=answers, lacking=unjudged if where == "explorer" else ())
    assert (found.value, found.how, found.evidence["also_possible"]) == ("mean", "ambiguous", ["median"])
    assert found.evidence["decided"] is False


def test_a_value_that_could_not_be_judged_and_was_chosen_leaves_nothing_open() -> None:
    assert settled(FILTER, fit({}, KERNEL), answers=decided("median"), lacking=[{PLACE: "median"}]).how == "inferred"


@pytest.mark.parametrize(
    ("argument", "value", "near"),
    [
        (FILTER, "median", ["mean"]),
        (LostArgument("denoise_1", "D", "filter_type", 0.5, (0.5, 0.7)), 0.5, [0.3, 0.7]),
        (LostArgument("denoise_1", "D", "filter_type", 0.5, ()), 10.0, [5.0]),
        (LostArgument("denoise_1", "D", "filter_type", None, (None, "auto", 0.5)), 0.5, [0.3, 0.75]),
    ],
)
def test_what_samples_lean_to_stays_ambiguous_with_its_neighbours(argument: LostArgument, value: Any, near: list[Any]) -> None:
    found = settled(argument, fit({}, KERNEL), answers=decided(value, decided=False))
    assert (found.value, found.how, found.evidence["also_possible"]) == (value, "ambiguous", near)


def test_a_value_that_only_the_structure_tells_is_inferred_and_says_why() -> None:
    best = fit({PLACE: "median"}, KERNEL)
    found = settled(FILTER, best)
    assert (found.value, found.how) == ("median", "inferred")
    assert "contradict the stored shapes" in found.evidence["by"]


def test_a_default_whose_rivals_were_tried_and_fell_is_inferred_and_one_that_nobody_tried_is_a_default() -> None:
    best, fallen = fit({}, KERNEL), fit({PLACE: "median"}, KERNEL)
    assert settled(FILTER, best, fits=(best, fallen)).how == "inferred"
    assert settled(FILTER, best).how == "default"


def test_a_structure_that_a_rival_gives_another_value_is_open_and_hangs_on_it() -> None:
    found = settled(FILTER, fit({}, KERNEL), fit({PLACE: "median"}, KERNEL))
    assert (found.how, found.evidence["also_possible"], found.evidence["structural"]) == ("ambiguous", ["median"], True)


def test_members_of_one_structure_that_differ_leave_it_open_without_hanging_on_it() -> None:
    from layerfix.inference.fits import Fit

    one, two = fit({}, KERNEL).members[0], fit({PLACE: "median"}, KERNEL).members[0]
    found = settled(FILTER, Fit((one, two), None))
    assert (found.how, "structural" in found.evidence) == ("ambiguous", False)


def test_evidence_that_tells_nothing_apart_leaves_the_default_open() -> None:
    answers = Answers(evidence={PLACE: {"by": "samples: labels", "decided": False}})
    found = settled(FILTER, fit({}, KERNEL), answers=answers)
    assert (found.value, found.how, found.evidence["also_possible"]) == ("mean", "ambiguous", ["median"])


def told(key: Any, *, agrees: bool) -> Recovered:
    witness = Witness("samples", True, 1e-9, "they agree") if agrees else Witness("samples", None, 1.0, "they say nothing")
    return Recovered(key, "seed", -20.0, (), {}, "", (witness,), op_seed=1)


@pytest.mark.parametrize(("agreeing", "how"), [((True, True), "inferred"), ((True, False), "ambiguous"), ((), "ambiguous")])
def test_an_argument_that_the_structure_hangs_on_is_decided_where_all_kernels_are_confirmed(agreeing: tuple[bool, ...], how: str) -> None:
    weights = [weight("a"), weight("b")][: len(agreeing)]
    open_one = SettledArgument("denoise_1", "filter_type", "mean", "ambiguous", {"structural": True})
    found = {spec.key: told(spec.key, agrees=agrees) for spec, agrees in zip(weights, agreeing, strict=True)}
    (after,) = confirmed([open_one], found, weights)
    assert after.how == how


def test_an_argument_that_nothing_hangs_on_is_not_decided_by_kernels() -> None:
    plain = SettledArgument("denoise_1", "filter_type", "mean", "ambiguous", {})
    assert confirmed([plain], {KERNEL.key: told(KERNEL.key, agrees=True)}, [KERNEL]) == (plain,)


def graph(answer: float, *hidden: Any) -> Any:
    blueprint = SimpleNamespace(hidden=hidden or (KERNEL,), draws=(), weights=(), arguments={})
    return SimpleNamespace(blueprint=blueprint, leaves={}, model=answer)


RATE = LostArgument("denoise_1", "Denoise", "rate", 0.5, (0.5,))


@pytest.mark.parametrize(
    ("made", "idle"),
    [
        ([graph(1.0), graph(1.0)], True),
        ([graph(1.0), graph(2.0)], False),
        ([GraphError("no"), graph(1.0)], True),
        ([GraphError("no"), GraphError("no")], False),
        ([graph(1.0, weight("kernel", shape=(9, 4))), graph(1.0)], False),
    ],
    ids=["the same", "another prediction", "one does not build", "none builds", "other weights"],
)
def test_an_argument_is_idle_where_every_other_value_predicts_the_very_same(
    monkeypatch: pytest.MonkeyPatch, made: list[Any], idle: bool
) -> None:
    given = iter(made)
    tried: list[Any] = []

    def rebuild(source: Any, *, layers: Any, arguments: Any) -> Any:
        tried.append(arguments["denoise_1"]["rate"])
        found = next(given)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr("layerfix.graph.rebuilt.rebuild", rebuild)
    monkeypatch.setattr("layerfix.graph.rebuilt.load_values", lambda rebuilt, values: None)
    monkeypatch.setattr("layerfix.graph.forward.random_inputs", lambda model: [np.zeros(1)])
    monkeypatch.setattr("layerfix.graph.forward.forward", lambda model, inputs: [np.array([model])])
    assert without_effect(CASE, RATE, graph(1.0), {}) is idle
    assert tried == pytest.approx([0.61 * 0.5 + 0.137, 1.37][: len(tried)])


def test_a_model_that_takes_no_made_up_inputs_tells_of_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerfix.graph.forward.random_inputs", lambda model: None)
    assert not without_effect(CASE, RATE, graph(1.0), {})


@pytest.mark.parametrize(
    ("argument", "varied", "values"),
    [
        (LostArgument("denoise_1", "D", "count", 3, (3, 4, 5)), set(), [4, 5]),
        (LostArgument("denoise_1", "D", "count", 3, (3, 4, 5)), {("denoise_1", "count")}, []),
        (LostArgument("elsewhere", "D", "count", 3, (3, 4, 5)), set(), []),
        (LostArgument("denoise_1", "D", "rate", 0.5, ()), set(), [0.61 * 0.5 + 0.137]),
    ],
    ids=["candidates", "varied already", "of a layer that hides nothing", "one other number is enough"],
)
def test_arguments_that_no_hypothesis_varied_are_varied(
    monkeypatch: pytest.MonkeyPatch, argument: LostArgument, varied: set[Any], values: list[Any]
) -> None:
    monkeypatch.setattr("layerfix.graph.rebuilt.rebuild", lambda source, *, layers, arguments: graph(0.0))
    best = Hypothesis({("other", "x"): 1}, graph(0.0))
    found = list(untried(replace(CASE, lost=(argument,)), best, varied))
    assert [each.chosen[argument.layer, argument.name] for each in found] == values
    assert all(each.chosen["other", "x"] == 1 for each in found)


def test_values_under_which_nothing_builds_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def rebuild(source: Any, *, layers: Any, arguments: Any) -> Any:
        if arguments["denoise_1"]["count"] == 4:
            raise GraphError("no")
        return graph(0.0)

    monkeypatch.setattr("layerfix.graph.rebuilt.rebuild", rebuild)
    argument = LostArgument("denoise_1", "D", "count", 3, (3, 4, 5))
    found = list(untried(replace(CASE, lost=(argument,)), Hypothesis({}, graph(0.0)), set()))
    assert [dict(each.chosen) for each in found] == [{("denoise_1", "count"): 5}]
