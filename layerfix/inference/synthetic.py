"""Arguments without samples: made-up inputs whose statistics, after the layers before the lost one, are those that the file stores.

Where a BatchNormalization lies before the lost layer, inputs can be chosen that reproduce what it stored; what arrives at the lost layer
is then of the right size, and arguments that lead to other magnitudes behind it (a mean against a sum of products) tell themselves apart.
Only gross differences are believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerfix.arrays import Array
from layerfix.inference.verdicts import Judged, Outcome, Trial
from layerfix.probe.evidence import statistics_badness

if TYPE_CHECKING:
    from layerfix.probe.observe import Observer

COUNT = 48
"""Inputs made of each kind."""
SCALES = (0.1, 0.3, 1.0, 3.0, 10.0)
SMOOTHNESS = (1, 4, 16)
"""Widths of the moving average that turns white noise into a signal."""
OPEN_SIZE = 32
BEST = 3
"""Kinds of inputs that are kept: those that reproduce the statistics stored before the lost layer best."""


def judge_without_samples(trials: Sequence[Trial]) -> Outcome:
    """Rank argument sets by how well stored statistics behind the layer fit, over the kinds of inputs that fit before it."""
    if any(trial.unknown for trial in trials):
        return Outcome(why=_nothing_to_go_on(trials[0]))
    kinds = list(_inputs([tuple(tensor.shape) for tensor in trials[0].rebuilt.model.inputs]))
    calibrated = [(before, inputs) for inputs in kinds if (before := _before(_observer(trials[0], inputs))) is not None]
    if not calibrated:
        return Outcome(why="the file holds no statistics before this layer that made-up inputs could be fitted to")
    chosen = [inputs for _, inputs in sorted(calibrated, key=lambda item: item[0])[:BEST]]
    ranking = []
    for trial in trials:
        behind = [value for inputs in chosen if (value := _behind(_observer(trial, inputs))) is not None]
        if len(behind) < len(chosen):
            return Outcome(why="no stored statistics behind this layer depend on it alone")
        ranking.append(Judged(trial, None, float(np.median(behind)), float(np.max(behind)), float(np.median(behind))))
    ranking.sort(key=lambda item: item.searched)
    return Outcome(tuple(ranking), "synthetic", by_trial=tuple(item.searched for item in ranking))


def _nothing_to_go_on(trial: Trial) -> str:
    """Why no kernel is told without samples."""
    from layerfix.probe.phases import has_statistics

    if any(map(has_statistics, trial.rebuilt.model._flatten_layers())):
        return "no samples were given, and the statistics stored in the file do not tell it"
    return "no samples were given, and a file without BatchNormalization stores nothing that would tell it: there is nothing to go on"


def _observer(trial: Trial, inputs: Sequence[Array]) -> Observer:
    from layerfix.probe.observe import Observer

    return Observer(trial.rebuilt, trial.layer, trial.undecided, inputs)


def _before(observer: Observer) -> float | None:
    found = [statistics_badness(*pair) for pair in observer.statistics_before()]
    return float(np.mean(found)) if found else None


def _behind(observer: Observer) -> float | None:
    if observer.normalization is None:
        return None
    return float(statistics_badness(*observer.statistics(range(COUNT)), *observer.moving_statistics))


def _inputs(shapes: Sequence[tuple[int | None, ...]]) -> Iterator[list[Array]]:
    """Noise and signals of several sizes, with and without an offset."""
    for scale in SCALES:
        for width in SMOOTHNESS:
            for offset in (0.0, 1.0):
                generator = np.random.default_rng(0)
                yield [signal(generator, shape, scale, width, offset) for shape in shapes]


def signal(generator: np.random.Generator, shape: tuple[int | None, ...], scale: float, width: int, offset: float) -> Array:
    """Noise smoothed over `width` steps, of a given size and mean: (COUNT, ...)."""
    sizes = [OPEN_SIZE if size is None else size for size in shape[1:]]
    noise = generator.normal(size=(COUNT, *sizes))
    if len(sizes) > 1 and width > 1:
        kernel = np.ones(width) / np.sqrt(width)
        noise = np.apply_along_axis(lambda row: np.convolve(row, kernel, "same"), 1, noise)
    return (scale * (noise + offset)).astype(np.float32)
