"""Seed searches over the engine's processes find what this process's threads find, bit for bit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from layerfix.errors import RestoreError
from layerfix.fleet.searches import searching
from layerfix.rng import mt19937, philox, screening, shards
from layerfix.rng.initializers import Stream
from layerfix.rng.shard_search import search
from layerfix.rng.streams import unit

GRAPH_SEED, OP_SEED = 87654321, 77_000
SEEDS = range(1000, 9000)


def kernel(kind: str, op_seed: int) -> philox.Fingerprint:
    """A trained kernel that still remembers its op seed."""
    noise = np.random.default_rng(op_seed).normal(size=300)
    values = (unit(kind, GRAPH_SEED, op_seed, 300) + 0.5 * noise).astype(np.float32)
    return philox.Fingerprint(kind, values, Stream(kind, low=-1.0, high=1.0))


def found() -> tuple[list[int], dict[str, tuple[list[int], list[float]]]]:
    """Numpy seeds that draw two op seeds of seed 5000, and the best op seeds of two kernels."""
    bits = np.random.MT19937()
    np.random.RandomState(bits).seed(5000)
    drawn = [int(word) & 0xFFFFFF for word in bits.random_raw(16)]
    best = screening.scan(
        [kernel("uniform", OP_SEED), kernel("truncated_normal", OP_SEED + 5)], GRAPH_SEED, seeds=range(60_000, 140_000), top=5
    )
    candidates = {key: (value.op_seeds.tolist(), value.z.tolist()) for key, value in best.items()}
    return mt19937.find(drawn[:3], 16, seeds=SEEDS, need=2), candidates


@pytest.mark.slow
def test_shards_over_processes_find_what_threads_find(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mt19937, "FAR_SHARD", 2048)
    monkeypatch.setattr(screening, "FAR_SHARD", 32_768)
    here = found()
    with searching(None, jobs=2):
        assert found() == here
    seeds, candidates = here
    assert seeds == [5000]
    assert candidates["uniform"][0][0] == OP_SEED
    assert candidates["truncated_normal"][0][0] == OP_SEED + 5


@pytest.mark.slow
def test_shard_is_plain_json_and_can_be_done_again() -> None:
    taken: list[shards.Shard] = []

    def elsewhere(wanted):  # type: ignore[no-untyped-def]
        for shard in wanted:
            taken.append(shard)
            once, again = (search(json.loads(json.dumps(shard))) for _ in range(2))
            assert once == again
            yield once

    here = found()
    with shards.spread(elsewhere):
        assert found() == here
    assert {shard["search"] for shard in taken} == {"numpy", "op"}
    assert shards.elsewhere() is None


def test_shard_that_fails_is_told() -> None:
    with searching(None, jobs=1), pytest.raises(RestoreError, match="a part of the search could not be done"):
        list(shards.elsewhere()([{"search": "op", "start": 0, "stop": 10}]))  # type: ignore[misc]
