"""Readings of a numpy stream: what is between which kernels, which draws a layer may have had, and what is claimed of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stories import aligned, placed, reading, weight

from layerfix.containers.reader import read
from layerfix.inference import in_stream
from layerfix.inference.choices import _exchanged, placeless, readings_of, unconfirmed
from layerfix.inference.claims import PROVEN, Ground, constants, from_readings
from layerfix.inference.exactness import Doubt, Witness
from layerfix.inference.fits import Fit
from layerfix.inference.in_stream import AROUND, Choice, proposed
from layerfix.inference.provenance import Provenance
from layerfix.inference.records import Inference, Recovered
from layerfix.rng.alignments import Placed
from layerfix.rng.chain import Search
from layerfix.rng.numpy_stream import LARGEST, NumpyStream

SAMPLE = read(Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5")
KERNEL, LOST = weight("kernel"), weight("other", "denoise_1")
BEFORE, BEHIND = weight("kernel", "conv_1", hidden=False), weight("kernel", "conv_2", hidden=False)
SEARCH = Search(87654321, {}, log=("x",))


def seeds(search: Search = SEARCH, **more: Any) -> Provenance:
    return Provenance(replace(SAMPLE, keras_version="2.2.4", **more), (), search)


def ground(**more: Any) -> Ground:
    told: dict[str, Any] = {"source": replace(SAMPLE, keras_version="2.2.4"), "seeds": seeds(), "shaky": frozenset()}
    return Ground(**{**told, "outgrown": frozenset(), "by_name": frozenset(), **more})


def told(key: Any, op_seed: int | None, *, kind: Any = "seed", witnesses: tuple[Witness, ...] = (), doubts: Any = ()) -> Recovered:
    return Recovered(key, kind, -12.0, doubts, {}, "", witnesses, op_seed=op_seed)


def test_a_reading_that_begins_with_foreign_kernels_is_of_a_session_that_loaded_a_model() -> None:
    first, own = placed(BEFORE, 0, 11), placed(BEHIND, 2, 22, 9.0)
    assert reading(aligned(first, own), foreign=[BEFORE.key]).loaded
    assert not reading(aligned(own, first), foreign=[BEFORE.key]).loaded
    assert not reading(aligned(first, own, from_start=False), foreign=[BEFORE.key]).loaded
    assert not reading(aligned(own)).loaded


def test_a_place_is_undecided_where_a_rival_gives_another_op_seed() -> None:
    item = placed(KERNEL, 2, 22)
    for rival, undecided in ((placed(KERNEL, 2, 22), False), (placed(KERNEL, 4, 23), True), (placed(LOST, 2, 22), True)):
        assert reading(aligned(item), aligned(rival)).undecided(item) is undecided


@pytest.mark.parametrize(
    ("items", "from_start", "words"),
    [
        ([placed(BEFORE, 3, 1, 9.0), placed(KERNEL, 5, 2), placed(BEHIND, 9, 3, 9.0)], False, (4, 9)),
        ([placed(KERNEL, 5, 2), placed(BEHIND, 9, 3, 9.0)], True, (0, 9)),
        ([placed(KERNEL, 5, 2), placed(BEHIND, 9, 3, 9.0)], False, (0, 0)),
        ([placed(BEFORE, 3, 1, 9.0), placed(KERNEL, 5, 2)], True, (0, 0)),
        ([placed(BEFORE, 3, 1, 3.0), placed(KERNEL, 5, 2), placed(BEHIND, 9, 3, 9.0)], True, (0, 9)),
        ([placed(BEFORE, 3, 1, 9.0), placed(BEHIND, 9, 3, 9.0)], True, (0, 0)),
    ],
    ids=["between", "from the start", "no start", "no end", "an unsure one before", "the layer has no draw"],
)
def test_a_layer_lies_between_the_nearest_kernels_that_are_sure(items: list[Placed], from_start: bool, words: tuple[int, int]) -> None:
    assert in_stream._neighbours(reading(aligned(*items, from_start=from_start)), "denoise_1") == words


def test_draws_around_all_places_are_looked_at_and_none_before_the_first_word() -> None:
    near, far = reading(aligned(placed(KERNEL, 5, 2), placed(BEHIND, 9, 3))), reading(aligned(placed(KERNEL, 500, 2)))
    assert in_stream._ends(near) == (0, 9 + AROUND)
    assert in_stream._ends(far) == (500 - AROUND, 500 + AROUND)


def test_every_op_seed_of_a_stretch_is_one_that_keras_could_draw() -> None:
    """keras 2.2.4, tensorflow_backend.py: np.random.randint(10e6), by masked rejection on 24 bits."""
    found = in_stream._between(reading(aligned(placed(KERNEL, 0, 1))), 0, 40)
    numpy_s = np.random.RandomState(42)
    assert found[:5] == [int(numpy_s.randint(10_000_000)) for _ in range(5)]
    assert max(found) <= LARGEST
    assert len(found) < 40


def test_draws_between_a_layer_s_neighbours_pay_for_few_and_the_others_for_many() -> None:
    items = (placed(BEFORE, 3, 1, 9.0), placed(KERNEL, 5, 2), placed(BEHIND, 9, 3, 9.0))
    drawn = in_stream._drawn([reading(aligned(*items))], "denoise_1")
    near = in_stream._between(reading(aligned(*items)), 4, 9)
    assert drawn.op_seeds[: len(near)].tolist() == near
    assert set(drawn.tried[: len(near)]) == {2.0 * len(near)}
    far = drawn.op_seeds[len(near) :]
    assert not set(far) & set(near)
    assert set(drawn.tried[len(near) :]) == {2.0 * len(far)}
    assert np.sum(1 / drawn.tried) == pytest.approx(1.0)  # a weight of one in all: what each pays is a prior


def test_what_behaviour_chose_is_proposed_with_its_order_in_doubt() -> None:
    found = proposed(ground(), KERNEL, Choice(reading(aligned(placed(KERNEL, 0, 1))), 77, 12.0, sure=True), structures=2.0)
    assert (found.op_seed, found.numpy_seed, found.chosen_among, found.kind) == (77, 42, 24.0, "seed")
    assert [doubt.name for doubt in found.doubts if doubt.stands and doubt.condition is None] == ["order"]
    agreeing = replace(found, witnesses=(Witness("statistics", True, 1e-8, "agrees"),))
    assert agreeing.heard[0].bound == pytest.approx(24e-8)


ORDER = Doubt("order", True, "another order fits")


def fits_with(read_as: Any, *hidden: Any) -> Fit:
    blueprint = SimpleNamespace(hidden=hidden or (KERNEL, LOST), draws=(), weights=(), arguments={})
    member: Any = SimpleNamespace(chosen={}, rebuilt=SimpleNamespace(blueprint=blueprint), unfilled=0)
    return Fit((member,), read_as)


def test_kernels_without_a_place_are_those_in_doubt_of_it_and_those_that_have_none() -> None:
    inference = Inference(recovered={KERNEL.key: told(KERNEL.key, 1, doubts=(ORDER,))}, unrecovered={LOST.key: "no seed"})
    assert placeless(fits_with(reading(aligned())), inference) == {KERNEL.key, LOST.key}
    assert placeless(fits_with(None), inference) == frozenset()
    constant = weight("table", initializer=None)
    plain = Inference(recovered={KERNEL.key: told(KERNEL.key, 1)}, unrecovered={constant.key: "?"})
    assert placeless(fits_with(reading(aligned()), KERNEL, constant), plain) == frozenset()


def test_kernels_are_unconfirmed_where_a_witness_was_heard_and_did_not_agree() -> None:
    silent, agrees = Witness("samples", None, 1.0, ""), Witness("samples", True, 1e-9, "")
    found = {
        "silent": told(("a", "silent"), 1, witnesses=(silent,)),
        "agrees": told(("a", "agrees"), 1, witnesses=(agrees,)),
        "alone": told(("a", "alone"), 1),
        "constant": told(("a", "constant"), None, kind="constant", witnesses=(silent,)),
    }
    by_key = {each.key: each for each in found.values()}
    assert unconfirmed(fits_with(reading(aligned())), by_key) == {("a", "silent")}
    assert unconfirmed(fits_with(None), by_key) == frozenset()


def test_other_streams_are_read_only_where_kernels_are_outside_of_the_first() -> None:
    one, foreign = reading(aligned()), reading(aligned(), foreign=[BEFORE.key])
    other = replace(one, origin=replace(one.origin, numpy_seed=7))
    search: Any = SimpleNamespace(readings=lambda blueprint: [foreign, other])
    assert readings_of(fits_with(one), search) == [one]
    assert readings_of(fits_with(foreign), search) == [foreign, other]
    assert readings_of(fits_with(None), search) == []


def test_a_layer_s_kernels_changed_places_only_where_the_same_op_seeds_are_there() -> None:
    proposals = {"a": told(("l", "a"), 2), "b": told(("l", "b"), 1)}
    keyed: Any = {found.key: found for found in proposals.values()}
    assert _exchanged(keyed, {("l", "a"): 1, ("l", "b"): 2}) == keyed
    assert _exchanged(keyed, {("l", "a"): 1, ("l", "b"): 3}) == {}


@pytest.mark.parametrize(
    ("spec", "kind", "bound"),
    [
        (weight("table", value=np.zeros((3, 4))), "fixed", PROVEN),
        (weight("bias", initializer={"class_name": "Zeros", "config": {}}), "constant", PROVEN),
        (weight("kernel", initializer={"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": 5}}), "normal", PROVEN),
        (weight("kernel", initializer={"class_name": "GlorotUniform", "config": {"seed": 5}}), "seed", 0.0),
        (weight("kernel"), None, None),
    ],
)
def test_what_follows_from_the_source_is_claimed(spec: Any, kind: str | None, bound: float | None) -> None:
    found = constants(ground(), [spec]).get(spec.key)
    assert (found and (found.kind, found.log10_bound)) == (kind and (kind, bound))


def test_a_stated_op_seed_is_as_sure_as_the_graph_seed() -> None:
    spec = weight("kernel", initializer={"class_name": "GlorotUniform", "config": {"seed": 5}})
    sure = ground(seeds=seeds(replace(SEARCH, log10_graph=-9.0)))
    found = constants(sure, [spec])[spec.key]
    assert (found.op_seed, found.graph_seed, found.log10_bound) == (5, 87654321, -9.0)


def lines(*items: Placed, from_start: bool = True) -> Any:
    return reading(aligned(*items, from_start=from_start))


def test_an_op_seed_is_claimed_at_its_place() -> None:
    around = (placed(BEFORE, 0, 11, 9.0), placed(KERNEL, 2, 22), placed(BEHIND, 4, 33, 9.0))
    found, reasons = from_readings(ground(), [KERNEL], [lines(*around)])
    claim = found[KERNEL.key]
    assert (claim.op_seed, claim.numpy_seed, claim.log10_bound, claim.evidence["stream_position"]) == (22, 42, -12.0, 2)
    assert reasons == {}


def test_the_stream_that_holds_both_neighbours_is_read_before_the_first() -> None:
    open_end = lines(placed(BEFORE, 0, 11, 9.0), placed(KERNEL, 2, 22))
    checked = lines(placed(BEFORE, 0, 11, 9.0), placed(KERNEL, 2, 44), placed(BEHIND, 4, 33, 9.0))
    assert from_readings(ground(), [KERNEL], [open_end, checked])[0][KERNEL.key].op_seed == 44
    assert from_readings(ground(), [KERNEL], [open_end])[0][KERNEL.key].op_seed == 22


@pytest.mark.parametrize(
    ("readings", "search", "why"),
    [
        ([lines(placed(KERNEL, 2, 22, claimed=False))], SEARCH, "numpy seed 42 is known, but the draws around it do not match"),
        ([], SEARCH, "no tracked kernel with a random initial value"),
    ],
)
def test_why_there_is_no_seed_is_told(readings: list[Any], search: Search, why: str) -> None:
    found, reasons = from_readings(ground(seeds=seeds(search)), [KERNEL], readings)
    assert found == {}
    assert reasons[KERNEL.key].startswith(why)


def test_the_words_of_numpy_s_stream_are_numpy_s() -> None:
    stream, numpy_s = NumpyStream(42, 10), np.random.RandomState(42)
    assert stream.words[:10].tolist() == [int(numpy_s.randint(0, 2**32, dtype=np.uint32)) for _ in range(10)]
