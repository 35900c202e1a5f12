"""What is asked about lost layers, when a candidate is believed, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stories import weight

from layerfix.containers.reader import read
from layerfix.diagnose.arguments import LostArgument
from layerfix.errors import GraphError, HostileError, LackError
from layerfix.inference.answers import Answers
from layerfix.inference.by_samples import NUMBERS, answer, questions
from layerfix.inference.entries import EXTRAPOLATED, PROVEN, flat, named, with_evidence, with_kernel, without_kernel
from layerfix.inference.inquiry import COMBINATIONS, Inquiry, Question, combinations, deciding, rebuilt_under
from layerfix.inference.records import Recovered
from layerfix.inference.together import with_arguments
from layerfix.inference.verdicts import Decision, Judged, Outcome, Trial, believed, is_clear, why_open
from layerfix.options import Options
from layerfix.progress import silent

SAMPLE = read(Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5")
KERNEL, BIAS = weight("kernel"), weight("bias", shape=(4,), initializer={"class_name": "Zeros", "config": {}})


def lost(layer: str, name: str, *candidates: Any, required: bool = False, default: Any = None) -> LostArgument:
    value = None if required else (candidates[0] if candidates else default)
    return LostArgument(layer, "Head", name, value, candidates, required)


def base(*hidden: Any, layers: tuple[str, ...] = ("denoise_1",)) -> Any:
    blueprint = SimpleNamespace(hidden=hidden or (KERNEL, BIAS), draws=(), weights=(), arguments={})
    return SimpleNamespace(blueprint=blueprint, leaves=dict.fromkeys(layers), variables={}, model=None)


def inquiry(**more: Any) -> Inquiry:
    told: dict[str, Any] = {
        "source": SAMPLE, "options": Options(), "given": {}, "base": base(), "known": {}, "samples": None, "graph_seed": 7,
        "progress": silent,
    }  # fmt: skip
    return Inquiry(**{**told, **more})


def trial(**arguments: Any) -> Trial:
    return Trial(base(), "denoise_1", arguments, (), frozenset())


def outcome(*judged: tuple[float, float], kind: Any = "labels", arguments: tuple[Mapping[str, Any], ...] = (), **more: Any) -> Outcome:
    """From (searched, held out), best first; each of a trial of its own."""
    ranking = [
        Judged(trial(**(arguments[place] if arguments else {"a": place})), place, searched, held, searched)
        for place, (searched, held) in enumerate(judged)
    ]
    return Outcome(tuple(ranking), kind, by_trial=tuple(searched for searched, _ in judged), **more)


def test_all_sets_of_few_arguments_are_tried_the_defaults_first() -> None:
    asked = [Question("one", (lost("one", "a", 1, 2), lost("one", "b", "x", "y")), ()), Question("two", (), (KERNEL,))]
    assert combinations(asked) == [
        {"one": {"a": 1, "b": "x"}, "two": {}},
        {"one": {"a": 1, "b": "y"}, "two": {}},
        {"one": {"a": 2, "b": "x"}, "two": {}},
        {"one": {"a": 2, "b": "y"}, "two": {}},
    ]
    assert combinations([Question("two", (), (KERNEL,))]) == [{"two": {}}]


def test_of_many_arguments_one_is_changed_at_a_time_the_likeliest_first() -> None:
    asked = [Question("one", tuple(lost("one", name, 0, 1, 2) for name in "abc"), ())]
    found = combinations(asked)
    assert len(found) == 7
    assert found[0] == {"one": {"a": 0, "b": 0, "c": 0}}
    assert [next(name for name, value in each["one"].items() if value) for each in found[1:]] == ["a", "b", "c", "a", "b", "c"]
    assert [max(each["one"].values()) for each in found[1:]] == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("layers", [20, 64, 200])
def test_however_many_arguments_there_are_few_sets_are_tried(layers: int) -> None:
    """Four to the 64th power is zero in 64 bits."""
    asked = [Question(f"l{number}", (lost(f"l{number}", "a", 0, 1), lost(f"l{number}", "b", 0, 1)), ()) for number in range(layers)]
    assert len(combinations(asked)) == COMBINATIONS


def test_a_required_argument_has_no_default_to_fall_back_on() -> None:
    many = tuple(lost("one", name, 0, 1, 2) for name in "abc")
    found = combinations([Question("one", (lost("one", "units", 4, 8, required=True), *many), ())])
    assert "units" not in found[0]["one"]
    assert found[1]["one"]["units"] == 8


@pytest.mark.parametrize(
    ("judged", "kind", "clear"),
    [
        (((1.0, 1.0), (1.6, 1.6)), "labels", True),
        (((1.0, 1.0), (1.4, 1.6)), "labels", False),
        (((1.0, 1.0), (1.6, 1.4)), "labels", False),
        (((1.0, 2.0), (1.6, 1.0)), "labels", False),
        (((1.0, 1.0), (4.5, 4.5)), "statistics", True),
        (((1.0, 1.0), (3.5, 4.5)), "statistics", False),
        (((2.5, 2.5), (50.0, 50.0)), "statistics", False),
        (((1e-5, 1e-5), (2e-3, 2e-3)), "predictions", True),
        (((1e-3, 1e-3), (1.0, 1.0)), "predictions", False),
        (((0.05, 0.05), (0.6, 0.6)), "magnitudes", True),
        (((0.07, 0.07), (0.9, 0.9)), "magnitudes", False),
        (((9.0, 9.0),), "labels", True),
    ],
)
def test_arguments_are_clear_where_all_others_explain_both_halves_worse(judged: Any, kind: str, clear: bool) -> None:
    assert is_clear(outcome(*judged, kind=kind)) is clear


@pytest.mark.parametrize(
    ("decision", "searched", "used"),
    [
        (Decision(-3.0, 0.0, 0, 40), 1.0, True),
        (Decision(-3.0, 0.0, 2, 40), 1.0, True),
        (Decision(-3.0, 0.0, 3, 40), 1.0, False),
        (Decision(-1.9, 0.0, 0, 40), 1.0, False),
        (Decision(0.0, -8.0, 0, 40), 1.0, True),
        (Decision(-9.0, -9.0, 0, 40), 2.5, False),
    ],
)
def test_a_kernel_is_used_where_chance_the_other_half_and_its_fit_speak_for_it(decision: Decision, searched: float, used: bool) -> None:
    assert believed(outcome((searched, 0.0), (9.0, 9.0), kind="statistics"), decision) is used


@pytest.mark.parametrize(
    ("decision", "searched", "why"),
    [
        (Decision(-9.0, 0.0, 0, 40), 3.0, "no candidate explains the samples: they may be of another data set, or scaled otherwise"),
        (Decision(-9.0, 0.0, 30, 40), 1.0, "the held-out half of the samples prefers 30 other candidates"),
        (Decision(-1.25, -0.5, 0, 40), 1.0, "the best candidate is not far enough ahead (chance of a false winner 1e-1.2)"),
    ],
)
def test_why_a_kernel_stays_open_is_told(decision: Decision, searched: float, why: str) -> None:
    assert why_open(outcome((searched, 1.0), kind="statistics"), decision) == why


def test_arguments_are_named_in_one_order() -> None:
    assert named({"b": "x", "a": 1}) == "a=1, b='x'"
    assert named({}) == "defaults"
    assert flat({"two": {}, "one": {"a": 1}}) == "one: a=1; two: defaults"


def test_what_each_set_of_arguments_explains_is_noted_for_each_argument() -> None:
    question = Question("denoise_1", (lost("denoise_1", "a", 1, 2), lost("denoise_1", "b", "x")), ())
    found = outcome((0.5, 0.5), (1.0, 1.0), (2.0, 2.0), arguments=({"a": 2}, {"a": 1}, {"a": 2}))
    answers = with_evidence(Answers(), question, found, clear=False)
    assert answers.evidence["denoise_1", "a"] == {
        "default": 1, "candidates": [1, 2], "by": "samples: labels", "badness": {"a=2": 0.5, "a=1": 1.0}, "decided": False,
    }  # fmt: skip
    assert answers.evidence["denoise_1", "b"]["candidates"] == ["x"]


@pytest.mark.parametrize(
    ("decision", "agrees", "bound", "kind"),
    [
        (Decision(-3.0, -9.0, 5, 40), True, -9.0, PROVEN),
        (Decision(-8.0, -1.0, 0, 40), True, -8.0, EXTRAPOLATED),
        (Decision(-8.0, -1.0, 1, 40), None, -5.0, EXTRAPOLATED),
        (Decision(-3.0, -1.0, 0, 40), None, -3.0, EXTRAPOLATED),
    ],
)
def test_a_kernel_found_by_samples_is_vouched_for_only_by_a_bound_or_by_both_halves(
    decision: Decision, agrees: bool | None, bound: float, kind: str
) -> None:
    answers = with_kernel(Answers(), inquiry(), KERNEL, outcome((0.5, 0.5), (1.0, 1.0)), decision)
    found = answers.recovered[KERNEL.key]
    assert (found.witnesses[0].agrees, found.log10_bound, found.evidence["bound_is"]) == (agrees, bound, kind)
    assert (found.op_seed, found.graph_seed, found.evidence["samples"]) == (0, 7, 0)


def test_a_kernel_that_is_not_clear_is_left_with_its_reason() -> None:
    answers = without_kernel(Answers(), inquiry(), KERNEL, outcome((0.5, 0.5), (0.6, 0.6)), Decision(-1.0, 0.0, 0, 40))
    assert answers.recovered == {}
    assert answers.unrecovered[KERNEL.key].startswith("samples do not decide it: the best candidate is not far enough ahead")


def pretend(monkeypatch: pytest.MonkeyPatch, made: Any) -> list[Any]:
    """`rebuild` gives `made`, or what it makes of the arguments; returns what was loaded into graphs."""
    loaded: list[Any] = []

    def rebuild(source: Any, *, layers: Any, arguments: Any) -> Any:
        found = made(arguments) if callable(made) else made
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr("layerfix.graph.rebuilt.rebuild", rebuild)
    monkeypatch.setattr("layerfix.graph.rebuilt.load_values", lambda rebuilt, values: loaded.append(dict(values)))
    return loaded


def test_a_graph_is_built_under_what_is_given_decided_and_tried_and_holds_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    made = base()
    loaded = pretend(monkeypatch, lambda arguments: seen.append(arguments) or made)  # type: ignore[func-returns-value]
    answers = Answers(arguments={"one": {"a": 2, "b": 3}}).finding(Recovered(BIAS.key, "constant", -300.0, (), {}, "zeros"))
    asking = inquiry(given={"one": {"a": 1, "d": 9}}, known={KERNEL.key: np.ones((3, 4))})
    assert rebuilt_under(asking, answers, {"one": {"b": 4, "c": 5}}) is made
    assert seen == [{"one": {"a": 2, "d": 9, "b": 4, "c": 5}}]
    assert [sorted(values) for values in loaded] == [[KERNEL.key], [BIAS.key]]
    np.testing.assert_array_equal(loaded[1][BIAS.key], np.zeros(4))


def test_a_graph_that_does_not_build_or_loses_other_weights_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for made in (GraphError("does not fit."), HostileError("too large."), base(weight("kernel", shape=(5, 4)))):
        pretend(monkeypatch, made)
        asking = inquiry()
        assert rebuilt_under(asking, Answers(), {"one": {"a": 1}}) is None
        assert asking.graphs.lacking == []


def test_arguments_that_our_keras_cannot_judge_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, LackError("legacy source uses keras.backend.unheard, which layerfix's legacy Keras does not have."))
    asking = inquiry()
    assert rebuilt_under(asking, Answers(), {"one": {"a": 1, "b": 2}}) is None
    assert asking.graphs.lacking == [{("one", "a"): 1, ("one", "b"): 2}]
    assert answer(asking, []).lacking == ({("one", "a"): 1, ("one", "b"): 2},)


def test_the_graph_stands_under_what_was_decided_where_that_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(rebuilt=base())
    made = base()
    pretend(monkeypatch, GraphError("does not fit."))
    stays = deciding(inquiry(), answers, "one", {"a": 1})
    assert stays.rebuilt is answers.rebuilt
    pretend(monkeypatch, made)
    moved = deciding(inquiry(), stays, "one", {"b": 2})
    assert (moved.rebuilt, moved.arguments) == (made, {"one": {"a": 1, "b": 2}})
    assert answers.arguments == {}, "what was answered before stays as it was"


def test_questions_are_asked_in_the_order_of_the_graph_about_what_is_open() -> None:
    kernels = [weight("kernel", layer) for layer in ("first", "second", "third")]
    graph = base(*kernels, layers=("third", "first", "second"))
    asking = inquiry(base=graph, known={kernels[1].key: np.zeros((3, 4))})
    found = questions(asking, [lost("second", "a", 1, 2), lost("first", "alone", 1)])
    assert [(question.layer, [one.name for one in question.arguments], len(question.unknown)) for question in found] == [
        ("third", [], 1), ("first", [], 1), ("second", ["a"], 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("argument", "given", "candidates"),
    [
        (lost("one", "factor", default=0.5), True, (0.5, *(number for number in NUMBERS if number != 0.5))),
        (lost("one", "factor", default=0.5), False, None),
        (lost("one", "factor", 0.5, 0.7), True, (0.5, 0.7)),
        (lost("one", "count", default=3), True, None),
    ],
)
def test_samples_are_asked_for_a_lost_factor_too(argument: LostArgument, given: bool, candidates: tuple[float, ...] | None) -> None:
    samples: Any = object() if given else None
    asking = inquiry(base=base(weight("kernel", "one"), layers=("one",)), known={("one", "one/kernel:0"): np.zeros(1)}, samples=samples)
    found = questions(asking, [argument])
    assert (found[0].arguments[0].candidates if found else None) == candidates


def answered(monkeypatch: pytest.MonkeyPatch, *outcomes: Any, **more: Any) -> Answers:
    """What is answered about two layers with a kernel each, where judgement after judgement gives `outcomes`."""
    kernels = [weight("kernel", layer) for layer in ("first", "second")]
    graph = base(*kernels, layers=("first", "second"))
    given = iter(outcomes)

    def judge(trials: Any) -> Any:
        found = next(given)
        if isinstance(found, BaseException):
            raise found
        return found

    pretend(monkeypatch, graph)
    monkeypatch.setattr("layerfix.inference.by_samples.by_statistics", lambda inquiry, answers, asked: iter(()))
    monkeypatch.setattr("layerfix.inference.by_samples.judge_without_samples", judge)
    asking = inquiry(base=graph, **more)
    return answer(asking, questions(asking, []))


SURE = Outcome(
    (Judged(trial(), 5, 1e-9, 0.0, 1e-9, 12.0), *(Judged(trial(), 9, 1.0 + n / 9, 1.0, 1.0 + n / 9) for n in range(30))), "labels"
)


def test_behind_a_layer_that_stays_open_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answered(monkeypatch, Outcome(why="no samples were given"))
    assert found.unrecovered == {
        ("first", "first/kernel:0"): "no samples were given",
        ("second", "second/kernel:0"): "first, on which it depends, stayed undecided",
    }


def test_layers_are_answered_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answered(monkeypatch, SURE, Outcome(why="nothing shows it"))
    assert found.recovered["first", "first/kernel:0"].op_seed == 5
    assert found.unrecovered == {("second", "second/kernel:0"): "nothing shows it"}
    assert not found.ended


def test_what_was_found_before_a_search_was_ended_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from layerfix.searching import SearchEnded

    found = answered(monkeypatch, SURE, SearchEnded())
    assert found.ended
    assert list(found.recovered) == [("first", "first/kernel:0")]
    assert found.unrecovered == {("second", "second/kernel:0"): "the search for it was ended before it was through"}


def test_a_layer_that_builds_under_none_of_its_arguments_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = weight("kernel", "first")
    graph = base(kernel, layers=("first",))
    monkeypatch.setattr("layerfix.inference.by_samples.by_statistics", lambda inquiry, answers, asked: iter(()))
    pretend(monkeypatch, GraphError("does not fit."))
    asking = inquiry(base=graph)
    assert answer(asking, questions(asking, [])).unrecovered == {kernel.key: "the graph builds under none of its arguments"}


def test_arguments_of_several_layers_do_not_undo_what_was_decided_of_them_before(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    pretend(monkeypatch, lambda arguments: seen.append(arguments) or base())  # type: ignore[func-returns-value]
    asked = [Question("one", (lost("one", "b", 1, 2),), ()), Question("two", (lost("two", "c", 3, 4),), ())]

    def second_is_best(trials: Any) -> Outcome:
        ranked = [Judged(trials[place], None, value, value, value) for place, value in ((3, 1e-9), (0, 1.0), (1, 2.0), (2, 3.0))]
        return Outcome(tuple(ranked), "labels")

    found = with_arguments(inquiry(), Answers(arguments={"one": {"a": 7}}), asked, second_is_best)
    assert found.arguments == {"one": {"a": 7, "b": 2}, "two": {"c": 4}}
    assert seen[-1] == found.arguments
    assert found.evidence["two", "c"]["by"] == "samples: labels, all layers together"
