"""Scores with chosen parts of a kernel: values are drawn in groups of four, each of which can be made without the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerfix.progress import Progress, silent
from layerfix.rng import philox, tables
from layerfix.rng.streams import OP_SEEDS


def group_weights(fingerprint: philox.Fingerprint) -> NDArray[np.float64]:
    """Weights of a kernel by the groups in which its values are drawn: (groups, 4), zeros beyond the last."""
    weights = fingerprint.weights
    return np.pad(weights, (0, -weights.size % 4)).reshape(-1, 4)


def score_groups(
    fingerprint: philox.Fingerprint,
    graph_seed: int,
    groups: NDArray[np.int64],
    op_seeds: NDArray[np.int64] | None = None,
    progress: Progress = silent,
) -> philox.Scores:
    """z with chosen groups of values, as if there were no others: of all op seeds, or of chosen ones.

    Args:
        fingerprint: the kernel.
        graph_seed: TensorFlow's graph seed.
        groups: in ascending order.
        op_seeds: int64, or None for all ten million.
        progress: called with op seeds done where these are all.
    """
    plan = tables.plan(fingerprint.stream.kind, [group_weights(fingerprint)[groups].ravel()], graph_seed, groups)
    if op_seeds is not None:
        return philox.scored(plan, op_seeds)
    return np.concatenate([block[0] for _, block in philox.blocks(plan, range(OP_SEEDS), progress)])
