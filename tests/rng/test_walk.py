"""Walks along numpy's stream, made with numpy itself."""

from __future__ import annotations

import numpy as np

from layerfix.blueprint import Draw, NumpyCall
from layerfix.rng.align import Aligner
from layerfix.rng.alignments import Alignment, bracketed
from layerfix.rng.numpy_stream import Cursor, NumpyStream, table
from layerfix.rng.units import Unit

SEED = 42


def drawn(*counts: int) -> list[int | None]:
    """What a script draws: 0 for an op seed, otherwise so many normal numbers."""
    random = np.random.RandomState(SEED)
    found: list[int | None] = []
    for count in counts:
        found.append(None if count else int(random.randint(10e6)))
        random.normal(size=count)
    return found


def units(names: str, normal: dict[str, int]) -> tuple[Unit, ...]:
    """A chain of layers with one draw each."""
    kinds = [Draw("normal" if n in normal else "seed", n, n, (n, "kernel:0"), normal.get(n, 1)) for n in names]
    return tuple(Unit(draw.layer, (draw,), frozenset(range(i))) for i, draw in enumerate(kinds))


def align(names: str, seeds: dict[str, int | None], *, lenient: bool = False, normal: dict[str, int] | None = None) -> list[Alignment]:
    """Lay layers along the stream; those in `seeds` are tracked and sure of their op seed."""
    stream = NumpyStream(SEED)
    tracked = {(name, "kernel:0"): seed for name, seed in seeds.items()}
    known: dict[tuple[str, str], list[int]] = {}
    for key, seed in tracked.items():
        cursor = Cursor(0)
        for _ in range(200):
            value, word, cursor = stream.randint(cursor)
            if value == seed:
                known[key] = [word]
    aligner = Aligner(stream, units(names, normal or {}), known, lambda key, seed: 9.0 * (tracked[key] == seed), frozenset(tracked))
    return aligner.all(lenient=lenient)


def test_hidden_draws_between_tracked_ones_get_their_op_seeds() -> None:
    a, b, c, d = drawn(0, 0, 0, 0)
    [found] = align("abcd", {"a": a, "d": d})
    assert found.op_seeds() == {("b", "kernel:0"): b, ("c", "kernel:0"): c}
    assert found.from_start
    assert found.gaps == ()


def test_normal_numbers_in_between_are_followed() -> None:
    a, _, c, d = drawn(0, 9, 0, 0)
    [found] = align("abcd", {"a": a, "d": d}, normal={"b": 9})
    assert found.op_seeds()["c", "kernel:0"] == c


def checked(alignment: Alignment, name: str) -> bool:
    """Whether the place of a layer's kernel is checked on both sides."""
    return any(bracketed(alignment, item) for item in alignment.placed if item.draw.layer == name)


def test_a_place_is_checked_only_where_both_sides_are_known() -> None:
    seeds = drawn(0, 0, 0)
    [inside] = align("abc", {"a": seeds[0], "c": seeds[2]})
    assert checked(inside, "b")
    [last] = align("abc", {"a": seeds[0], "b": seeds[1]})
    assert not checked(last, "c")
    [first] = align("abc", {"b": seeds[1], "c": seeds[2]})
    assert first.from_start
    assert checked(first, "a")
    assert not checked(first, "z")


def test_a_jump_over_unexplained_draws_claims_nothing_around_it() -> None:
    a, _, c, _, e, f, g = drawn(0, 0, 0, 0, 0, 0, 0)
    assert c is not None
    assert align("abefg", {"a": a, "e": e, "g": g}) == []
    found = align("abefg", {"a": a, "e": e, "g": g}, lenient=True)[0]
    assert [(gap.before, gap.found, gap.explained) for gap in found.gaps] == [("e", 3, 1)]
    assert found.op_seeds() == {("f", "kernel:0"): f}
    assert not checked(found, "b")
    assert checked(found, "f")


def test_what_a_class_draws_by_itself_is_followed_whatever_it_is() -> None:
    random = np.random.RandomState(SEED)
    a = int(random.randint(10e6))
    random.uniform(-1, 1, (3, 5))
    random.permutation(9)
    state = random.get_state()
    odd = random.normal(size=7)
    c = int(random.randint(10e6))
    second = random.normal(size=2)
    d = int(random.randint(10e6))
    calls = [("uniform", (-1, 1, (3, 5))), ("permutation", (9,)), ("normal", (0.0, 1.0, 7)), ("normal", (0.0, 1.0, 2))]
    draws = [Draw("numpy", "b", name, None, call=NumpyCall(at, name, args, {})) for at, (name, args) in enumerate(calls)]
    kernels = [Draw("seed", name, name, (name, "kernel:0")) for name in "acd"]
    order = [kernels[0], *draws[:3], kernels[1], draws[3], kernels[2]]
    stream, known = NumpyStream(SEED), {"a": a, "d": d}
    places = {(name, "kernel:0"): [word for word, _ in stream.positions(table([seed]))] for name, seed in known.items()}
    chain = tuple(Unit(draw.layer, (draw,), frozenset(range(at))) for at, draw in enumerate(order))
    aligner = Aligner(stream, chain, places, lambda key, seed: 9.0 * (known[key[0]] == seed), frozenset(places))
    [found] = aligner.all()
    told = found.op_seeds()
    assert told["c", "kernel:0"] == c
    at = told[draws[2].call]
    assert isinstance(at, Cursor)
    assert stream.state_at(at).get_state()[1].tolist() == state[1].tolist()
    assert np.array_equal(stream.state_at(at).normal(0.0, 1.0, 7), odd)
    assert np.array_equal(stream.state_at(told[draws[3].call]).normal(0.0, 1.0, 2), second)
    assert all(bracketed(found, item) for item in found.placed[1:-1])
