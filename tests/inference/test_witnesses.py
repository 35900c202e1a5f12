"""Who is heard of which value, whose agreement covers what stands beside it, and which structure is believed by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from stories import aligned, fit, placed, reading, weight

from layerfix.blueprint import WeightSpec
from layerfix.containers.reader import read
from layerfix.containers.samples import Samples
from layerfix.inference import conclusion
from layerfix.inference.behaviour import _verdict, by_predictions, by_samples
from layerfix.inference.conclusion import _Conclusion, conclude
from layerfix.inference.contest import RIVALS, SIZES, Contest, contestants
from layerfix.inference.exactness import Doubt, Witness
from layerfix.inference.hearing import Hearing
from layerfix.inference.records import Inference, Recovered
from layerfix.inference.settle import _asks_for_evidence, _readable_but_unexplained
from layerfix.inference.values import value_of
from layerfix.inference.witnesses import ITS_OWN, beside_withdrawn, heard, in_company
from layerfix.options import Options
from layerfix.progress import silent
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import stream
from layerfix.rng.numpy_stream import Cursor
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

SAMPLE = read(Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5")
KERNEL, OTHER, BIAS = weight("kernel"), weight("other"), weight("bias", initializer={"class_name": "Zeros", "config": {}})
AGREES, SILENT = Witness("samples", True, 1e-9, "they agree"), Witness("samples", None, 1.0, "they say nothing")
CLASS = Doubt("class", True, "the class as given", "one-session")


def told(spec: WeightSpec, *witnesses: Witness, kind: Any = "seed", bound: float = -12.0, doubts: Any = (CLASS,), **more: Any) -> Recovered:
    return Recovered(spec.key, kind, bound, doubts, {}, "", witnesses, op_seed=1, **more)


def test_a_choice_among_many_makes_an_agreement_count_as_many_times_less() -> None:
    among = told(KERNEL, AGREES, chosen_among=1e7)
    assert [witness.bound for witness in among.heard] == pytest.approx([1e-2])
    assert among.confirmed is None
    assert told(KERNEL, AGREES).confirmed == AGREES
    assert told(KERNEL, AGREES, chosen_among=1e30).heard[0].bound == 1.0


def test_what_a_run_drew_beside_a_contradicted_value_nobody_can_vouch_for() -> None:
    first, second, constant = told(KERNEL), told(OTHER, AGREES), told(BIAS, kind="constant")
    assert first.standing.word == "recovered"
    left = beside_withdrawn({each.key: each for each in (first, second, constant)}, [("denoise_1", "denoise_1/third:0")])
    assert {key: found.standing.word for key, found in left.items()} == {
        KERNEL.key: "likely", OTHER.key: "exact", BIAS.key: "recovered",
    }  # fmt: skip
    assert "denoise_1/third:0" in left[KERNEL.key].standing.why


def test_only_a_witness_that_tells_the_class_confirms() -> None:
    blind = Witness("statistics", True, 1e-9, "", frozenset({"class"}))
    assert told(KERNEL, blind).confirmed is None
    assert told(KERNEL, blind, AGREES).confirmed == AGREES


def test_a_numpy_seed_and_a_witness_multiply_and_an_op_seed_found_by_the_witness_does_not() -> None:
    weak = Witness("samples", True, 5e-4, "")
    assert told(KERNEL, weak, bound=-4.0, numpy_seed=42).standing.word == "exact"
    assert told(KERNEL, weak, bound=-4.0).standing.word == "likely"
    assert told(KERNEL, AGREES, bound=-12.0).exact


def test_constants_stand_with_the_kernels_of_their_layer() -> None:
    found = {KERNEL.key: told(KERNEL, AGREES), BIAS.key: told(BIAS, kind="constant", bound=-300.0)}
    company = in_company(found, [KERNEL, BIAS])
    (witness,) = company[BIAS.key].witnesses
    assert (witness.told, witness.blind) == ("they agree", ITS_OWN)
    assert company[KERNEL.key] is found[KERNEL.key]


@pytest.mark.parametrize(
    ("kernels", "idle", "in_company_of"),
    [
        ({"kernel": AGREES, "other": AGREES}, (), True),
        ({"kernel": AGREES, "other": SILENT}, (), False),
        ({"kernel": AGREES, "other": SILENT}, ("other",), True),
        ({"kernel": AGREES}, (), False),
        ({}, (), False),
    ],
    ids=["all agree", "one is silent", "the silent one has no say", "one is not found", "none"],
)
def test_a_constant_needs_every_kernel_that_has_a_say(kernels: dict[str, Witness], idle: Sequence[str], in_company_of: bool) -> None:
    specs = {"kernel": KERNEL, "other": OTHER}
    found = {specs[name].key: told(specs[name], witness) for name, witness in kernels.items()}
    found[BIAS.key] = told(BIAS, kind="constant")
    company = in_company(found, [KERNEL, OTHER, BIAS], [specs[name].key for name in idle])
    assert bool(company[BIAS.key].witnesses) is in_company_of


def test_the_weakest_of_a_layer_s_witnesses_vouches_for_what_stands_beside_it() -> None:
    weak = Witness("statistics", True, 1e-4, "weak")
    found = {KERNEL.key: told(KERNEL, AGREES), OTHER.key: told(OTHER, weak), BIAS.key: told(BIAS, kind="constant")}
    assert in_company(found, [KERNEL, OTHER, BIAS])[BIAS.key].witnesses[0].told == "weak"


def hearing(**more: Any) -> Hearing:
    rebuilt: Any = SimpleNamespace(blueprint=SimpleNamespace(hidden=(KERNEL, BIAS)), model=None, leaves={"denoise_1": None})
    given: dict[str, Any] = {"source": SAMPLE, "rebuilt": rebuilt, "claimed": {}, "open": frozenset(), "unsettled": frozenset()}
    return Hearing(**{**given, "samples": None, "graph_seed": 7, "progress": silent, **more})


def test_every_witness_is_asked_once_and_keeps_silent_about_what_it_does_not_know() -> None:
    asked: list[str] = []

    def one(about: Hearing) -> Any:
        asked.append("one")
        return {KERNEL.key: AGREES}

    def two(about: Hearing) -> Any:
        asked.append("two")
        return {KERNEL.key: SILENT, ("elsewhere", "kernel"): AGREES}

    assert heard(hearing(), (one, two)) == {KERNEL.key: (AGREES, SILENT), BIAS.key: ()}
    assert asked == ["one", "two"]


def test_layers_that_their_class_moves_are_told() -> None:
    moved = weight("mean", "moving_1", moved=True)
    rebuilt: Any = SimpleNamespace(blueprint=SimpleNamespace(hidden=(KERNEL, moved)))
    assert hearing(rebuilt=rebuilt).moved == {"moving_1"}


def test_predictions_speak_only_where_some_were_recorded_and_samples_where_there_are_enough() -> None:
    few = Samples((np.zeros((3, 4), "float32"),), np.zeros(3, int))
    assert by_predictions(hearing()) == {}
    assert by_predictions(hearing(samples=few)) == {}
    assert by_samples(hearing()) == {}
    assert by_samples(hearing(samples=few)) == {}


@pytest.mark.parametrize(("off", "reproduced"), [(0.0, True), (0.5, False)])
def test_reproduced_predictions_prove_every_value_with_a_say(off: float, reproduced: bool) -> None:
    keras.utils.set_random_seed(1)
    x = keras.Input((4,))
    said, mute = keras.layers.Dense(2, use_bias=False), keras.layers.Dense(2, use_bias=False)
    model = keras.Model(x, said(x) + 0.0 * mute(x))
    specs = [WeightSpec(name, "kernel:0", name, "kernel", (4, 2), "float32", None, True, True) for name in ("said", "mute")]
    layers = dict(zip((spec.key for spec in specs), (said, mute), strict=True))
    places = {
        spec.key: SimpleNamespace(
            variable=layers[spec.key].kernel,
            spec=spec,
            leaf=SimpleNamespace(layer=layers[spec.key], record=SimpleNamespace(relay=None)),
        )
        for spec in specs
    }
    variables = {key: layer.kernel for key, layer in layers.items()}
    rebuilt: Any = SimpleNamespace(model=model, places=places, blueprint=SimpleNamespace(hidden=specs), variables=variables, held={})
    inputs = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    samples = Samples((inputs,), None, (np.asarray(model(inputs)) + off,))
    claimed = {key: np.asarray(variable) for key, variable in rebuilt.variables.items()}
    found = by_predictions(hearing(rebuilt=rebuilt, claimed=claimed, samples=samples))
    assert found == (
        {specs[0].key: Witness("predictions", True, 0.0, "the model reproduces the recorded predictions")} if reproduced else {}
    )


def contest(own: float, rivals: Any, *, size: float = 2.0, sane: float = 10.0, lift: Any = None) -> Contest:
    both = np.array([own, *[size * own] * len(SIZES), *rivals])
    return Contest(np.stack([both, both]), sane, lift)


CROWD = tuple(1.0 + 0.01 * number for number in range(40))


@pytest.mark.parametrize(
    ("made", "agrees", "word"),
    [
        (contest(1e-9, CROWD), True, "prefer it to 40 others"),
        (contest(1e-9, CROWD, size=0.5), None, "do not tell it from others clearly"),
        (contest(0.99, CROWD), None, "do not tell it from others clearly"),
        (contest(1.2, CROWD, lift=np.array([1.0, 1.0])), False, "contradict it"),
        (contest(1.2, CROWD, lift=np.array([1e-9, 1e-9])), None, "do not tell it from others clearly"),
        (contest(20.0, tuple(np.geomspace(1.0, 100.0, 40)), sane=2.0), False, "contradict it"),
    ],
    ids=["far ahead", "another size fits better", "one of the crowd", "no lead where one was due", "no lead was due", "ordinary"],
)
def test_a_contest_agrees_contradicts_or_tells_too_little(made: Contest, agrees: bool | None, word: str) -> None:
    found = _verdict(made, "labels")
    assert found.agrees is agrees
    assert word in found.told
    assert (found.bound <= 1e-3) is (agrees is True)


def test_contestants_are_the_kernel_itself_at_other_sizes_and_others_of_its_stream() -> None:
    drawn = stream("glorot_uniform", (3, 4), "2.2.4")
    own = np.arange(12, dtype="float32")
    found = contestants(own, drawn, (3, 4), DEFAULT_GRAPH_SEED, RIVALS)
    assert found.shape == (1 + len(SIZES) + RIVALS, 12)
    for row, size in zip(found[: 1 + len(SIZES)], (1.0, *SIZES), strict=True):
        np.testing.assert_allclose(row, size * own, rtol=1e-6)
    limit = np.sqrt(6 / (3 + 4))
    assert np.abs(found[1 + len(SIZES) :]).max() <= limit
    assert contestants(own, drawn, (3, 4), DEFAULT_GRAPH_SEED, 0).shape == (1 + len(SIZES), 12)


def test_rivals_of_an_orthogonal_kernel_are_orthogonal() -> None:
    drawn = stream({"class_name": "Orthogonal", "config": {"gain": 2.0, "seed": None}}, (5, 3), "2.2.4")
    rivals = contestants(np.ones(15), drawn, (5, 3), DEFAULT_GRAPH_SEED, 3)[1 + len(SIZES) :].reshape(3, 5, 3)
    np.testing.assert_allclose(rivals.transpose(0, 2, 1) @ rivals, np.stack([4 * np.eye(3)] * 3), atol=1e-5)


@pytest.mark.parametrize(
    ("spec", "found", "expected"),
    [
        (weight("t", shape=(2, 2), value=((1, 2), (3, 4))), {"kind": "fixed"}, [[1, 2], [3, 4]]),
        (weight("t", shape=(2, 2)), {"kind": "drawn", "value": [1, 2, 3, 4]}, [[1, 2], [3, 4]]),
        (weight("b", shape=(3,), initializer={"class_name": "Ones", "config": {}}), {"kind": "constant"}, [1, 1, 1]),
        (
            weight("i", shape=(2, 2), initializer={"class_name": "Identity", "config": {"gain": 3.0}}),
            {"kind": "constant"},
            [[3, 0], [0, 3]],
        ),
    ],
)
def test_a_value_has_the_shape_and_dtype_that_keras_gave(spec: WeightSpec, found: dict[str, Any], expected: Any) -> None:
    value = value_of(spec, Recovered(spec.key, log10_bound=-300.0, doubts=(), evidence={}, note="", **found), "2.2.4")
    assert (value.dtype, value.tolist()) == (np.float32, expected)


def test_an_orthogonal_value_has_the_signs_of_the_lapack_of_its_time() -> None:
    """keras 2.2.4, initializers.py, Orthogonal, run on numpy 1.18.5: today's LAPACK turns two of the three columns."""
    spec = weight("kernel", shape=(5, 3), initializer={"class_name": "Orthogonal", "config": {"gain": 2.0, "seed": 5}})
    found = Recovered(spec.key, "normal", -300.0, (), {}, "", numpy_seed=5, cursor=Cursor(0))
    value = value_of(spec, found, "2.2.4")
    np.testing.assert_allclose(value[:2], [[1.45837448, -0.16838443, 0.30876068], [0.88771067, -0.12066682, -1.19504362]], atol=1e-6)
    np.testing.assert_allclose(value.T.astype(float) @ value, 4 * np.eye(3), atol=1e-5)


