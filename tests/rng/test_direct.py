import numpy as np
import pytest

from layerfix.blueprint import Draw
from layerfix.progress import silent
from layerfix.rng import guesses
from layerfix.rng.chain import search
from layerfix.rng.direct import Family, best_guesses, families, pairs
from layerfix.rng.guesses import Memory
from layerfix.rng.initializers import Stream
from layerfix.rng.philox import Fingerprint
from layerfix.rng.streams import DEFAULT_GRAPH_SEED, unit
from layerfix.rng.units import Unit

SIZE = 600
UNIFORM = Stream("uniform", low=-1.0, high=1.0)
NAMES = [("a", "kernel:0"), ("b", "kernel:0"), ("c", "kernel:0")]


def draws_of(numpy_seed: int, count: int, skip: int = 0) -> list[int]:
    state = np.random.RandomState(numpy_seed)
    return [int(state.randint(10_000_000)) for _ in range(skip + count)][skip:]


def fingerprint(key: tuple[str, str], op_seed: int, graph_seed: int, z: float) -> Fingerprint:
    """A trained kernel with about this z."""
    initial = unit("uniform", graph_seed, op_seed, SIZE)
    noise = np.random.RandomState(op_seed % 2**32).normal(size=SIZE)
    share = z / np.sqrt(SIZE)
    return Fingerprint(key, (share * initial + np.sqrt(1 - share**2) * noise).astype(np.float32), UNIFORM)


def graph() -> tuple[Unit, ...]:
    """Three tracked kernels with a hidden one behind the first."""
    weights = [NAMES[0], ("h", "kernel:0"), NAMES[1], NAMES[2]]
    return tuple(Unit(f"l{i}", (Draw("seed", f"l{i}", "", weight),), frozenset()) for i, weight in enumerate(weights))


def faint(numpy_seed: int, skip: int, z: float) -> dict[tuple[str, str], Fingerprint]:
    drawn = draws_of(numpy_seed, 4, skip)
    return {key: fingerprint(key, drawn[place], DEFAULT_GRAPH_SEED, z) for key, place in zip(NAMES, (0, 2, 3), strict=True)}


@pytest.mark.slow
def test_faint_kernels_name_a_date_together() -> None:
    marks = faint(20180101, 0, 4.4)
    best = best_guesses(marks, graph(), DEFAULT_GRAPH_SEED, families(None)[1], silent)
    assert best[0].numpy_seed == 20180101


def test_faint_kernels_name_a_place_deep_in_a_popular_stream() -> None:
    marks = faint(42, 700, 4.4)
    best = best_guesses(marks, graph(), DEFAULT_GRAPH_SEED, families(None)[0], silent)
    assert best[0].numpy_seed == 42
    words = np.random.RandomState(42).randint(0, 2**32, 4000, np.uint32) & 0xFFFFFF
    drawn = draws_of(42, 4, 700)
    assert [int(words[best[0].places[key]]) for key in NAMES] == [drawn[0], drawn[2], drawn[3]]


def test_a_remembered_numpy_seed_is_the_only_one_tried() -> None:
    assert [tuple(family.seeds) for family in families(-1)] == [(2**32 - 1,)]


def test_nothing_is_guessed_where_a_normal_draw_comes_first() -> None:
    first = Unit("lstm", (Draw("normal", "lstm", "", ("lstm", "kernel:0"), 4, (2, 2)),), frozenset())
    assert best_guesses(faint(1, 0, 9.0), (first, *graph()), DEFAULT_GRAPH_SEED, Family((1,), 1), silent) == []


@pytest.mark.slow
def test_an_odd_graph_seed_is_found_with_the_first_draws_of_a_popular_numpy_seed() -> None:
    op_seed = draws_of(42, 3)[2]
    mark = fingerprint(NAMES[0], op_seed, 98765, 15.0)
    scores = dict(pairs(mark, None))
    assert max(scores, key=lambda seed: scores[seed]) == 98765
    assert scores[98765] > 12
    assert search([mark], Memory(numpy_seed=42)).graph_seed == 98765


def test_the_weights_of_the_union_bound_add_up_to_one_at_most() -> None:
    tried = 1e9
    popular = len(guesses.POPULAR) / guesses.hypotheses(42, from_start=True, tried=tried)
    small = guesses.COMMON / guesses.hypotheses(19_999, from_start=True, tried=tried)
    anywhere = tried / guesses.hypotheses(42, from_start=False, tried=tried)
    assert popular + small + anywhere <= 1.0 + 1e-9
    assert guesses.hypotheses(2**31 + 5, from_start=True, tried=tried) == 2 * tried
