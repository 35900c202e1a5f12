"""Kernels whose initializer states a seed of its own: each vouches for TensorFlow's graph seed, which the script may have set as well."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerfix.blueprint import Blueprint
from layerfix.containers.records import Checkpoint
from layerfix.containers.tensors import open_tensors
from layerfix.rng import guesses
from layerfix.rng.certificate import EXACT
from layerfix.rng.initializers import stream
from layerfix.rng.philox import Fingerprint, z_score
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

SMALL = 1000
"""Graph seeds below this are tried beside those that people write."""


def graph_seed(checkpoint: Checkpoint, blueprint: Blueprint, given: int | None) -> tuple[int, float] | None:
    """The graph seed under which such kernels are remembered best, and log10 of the bound that it
    is wrong; None where they do not tell.

    Args:
        checkpoint: as read.
        blueprint: names each stored weight's initializer.
        given: what the user remembers.
    """
    marks = list(_marks(checkpoint, blueprint))
    if not marks:
        return None
    likely = (DEFAULT_GRAPH_SEED, *guesses.pair_graph_seeds(None), *range(SMALL))
    tried = list(dict.fromkeys(likely)) if given is None else [given]
    sums = {seed: sum(z_score(mark, seed, own) for mark, own in marks) for seed in tried}
    best = max(sums, key=lambda seed: sums[seed])
    exponent = max(0.0, sums[best]) ** 2 / (2 * len(marks))
    log10_bound = float((np.log(len(tried)) - exponent) / np.log(10))
    return (best, log10_bound) if log10_bound <= np.log10(EXACT) else None


def _marks(checkpoint: Checkpoint, blueprint: Blueprint) -> Iterator[tuple[Fingerprint, int]]:
    """Stored kernels with a seed of their own, as training left them."""
    stored = {weight.key: weight for weight in checkpoint.weights}
    with open_tensors(checkpoint) as tensors:
        for spec in blueprint.weights:
            drawn = stream(spec.initializer, spec.shape, checkpoint.keras_version)
            if spec.hidden or spec.key not in stored or not drawn.random or drawn.seed is None:
                continue
            if drawn.kind != "orthogonal" and stored[spec.key].shape == spec.shape:
                values = np.asarray(tensors.read(spec.key), np.float32).ravel()
                yield Fingerprint(spec.key, values, drawn), drawn.seed