def test_an_op_seed_s_value_is_the_one_that_scans_make() -> None:
    spec = weight("kernel", shape=(3, 4))
    found = Recovered(spec.key, "seed", -12.0, (), {}, "", op_seed=123, graph_seed=DEFAULT_GRAPH_SEED)
    scanned = candidates(stream(spec.initializer, spec.shape, "2.2.4"), DEFAULT_GRAPH_SEED, np.array([123]), 12)
    np.testing.assert_allclose(value_of(spec, found, "2.2.4").ravel(), scanned[0], rtol=1e-6)


def concluded(*found: Recovered, hidden: Sequence[WeightSpec] = (KERNEL,)) -> _Conclusion:
    rebuilt: Any = SimpleNamespace(blueprint=SimpleNamespace(hidden=hidden))
    return _Conclusion(rebuilt, Inference(recovered={each.key: each for each in found}))


@pytest.mark.parametrize(
    ("made", "was_heard", "confirmed"),
    [
        (concluded(told(KERNEL, AGREES)), True, True),
        (concluded(told(KERNEL, SILENT)), True, False),
        (concluded(told(KERNEL)), False, False),
        (concluded(told(BIAS, AGREES, kind="constant"), hidden=(BIAS,)), True, False),
        (concluded(told(KERNEL, AGREES), hidden=(KERNEL, OTHER)), True, False),
        (concluded(told(KERNEL, AGREES), told(BIAS, kind="constant"), hidden=(KERNEL, BIAS)), True, True),
    ],
)
def test_a_conclusion_is_confirmed_where_every_drawn_value_is(made: _Conclusion, was_heard: bool, confirmed: bool) -> None:
    assert (made.heard, made.confirmed) == (was_heard, confirmed)


