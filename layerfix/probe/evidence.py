"""How well a model fits what is known of its past: stored statistics, labels, recorded predictions. Lower is better, zero is perfect.

Winners are told from chance by the gap to the runners-up. The best scores of very many wrong candidates are extreme values; in log score
their spacings are exponential, and Hill's estimator (B. M. Hill, Ann. Statist. 3, 1975) gives their scale. P(gap) = exp(-gap / scale) is an
extrapolation, not a rigorous bound as that of the seed chain, and reports say so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.samples import FEWEST
from layerfix.errors import UsageError
from layerfix.predictions import TOLERANCE, agree, scale

Kind = Literal["predictions", "statistics", "labels", "memory", "synthetic", "magnitudes"]
EPSILON = 1e-6
COMMON = 0.1
"""Weight of a drift that all channels share."""


def statistics_badness(mean: Array, variance: Array, moving_mean: Array, moving_variance: Array) -> Array:
    """Squared standardised error of the mean plus squared log ratio of the variance, averaged over channels: (..., channels) to (...)."""
    scale = moving_variance + EPSILON
    shift = (mean - moving_mean) ** 2 / scale
    spread = np.log((variance + EPSILON) / scale) ** 2
    return np.asarray(np.mean(np.minimum(shift, 1e12) + spread, axis=-1))


def pattern_badness(mean: Array, variance: Array, moving_mean: Array, moving_variance: Array) -> Array:
    """`statistics_badness` in which what all channels have in common counts a tenth: a gain of the means, a factor of the variances.

    Activations with heavy tails (products of activations above all) differ between samples and training in size, alike in every channel,
    by much more than kernels differ in the pattern of the channels. Shapes as there.
    """
    scale = moving_variance + EPSILON
    # A channel that never varied in training has next to no scale: its error must not overflow and
    # take the others' say away.
    shift = np.clip((mean - moving_mean) / np.sqrt(scale), -1e6, 1e6)
    spread = np.log((variance + EPSILON) / scale)
    size = moving_mean / np.sqrt(scale)
    gain = (shift * size).mean(axis=-1, keepdims=True) / (np.mean(size**2) + EPSILON)
    factor = spread.mean(axis=-1, keepdims=True)
    apart = (shift - gain * size) ** 2 + (spread - factor) ** 2
    common = (gain * size) ** 2 + factor**2
    return np.asarray(np.mean(apart + COMMON * common, axis=-1))


def label_losses(outputs: Array, labels: Array) -> Array:
    """Loss of each sample: (..., samples, classes) with (samples, classes) or class numbers (samples,) to (..., samples).

    Cross-entropy where the outputs are probabilities, squared error elsewhere.
    """
    targets = as_targets(labels, outputs.shape[-1])
    targets = targets.reshape(len(targets), *outputs.shape[-targets.ndim + 1 :])
    if outputs.shape[-1] > 1 and (outputs >= 0).all() and np.allclose(outputs.sum(-1), 1, atol=1e-2):
        losses = -(targets * np.log(np.maximum(outputs, 1e-7))).sum(-1)
    elif (outputs >= 0).all() and (outputs <= 1).all() and np.isin(targets, (0, 1)).all():
        kept = np.clip(outputs, 1e-7, 1 - 1e-7)
        losses = -(targets * np.log(kept) + (1 - targets) * np.log(1 - kept)).mean(-1)
    else:
        losses = ((outputs - targets) ** 2).mean(-1)
    return (
        np.asarray(losses.mean(axis=tuple(range(losses.ndim - (targets.ndim - 2), losses.ndim))))
        if targets.ndim > 2
        else np.asarray(losses)
    )


def as_targets(labels: Array, classes: int) -> Array:
    """Labels as float targets with the classes last.

    Raises:
        UsageError: for class numbers that the model does not have.
    """
    if labels.ndim == 1 and classes > 1 and np.issubdtype(labels.dtype, np.integer):
        if labels.min() < 0 or labels.max() >= classes:
            raise UsageError(
                f"the labels name classes {labels.min()} to {labels.max()}, the model tells {classes} apart.",
                hint="Give labels from 0, or one-hot rows.",
            )
        return np.eye(classes, dtype=np.float32)[labels]
    return (labels[:, None] if labels.ndim == 1 else labels).astype(np.float32)


def prediction_errors(outputs: Sequence[Array], predictions: Sequence[Array]) -> Array:
    """Squared error of each sample, relative to the spread of what was recorded: (..., samples, ...) to (..., samples)."""
    total: Array | float = 0.0
    for output, recorded in zip(outputs, predictions, strict=True):
        error = (output - recorded) ** 2 / (float(np.var(recorded)) + EPSILON)
        total = total + error.mean(axis=tuple(range(error.ndim - recorded.ndim + 1, error.ndim)))
    return np.asarray(total)


def reproduces(outputs: Sequence[Array], predictions: Sequence[Array]) -> bool:
    """Whether outputs equal recorded predictions up to rounding, and the recorded ones tell anything."""
    return telling(predictions) and agree(outputs, predictions)


def telling(predictions: Sequence[Array]) -> bool:
    """Whether recorded predictions could show that a model is another: a few inputs, or one of zeros alone, leave much of it at rest."""
    several = (recorded for recorded in predictions if recorded.size and len(recorded) >= FEWEST)
    return any(float(np.ptp(recorded, axis=0).max()) > 100 * TOLERANCE * scale(recorded) for recorded in several)


def own_labels(outputs: Array) -> Array:
    """What a classifier itself says, as one-hot labels: (samples, classes); of a single probability, whether it is above one half."""
    if outputs.shape[-1] == 1:
        return (outputs > 0.5).astype(np.float32)
    return np.eye(outputs.shape[-1], dtype=np.float32)[outputs.argmax(-1)]


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the best score is ahead.

    Attributes:
        best, second: the two lowest scores.
        log10_chance: log10 of the chance of such a gap among wrong candidates alone, by extreme-value fit (at most 0).
    """

    best: float
    second: float
    log10_chance: float


def gap(scores: Sequence[float], hypotheses: float = 1, neighbours: int = 100) -> Gap:
    """The gap of the best of many scores; the next ones (at least eight, to claim anything) tell the spacing that chance makes.

    The scores' logarithms are taken to have an exponential tail, whose scale is the mean excess of k runners-up over the last of them
    (B. M. Hill, 1975). In units of that estimate a gap exceeds g with probability (1 + g / k) ** -k: an exponential over the mean of k.

    Args:
        scores: badness of candidates.
        hypotheses: sets of candidates that were tried.
        neighbours: how many runners-up serve.
    """
    ordered = np.sort(np.asarray(scores, float))
    ordered = ordered[np.isfinite(ordered)][: neighbours + 1]
    if len(ordered) < 9 or ordered[0] == ordered[1]:  # eight runners-up, and a winner at all
        return Gap(float(ordered[0]) if len(ordered) else math.inf, float(ordered[1]) if len(ordered) > 1 else math.inf, 0.0)
    heights = -np.log(np.maximum(ordered, 1e-300))  # a candidate may fit to the last bit, and 0 has no logarithm
    excess = heights[1:-1] - heights[-1]
    ratio = (heights[0] - heights[1]) / max(float(excess.mean()), 1e-12) / len(excess)
    chance = -len(excess) * math.log1p(ratio) + math.log(hypotheses)
    return Gap(float(ordered[0]), float(ordered[1]), min(0.0, chance / math.log(10)))
