"""numpy's global generator under one seed, addressable by position: the words it gives, and what legacy Keras makes of them.

Source: numpy, `random/src/mt19937` and `random/src/legacy/legacy-distributions.c`; numpy promises that `RandomState` streams never change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MASK = np.uint32(0xFFFFFF)
LARGEST = 9_999_999
"""`np.random.randint(10e6)` keeps 24 bits of a word and rejects what is larger than this."""
MARK = 8
"""Words that tell a place in the stream."""
FARTHEST = 2**23
"""Words that one draw may take."""
LOOK_BACK = 16
"""Attempts of the polar method among which the cached variate is looked for."""
WIDE_MASK, WIDE_LARGEST = np.uint32(0x3FFFFFFF), 999_999_999
"""The same for `np.random.randint(10e8)`."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the stream.

    Attributes:
        word: position of the next word.
        cached: where a second normal variate is cached, the position of the attempt that gave it; else None.
    """

    word: int
    cached: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Op seeds to look for in a stream.

    Attributes:
        op_seeds: int64, ascending.
        sieve: bool (2^16,): True where some op seed has these low bits; it stays in the cache, however many words are looked at.
    """

    op_seeds: NDArray[np.int64]
    sieve: NDArray[np.bool_]


def table(op_seeds: Iterable[int]) -> Wanted:
    """Op seeds made ready for `NumpyStream.positions`."""
    ordered = np.array(sorted(set(op_seeds)), np.int64)
    sieve = np.zeros(2**16, np.bool_)
    sieve[ordered & 0xFFFF] = True
    return Wanted(ordered, sieve)


