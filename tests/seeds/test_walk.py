"""Walks along numpy's stream, made with numpy itself."""

from __future__ import annotations

import numpy as np

from layerfix.blueprint import Draw
from layerfix.seeds.align import Aligner, Alignment, bracketed
from layerfix.seeds.numpy_stream import Cursor, NumpyStream
from layerfix.seeds.units import Unit

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


def test_a_place_is_checked_only_where_both_sides_are_known() -> None:
    seeds = drawn(0, 0, 0)
    [inside] = align("abc", {"a": seeds[0], "c": seeds[2]})
    assert bracketed(inside, ("b", "kernel:0"))
    [last] = align("abc", {"a": seeds[0], "b": seeds[1]})
    assert not bracketed(last, ("c", "kernel:0"))
    [first] = align("abc", {"b": seeds[1], "c": seeds[2]})
    assert first.from_start
    assert bracketed(first, ("a", "kernel:0"))
    assert not bracketed(first, ("z", "kernel:0"))


def test_a_jump_over_unexplained_draws_claims_nothing_around_it() -> None:
    a, _, c, _, e, f, g = drawn(0, 0, 0, 0, 0, 0, 0)
    assert c is not None
    assert align("abefg", {"a": a, "e": e, "g": g}) == []
    found = align("abefg", {"a": a, "e": e, "g": g}, lenient=True)[0]
    assert [(gap.before, gap.found, gap.explained) for gap in found.gaps] == [("e", 3, 1)]
    assert found.op_seeds() == {("f", "kernel:0"): f}
    assert not bracketed(found, ("b", "kernel:0"))
    assert bracketed(found, ("f", "kernel:0"))
