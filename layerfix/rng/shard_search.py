""""""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def search(shard: Mapping[str, object]) -> Any:
    """One shard, in the calling thread: its answer, ready for JSON."""
    if shard["search"] == "numpy":
        from layerfix.rng.mt19937 import search_shard

        return search_shard(shard)
    from layerfix.rng.screening import score_shard

    return score_shard(shard)
