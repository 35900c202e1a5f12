"""Find the one of ten million op seeds whose kernel explains samples: cheap tests for all, dear ones for what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.progress import Progress
from layerfix.rng import philox
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import TRUNCATED_DEVIATION, Stream
from layerfix.rng.streams import OP_SEEDS

Score = Callable[[Array, Sequence[int]], Array]
"""(kernels, which samples) -> badness of each kernel."""
CHUNK = 500_000
"""Op seeds whose linear scores are held at a time: 32 MB for sixteen channels."""
WORK = 2**15
"""Values that are multiplied for each op seed at most, all channels together."""
FEWEST_CHANNELS, GENEROUS = 6, 4
"""Channels that judge all op seeds at least; and how many times as many are kept where others judge what is left."""
VALUES = 2**21
"""Numbers of candidate kernels made at a time."""
BATCH = 2048
"""Candidates times samples evaluated at a time."""


@dataclass(frozen=True, slots=True)
class Line:
    """Channel means as an affine function of a kernel's elements.

    Attributes:
        offset: (channels,).
        slope: (channels, elements).
        target: wanted means, (channels,).
        scale: standard deviations of the channels, (channels,).
    """

    offset: Array
    slope: Array
    target: Array
    scale: Array


@dataclass(frozen=True, slots=True)
class Quadratic:
    """Channel statistics in closed form, where what reaches a BatchNormalization is affine in a kernel's elements.

    Attributes:
        offset, slope: means are offset + slope @ w: (channels,), (channels, elements).
        constant, linear, gram: variances are constant + 2 linear @ w + w @ gram @ w: (channels,), (channels, elements), (channels,
            elements, elements).
    """

    offset: Array
    slope: Array
    constant: Array
    linear: Array
    gram: Array

    @staticmethod
    def of(responses: Array) -> Quadratic:
        """From the responses to no kernel and to each unit kernel: (1 + elements, positions, channels)."""
        still = responses[0]
        moved = np.moveaxis(responses[1:] - still, 2, 0)
        slope, offset = moved.mean(axis=2), still.mean(axis=0)
        moved = moved - slope[:, :, None]
        rest = (still - offset).T
        count = still.shape[0]
        gram = np.stack([part @ part.T for part in moved]) / count
        linear = np.stack([part @ row for part, row in zip(moved, rest, strict=True)]) / count
        return Quadratic(offset, slope, still.var(axis=0), linear, gram)

    def statistics(self, kernels: Array) -> tuple[Array, Array]:
        """Means and variances for each kernel: two arrays of shape (kernels, channels)."""
        means = self.offset + kernels @ self.slope.T
        curved = [((kernels @ gram) * kernels).sum(axis=1) for gram in self.gram]
        return means, self.constant + 2 * kernels @ self.linear.T + np.stack(curved, axis=1)


def spread(stream: Stream) -> float:
    """Standard deviation of a stream's elements."""
    if stream.kind == "uniform":
        return (stream.high - stream.low) / float(np.sqrt(12.0))
    return stream.stddev * (TRUNCATED_DEVIATION if stream.kind == "truncated_normal" else 1.0)


def screen(line: Line, stream: Stream, graph_seed: int, keep: int, progress: Progress) -> NDArray[np.int64]:
    """The `keep` op seeds whose kernels come nearest to the wanted means, by the compiled scan: a channel's mean is one correlation.

    Of many channels the most telling ones judge all op seeds, and the others those that are left.
    """
    norms = np.linalg.norm(line.slope, axis=1)
    gain = norms * spread(stream) / line.scale
    live = np.argsort(-gain, kind="stable")[: np.count_nonzero(norms > 0)]  # where the kernel has no say no seeds are told apart
    first = live[: max(FEWEST_CHANNELS, WORK // line.slope.shape[1])]
    enough = keep if len(first) == len(live) else GENEROUS * keep
    best_seeds, best_scores = np.empty(0, np.int64), np.empty(0, np.float32)
    for start in range(0, OP_SEEDS, CHUNK):
        scores = _misfit(line, stream, graph_seed, first, range(start, min(start + CHUNK, OP_SEEDS)))
        near = np.argpartition(scores, min(enough, len(scores) - 1))[:enough]
        best_seeds, best_scores = np.append(best_seeds, near + start), np.append(best_scores, scores[near])
        order = np.argsort(best_scores, kind="stable")[:enough]  # stable: of equals the smaller op seed stays, on every machine
        best_seeds, best_scores = best_seeds[order], best_scores[order]
        progress("op seeds against stored means", start + CHUNK, OP_SEEDS)
    if len(first) == len(live):
        return best_seeds
    best_seeds = np.sort(best_seeds)
    return best_seeds[np.argsort(_misfit(line, stream, graph_seed, live, best_seeds), kind="stable")[:keep]]


def _misfit(line: Line, stream: Stream, graph_seed: int, channels: NDArray[np.int64], seeds: range | NDArray[np.int64]) -> Array:
    """Squared distance of some channels' means from the wanted ones, for each op seed."""
    slope, scale = line.slope[channels], line.scale[channels]
    marks = [philox.Fingerprint(int(c), line.slope[c].astype(np.float32) + np.float32(stream.center), stream) for c in channels]
    error = (line.offset[channels] + slope.sum(axis=1) * stream.center - line.target[channels]) / scale
    gain = np.linalg.norm(slope, axis=1) * spread(stream) / scale
    misfit: Array = ((error[:, None] + gain[:, None] * philox.table(marks, graph_seed, seeds=seeds)) ** 2).sum(axis=0)
    return misfit


@dataclass(frozen=True, slots=True)
class Lap:
    """One round of a race: how many samples judge, and how many candidates go on."""

    samples: int
    keep: int


def race(
    score: Score,
    stream: Stream,
    graph_seed: int,
    count: int,
    order: Sequence[int],
    laps: Sequence[Lap],
    progress: Progress,
    entrants: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """The op seeds that survive all laps, best of the last lap first.

    Args:
        score: badness of each kernel.
        stream: that filled the kernel.
        graph_seed: TensorFlow's.
        count: elements of the kernel.
        order: samples, the most telling ones first.
        laps: growing numbers of samples, shrinking numbers of candidates.
        entrants: op seeds that take part; all by default.
    """
    seeds = np.arange(OP_SEEDS, dtype=np.int64) if entrants is None else entrants
    for lap in laps:
        chosen = list(order[: lap.samples])
        scores = np.empty(len(seeds), np.float32)
        block = max(1, VALUES // count)
        for start in range(0, len(seeds), block):
            kernels = candidates(stream, graph_seed, seeds[start : start + block], count)
            scores[start : start + block] = scored(score, kernels, chosen)
            progress(f"op seeds against {counted(len(chosen))}", min(start + block, len(seeds)), len(seeds))
        seeds = seeds[np.argsort(scores, kind="stable")[: lap.keep]]
    return seeds


def counted(count: int) -> str:
    """ "1 sample", "8 samples"."""
    return f"{count} sample{'' if count == 1 else 's'}"


def scored(score: Score, kernels: Array, chosen: Sequence[int]) -> Array:
    """Badness of each of many kernels (rows), evaluated in batches of one size, so that one shape is compiled."""
    size = max(16, BATCH // len(chosen))
    found = np.empty(len(kernels), np.float32)
    for at in range(0, len(kernels), size):
        part = kernels[at : at + size]
        full = part if len(part) == size else np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)])
        found[at : at + len(part)] = score(full, chosen)[: len(part)]
    return found