@pytest.mark.parametrize(
    ("first", "second", "believed"),
    [
        (told(KERNEL, AGREES), told(KERNEL, AGREES), "first"),
        (told(KERNEL, SILENT), told(KERNEL, AGREES), "second"),
        (told(KERNEL, SILENT), told(KERNEL, SILENT), "first"),
        (told(KERNEL), told(KERNEL, AGREES), "first"),
    ],
    ids=["confirmed at once", "a rival is confirmed", "none is", "nobody was heard"],
)
def test_of_several_structures_that_is_believed_with_whose_values_behaviour_agrees(
    monkeypatch: pytest.MonkeyPatch, first: Recovered, second: Recovered, believed: str
) -> None:
    tracked = weight("kernel", "conv_1", hidden=False)
    one = fit({}, KERNEL, read=reading(aligned(placed(tracked, 0, 11, 1.5))))
    two = fit({("a", "width"): 2}, KERNEL, read=reading(aligned(placed(tracked, 0, 12, 1.0))))
    made = {id(one): concluded(first), id(two): concluded(second)}
    monkeypatch.setattr(conclusion, "read_all", lambda built, seeds: [one, two])
    monkeypatch.setattr(conclusion, "_concluded", lambda case, best, rivals, fits, seeds: made[id(best)])
    case: Any = object()
    seeds: Any = object()
    assert conclude(case, [], seeds)[0] is made[id(one if believed == "first" else two)].rebuilt


@pytest.mark.parametrize(
    ("options", "asks"),
    [
        (Options(), True),
        (Options(strategy="recover"), True),
        (Options(strategy="reinitialize"), False),
        (Options(strategy="fit", layer_strategies={"a": "transplant"}), False),
        (Options(strategy="reinitialize", layer_strategies={"a": "recover"}), True),
    ],
)
def test_who_asks_for_fresh_or_foreign_values_everywhere_waits_for_no_search(options: Options, asks: bool) -> None:
    assert _asks_for_evidence(options) is asks


def test_a_seed_that_no_structure_explains_asks_for_further_structures() -> None:
    from layerfix.rng.alignments import Gap

    whole = fit({}, KERNEL, read=reading(aligned()))
    broken = fit({}, KERNEL, read=reading(aligned(gaps=[Gap("conv_1", 1, 3)])))
    assert _readable_but_unexplained([broken, fit({}, KERNEL)])
    assert not _readable_but_unexplained([broken, whole])
    assert not _readable_but_unexplained([fit({}, KERNEL)])
