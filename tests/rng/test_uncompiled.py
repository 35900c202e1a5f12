"""Where numba cannot serve, plain numpy does, and finds the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from layerfix.rng import mt19937, philox


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    mt19937._compiled.cache_clear()
    philox._compiled.cache_clear()
    yield
    mt19937._compiled.cache_clear()
    philox._compiled.cache_clear()


def op_seeds(seed: int) -> list[int]:
    state = np.random.RandomState(seed)
    return [int(state.randint(10e6)) for _ in range(4)]


class Moved(SimpleNamespace):
    """A module whose names are others than they were."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"module 'numba' has no attribute {name!r}")


def test_a_numba_whose_internals_moved_gives_way_at_its_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba.core", Moved())
    monkeypatch.delitem(sys.modules, "layerfix.rng.mt19937_numba", raising=False)
    monkeypatch.delitem(sys.modules, "layerfix.rng.philox_numba", raising=False)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert mt19937._compiled() is None
    assert philox._compiled() is None
    assert mt19937.find(op_seeds(5), 24, seeds=range(300), need=3) == [5]


def test_compiled_code_that_fails_in_its_first_call_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="numba is not installed")

    def fails(*arguments: Any) -> int:
        raise AttributeError("'Builder' object has no attribute 'zext'")

    fast = mt19937._compiled()
    assert fast is not None
    from layerfix.rng import mt19937_numba

    monkeypatch.setattr(mt19937_numba, "find_few", fails)
    monkeypatch.setattr(mt19937_numba, "find_many", fails)
    assert mt19937.find(op_seeds(5), 24, seeds=range(300), need=3) == [5]