class NumpyStream:
    """The words of `np.random.seed(seed)`, produced once and kept.

    Args:
        seed: 32-bit numpy seed.
        words: how many words to hold from the start; more are made when asked for.
    """

    def __init__(self, seed: int, words: int = 4096) -> None:
        self.seed = seed
        self._generator = np.random.MT19937()
        np.random.RandomState(self._generator).seed(seed)
        self._words = np.empty(0, np.uint32)
        self.grow(words)

    def grow(self, words: int) -> None:
        """Hold at least `words` words."""
        missing = words - len(self._words)
        if missing > 0:
            self._words = np.concatenate([self._words, self._generator.random_raw(missing).astype(np.uint32)])

    @property
    def words(self) -> NDArray[np.uint32]:
        """The words held so far."""
        return self._words

    def positions(self, wanted: Wanted) -> list[tuple[int, int]]:
        """(word position, op seed) wherever `randint(10e6)` would give a wanted op seed."""
        return _met(self._words, wanted)

    def randint(self, cursor: Cursor, *, wide: bool = False) -> tuple[int, int, Cursor]:
        """`np.random.randint(10e6)` (or `10e8`) at the cursor: (value, the position of its word, the cursor behind it)."""
        word = cursor.word
        mask, largest = (WIDE_MASK, WIDE_LARGEST) if wide else (MASK, LARGEST)
        while True:
            self.grow(word + 64)
            value = int(self._words[word] & mask)
            if value <= largest:
                return value, word, Cursor(word + 1, cursor.cached)
            word += 1

    def back(self, word: int, draws: int) -> int | None:
        """The position of the `draws`-th accepted word before `word`, or None where the stream does not hold that many."""
        while draws and word > 0:
            word -= 1
            draws -= int(self._words[word] & MASK) <= LARGEST
        return word if draws == 0 else None

    def accepted_between(self, start: int, stop: int) -> int:
        """How many `randint(10e6)` results lie in words [start, stop)."""
        return int(((self._words[start:stop] & MASK) <= LARGEST).sum())

    def after_normal(self, cursor: Cursor, count: int) -> Cursor:
        """The cursor behind `np.random.normal(size=count)`: pairs by the polar method, four words an attempt, one variate cached."""
        if not count:
            return cursor
        fresh = count - (cursor.cached is not None)
        pairs, word = (fresh + 1) // 2, cursor.word
        last: int | None = None
        while pairs > 0:
            attempts = pairs + pairs // 2 + 8  # pi / 4 of them succeed, a point in the square being in the circle
            self.grow(word + 4 * attempts)
            accepted = np.flatnonzero(_polar_accepts(self._words[word : word + 4 * attempts]))[:pairs]
            pairs -= len(accepted)
            last = word + 4 * int(accepted[-1]) if len(accepted) else last
            word += 4 * attempts
        if last is None:
            return Cursor(cursor.word)
        return Cursor(last + 4, cached=last if fresh % 2 else None)

    def normal(self, cursor: Cursor, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """`np.random.normal(0, 1, shape)` at the cursor, by numpy itself."""
        return self.state_at(cursor).normal(0.0, 1.0, shape)

    def state_at(self, cursor: Cursor) -> np.random.RandomState:
        """numpy's own generator as it stood at the cursor."""
        state = self._state_at(cursor.word)
        if cursor.cached is not None:
            name, key, position, _, _ = state.get_state(legacy=True)
            state.set_state((name, key, position, 1, self._second(cursor.cached)))
        return state

    def after(self, cursor: Cursor, draw: Callable[[np.random.RandomState], object]) -> Cursor | None:
        """The cursor behind whatever `draw` takes at the cursor; None where it takes more than is looked at."""
        state = self.state_at(cursor)
        draw(state)
        *_, has_second, second = state.get_state(legacy=True)
        word = self._place(_words(state, MARK), cursor.word)
        if word is None or not has_second:
            return None if word is None else Cursor(word)
        attempts = [cursor.cached] if cursor.cached is not None else []
        attempts += range(word - 4, max(cursor.word, word - 4 * LOOK_BACK) - 1, -1)
        cached = next((attempt for attempt in attempts if self._second(attempt) == second), None)
        return None if cached is None else Cursor(word, cached)

    def _place(self, words: NDArray[np.uint32], start: int) -> int | None:
        """Where a run of words lies in the stream, from `start` on."""
        self.grow(min(2 * start + 2**14, start + FARTHEST))
        while True:
            # A word comes again by chance once in 2 ** 32: so many in a row are the place.
            for word in start + np.flatnonzero(self._words[start : -len(words)] == words[0]):
                if np.array_equal(self._words[word : word + len(words)], words):
                    return int(word)
            if len(self._words) >= start + FARTHEST:
                return None
            self.grow(min(2 * len(self._words), start + FARTHEST))

    def _second(self, attempt: int) -> float:
        """The variate that an attempt of the polar method leaves cached."""
        return float(self._state_at(attempt).normal(0.0, 1.0, 2)[1])

    def _state_at(self, word: int) -> np.random.RandomState:
        state = np.random.RandomState(self.seed)
        _words(state, word)
        return state


def _words(state: np.random.RandomState, count: int) -> NDArray[np.uint32]:
    """The next words of a generator."""
    return state.randint(0, 2**32, size=count, dtype=np.uint32)


def meetings(seeds: Iterable[int], words: int, wanted: Wanted) -> Iterator[tuple[int, int, int]]:
    """(numpy seed, word position, op seed) wherever the first `words` words of one of many streams meet a wanted op seed."""
    generator = np.random.MT19937()
    state = np.random.RandomState(generator)
    for seed in seeds:
        state.seed(seed)
        for word, op_seed in _met(generator.random_raw(words).astype(np.uint32), wanted):
            yield seed, word, op_seed


def _met(words: NDArray[np.uint32], wanted: Wanted) -> list[tuple[int, int]]:
    # The sieve first: of all words few have low bits of a wanted op seed, and only these are looked up.
    hits = np.flatnonzero(wanted.sieve[words.astype(np.uint16)])
    values = (words[hits] & MASK).astype(np.int64)
    sure = np.isin(values, wanted.op_seeds)
    return [(int(word), int(value)) for word, value in zip(hits[sure], values[sure], strict=True)]


def _polar_accepts(words: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which attempts of the polar method succeed, four words each."""
    high, low = (words[0::2] >> np.uint32(5)).astype(np.float64), (words[1::2] >> np.uint32(6)).astype(np.float64)
    doubles = (high * 67108864.0 + low) / 9007199254740992.0  # 53 bits of two words (mt19937.h, mt19937_next_double)
    x, y = 2.0 * doubles[0::2] - 1.0, 2.0 * doubles[1::2] - 1.0
    radius = x * x + y * y
    return np.asarray((radius < 1.0) & (radius != 0.0))
