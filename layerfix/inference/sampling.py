"""Lost kernels and lost arguments from samples: layer by layer along the graph, each conditional on those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint
from layerfix.containers.samples import FEWEST, Samples
from layerfix.graph.values import set_value
from layerfix.inference.imprints import imprint, remembered
from layerfix.inference.memory import Memory
from layerfix.inference.race import Lap, Line, Quadratic, Score, race, scored, screen, spread
from layerfix.inference.verdicts import Judged, Outcome, Trial
from layerfix.probe.evidence import EPSILON, Kind, label_losses, own_labels, pattern_badness, prediction_errors, statistics_badness
from layerfix.progress import Progress
from layerfix.rng import philox
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import Stream, stream

if TYPE_CHECKING:
    from layerfix.probe.batched import Batched
    from layerfix.probe.observe import Observer

FINALISTS = 200
SCREENED = 30_000
"""Op seeds that go on after the stored means."""
ENTRANTS = 200_000
"""Op seeds that an estimate names: the lost one is among them if its z is above two."""
MEMORY = 600_000_000
"""Bytes that the closed form of the statistics may take."""
AFFINE = 1e-2
"""Largest deviation from a straight line at which the closed form is used."""
LARGEST = 2**17
"""Elements of a kernel above which a search over samples would need too much memory."""


def judge(checkpoint: Checkpoint, trials: Sequence[Trial], samples: Samples, graph_seed: int, progress: Progress) -> Outcome:
    """Rank all candidates for one layer over all its trials."""
    if len(samples) < FEWEST:
        return Outcome(why=f"{len(samples)} samples are too few, at least {FEWEST} are needed")
    judges = [Judge(checkpoint, trial, samples, graph_seed, progress) for trial in trials]
    kinds = [each.kind for each in judges]
    if any(kind is None for kind in kinds):
        return Outcome(
            why="the samples show nothing that depends on this layer alone: no BatchNormalization follows, and labels would be needed"
        )
    reasons = [why for each in judges if (why := each.why_not())]
    if reasons:
        return Outcome(why=reasons[0])
    found = [each.rank() for each in judges]
    ranking = sorted((item for group in found for item in group), key=lambda item: item.searched)
    best = tuple(min((item.searched for item in group), default=float("inf")) for group in found)
    stale = kinds[0] == "statistics" and any(each.observer.stale for each in judges)
    return Outcome(tuple(ranking), kinds[0], by_trial=best, stale=stale)


class Judge:
    """Everything needed to judge one trial."""

    def __init__(self, checkpoint: Checkpoint, trial: Trial, samples: Samples, graph_seed: int, progress: Progress) -> None:
        from layerfix.probe.observe import Observer

        self.trial, self.samples, self.graph_seed, self.progress, self.checkpoint = trial, samples, graph_seed, progress, checkpoint
        self.observer: Observer = Observer(trial.rebuilt, trial.layer, trial.undecided, samples.inputs)
        self._memory = Memory(checkpoint, trial.rebuilt)
        everything = np.arange(len(samples))  # every other one: samples are often sorted by class, and each half needs all classes
        self.search_half, self.held_half = list(everything[::2]), list(everything[1::2])

    @property
    def kind(self) -> Kind | None:
        """The best evidence that the samples offer for this layer."""
        if self.observer.sees_outputs and self.samples.predictions is not None:
            return "predictions"
        if self.trial.together and self.observer.sees_outputs and self.samples.labels is not None:
            return "labels"
        if self.observer.normalization is not None:
            return "statistics"
        if self.observer.sees_outputs and self.samples.labels is not None:
            return "labels"
        if self.observer.sees_outputs and not self.trial.unknown and self._memory.large:
            return "memory"
        return None

    def why_not(self) -> str:
        """Why no search is possible, or ""."""
        if len(self.trial.unknown) > 1:
            return f"{len(self.trial.unknown)} kernels of one layer are unknown, and the samples do not tell them apart"
        return next((why for spec in self.trial.unknown if (why := self._unsearchable(spec))), "")

    def searches(self, spec: WeightSpec) -> bool:
        """Whether one kernel can be searched by what the samples tell."""
        return self.kind is not None and not self._unsearchable(spec)

    def _unsearchable(self, spec: WeightSpec) -> str:
        drawn = self.stream(spec)
        if drawn.kind == "orthogonal":
            return "an orthogonal kernel does not come from one of ten million seeds"
        if not drawn.random or np.prod(spec.shape) > LARGEST:
            return f"its initializer ({drawn.kind}) and size {spec.shape} cannot be searched"
        if self.kind != "statistics" and self.observer.batched(self.variable(spec), self.kind or "labels") is None:
            return "its sublayer cannot be evaluated for many candidates at once"
        return ""

    def rank(self) -> list[Judged]:
        """Candidates, judged on both halves."""
        if not self.trial.unknown:
            searched, held_out = self.badness(self.search_half), self.badness(self.held_half)
            return [Judged(self.trial, None, searched, held_out, float(np.sqrt(searched * held_out)))]
        return self.search(self.trial.unknown[0])

    def search(self, spec: WeightSpec) -> list[Judged]:
        """Candidates for one kernel, best first, all others as the model holds them."""
        batched = self.observer.batched(self.variable(spec), self.kind or "labels")
        if self.kind == "statistics":
            return self._finals(spec, batched, self._by_statistics(spec, batched))
        best, *others = self._finals(spec, batched, self._by_outputs(spec, self.scorer(spec, batched)))
        return [replace(best, z=self._z(spec, best.op_seed or 0)), *others]

    def _z(self, spec: WeightSpec, op_seed: int) -> float:
        estimate = imprint(self.checkpoint, self.trial.rebuilt, [spec], self.samples)[spec.key]
        return philox.z_score(philox.Fingerprint(spec.key, estimate.ravel(), self.stream(spec)), self.graph_seed, op_seed)

    def _by_statistics(self, spec: WeightSpec, batched: Batched | None) -> NDArray[np.int64]:
        """Nearest to the stored means among all op seeds, then nearest to means and variances."""
        drawn, variable = self.stream(spec), self.variable(spec)
        offset, slope, deviation = self.observer.mean_response(variable, self.search_half, spread(drawn))
        mean, variance = self.observer.moving_statistics
        near = screen(Line(offset, slope, mean, np.sqrt(variance + EPSILON)), drawn, self.graph_seed, SCREENED, self.progress)
        if batched is None:
            return near[:FINALISTS]
        if deviation <= AFFINE and self._responses_fit(slope.shape):
            return self._by_closed_form(near, drawn, batched, slope.shape[1])
        laps = [Lap(8, 4000), Lap(32, FINALISTS)]
        score = self.scorer(spec, batched)
        return race(score, drawn, self.graph_seed, slope.shape[1], self.search_half, laps, self.progress, near)

    def scorer(self, spec: WeightSpec, batched: Batched | None = None) -> Score:
        """The badness of many values of one kernel, many at once where its sublayer allows it."""
        batched = batched or self.observer.batched(self.variable(spec), self.kind or "labels")
        if batched is None:
            return lambda kernels, chosen: self._one_by_one(spec, kernels, chosen)
        return lambda kernels, chosen: self._badness_of(batched(kernels, chosen), chosen)

    def _badness_of(self, found: Sequence[Array], chosen: Sequence[int]) -> Array:
        """Of what each of many candidates makes of the samples: arrays of shape (candidates, samples, ...)."""
        if self.kind != "statistics":
            return self._losses(found, chosen).mean(-1)
        axes = tuple(range(1, found[0].ndim - 1))
        return pattern_badness(found[0].mean(axes), found[0].var(axes), *self.observer.moving_statistics)

    def _one_by_one(self, spec: WeightSpec, kernels: Array, chosen: Sequence[int]) -> Array:
        variable, found = self.variable(spec), np.empty(len(kernels), np.float32)
        for at, kernel in enumerate(kernels):
            set_value(variable, kernel.reshape(spec.shape))
            found[at] = self.badness(chosen)
        return found

    def _responses_fit(self, shape: tuple[int, ...]) -> bool:
        """Whether the responses to every unit kernel fit into memory."""
        channels, elements = shape
        positions = int(np.prod(self.observer.statistics_shape[:-1])) * len(self.search_half)
        return 4 * elements * channels * (positions + elements) <= MEMORY

    def _by_closed_form(self, near: NDArray[np.int64], drawn: Stream, batched: Batched, count: int) -> NDArray[np.int64]:
        units = np.vstack([np.zeros((1, count), np.float32), np.eye(count, dtype=np.float32)])
        # Some unit kernels at a time: the layer's outputs for all search samples are held for each of them.
        parts = [batched(units[at : at + 64], self.search_half)[0] for at in range(0, len(units), 64)]
        responses = np.concatenate(parts)
        form = Quadratic.of(responses.reshape(len(units), -1, responses.shape[-1]))
        scores = []
        for start in range(0, len(near), 4096):
            kernels = candidates(drawn, self.graph_seed, near[start : start + 4096], count)
            scores.append(pattern_badness(*form.statistics(kernels), *self.observer.moving_statistics))
        return near[np.argsort(np.concatenate(scores), kind="stable")[:FINALISTS]]

    def _by_outputs(self, spec: WeightSpec, score: Score) -> NDArray[np.int64]:
        """Those that an estimate from the search half remembers, in a race."""
        drawn, count = self.stream(spec), int(np.prod(spec.shape))
        estimate = imprint(self.checkpoint, self.trial.rebuilt, [spec], self.samples.part(np.array(self.search_half)))[spec.key]
        near = remembered(estimate, drawn, self.graph_seed, ENTRANTS, self.progress)[0]
        order = self.telling(score, candidates(drawn, self.graph_seed, near[:: max(1, len(near) // 64)], count))
        half = len(order)
        laps = [Lap(min(3, half), 20_000), Lap(min(12, half), 3_000), Lap(half, FINALISTS)]
        return race(score, drawn, self.graph_seed, count, order, laps, self.progress, near)

    def telling(self, score: Score, typical: Array) -> list[int]:
        """The search half, the most telling samples first: those that typical kernels get wrong; statistics need them all."""
        if self.kind == "statistics":
            return list(self.search_half)
        return self._order(np.array([score(typical, [sample]).mean() for sample in self.search_half]))

    def _order(self, typical: Array) -> list[int]:
        """Samples that wrong kernels get wrong come first, classes in turn; the very worst may be mislabelled and wait."""
        ranked = np.argsort(-typical, kind="stable")
        skipped = len(ranked) // 20
        ranked = np.concatenate([ranked[skipped:], ranked[:skipped]])
        labels = self.samples.labels
        if labels is None:
            return [self.search_half[i] for i in ranked]
        classes = np.asarray(labels)[self.search_half]
        classes = classes.argmax(-1) if classes.ndim == 2 and classes.shape[1] > 1 else classes.reshape(len(classes), -1)[:, 0]
        seen: dict[Any, int] = {}
        turn = {}
        for i in ranked:
            turn[i] = seen[classes[i]] = seen.get(classes[i], -1) + 1
        return [self.search_half[i] for i in sorted(ranked, key=lambda i: turn[i])]

    def _finals(self, spec: WeightSpec, batched: Batched | None, op_seeds: NDArray[np.int64]) -> list[Judged]:
        """Every finalist with all samples of both halves, and with what the optimizer remembers where labels tell gradients."""
        kernels = candidates(self.stream(spec), self.graph_seed, op_seeds, int(np.prod(spec.shape)))
        score = self.scorer(spec, batched)
        halves = [scored(score, kernels, half) for half in (self.search_half, self.held_half)]
        both = np.sqrt(halves[0] * halves[1]) if self.kind == "statistics" else np.mean(halves, axis=0)
        told = np.array([*halves, both])
        if self.kind == "labels":
            parts = [self.samples.part(np.array(half)) for half in (self.search_half, self.held_half)]
            told = self._memory.weighed(told, self.variable(spec), kernels, self.observer.neighbours, parts, self.progress)
        judged = [Judged(self.trial, int(seed), *map(float, row)) for seed, row in zip(op_seeds, told.T, strict=True)]
        return sorted(judged, key=lambda item: item.searched)

    def badness(self, chosen: Sequence[int]) -> float:
        if self.kind == "statistics":
            misfit = pattern_badness if self.trial.unknown else statistics_badness
            return float(misfit(*self.observer.statistics(chosen), *self.observer.moving_statistics))
        if self.kind == "memory":
            inputs, answers = self.samples.part(np.array(chosen)).inputs, own_labels(self.observer.outputs(chosen, "memory")[0])
            return self._memory.forgotten(Samples(inputs, answers))
        return float(self._losses(self.observer.outputs(chosen, self.kind or "labels"), chosen).mean())

    def _losses(self, outputs: Sequence[Array], chosen: Sequence[int]) -> Array:
        part = self.samples.part(np.array(chosen))
        if self.kind == "predictions":
            assert part.predictions is not None
            return prediction_errors(outputs, part.predictions)
        assert part.labels is not None
        return label_losses(outputs[0], part.labels)

    def stream(self, spec: WeightSpec) -> Stream:
        return stream(spec.initializer, spec.shape, self.checkpoint.keras_version)

    def variable(self, spec: WeightSpec) -> Any:
        return self.trial.rebuilt.variables[spec.key]
