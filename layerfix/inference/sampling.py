"""Lost kernels and lost arguments from samples: layer by layer along the graph, each conditional on those before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.checkpoint.records import Checkpoint, WeightKey
from layerfix.inference.evidence import EPSILON, Kind, gap, label_losses, own_labels, prediction_errors, statistics_badness
from layerfix.inference.race import Lap, Line, Quadratic, race, screen, spread
from layerfix.progress import Progress
from layerfix.samples import FEWEST, Samples
from layerfix.seeds.generate import candidates
from layerfix.seeds.initializers import Stream, stream

if TYPE_CHECKING:
    from layerfix.graph import Rebuilt
    from layerfix.graph.batched import Batched
    from layerfix.graph.observe import Observer

Array = NDArray[Any]
FINALISTS = 200
SCREENED = 30_000
MEMORY = 600_000_000
"""Bytes that the closed form of the statistics may take."""
AFFINE = 1e-2
"""Largest deviation from a straight line at which the closed form is used."""
PERFECT = 0.01
"""Loss below which classifications are equally good: large activations reach zero whatever the kernel, and then remember nothing."""
LARGEST = 2**17
"""Elements of a kernel above which a search over samples would need too much memory."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One layer under one set of arguments, ready to be judged.

    Attributes:
        rebuilt: with all known weights loaded.
        layer: path.
        arguments: of this layer under test.
        unknown: its random kernels that no seed told.
        undecided: later layers about which nothing is known yet.
    """

    rebuilt: Rebuilt
    layer: str
    arguments: Mapping[str, Any]
    unknown: tuple[WeightSpec, ...]
    undecided: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate and how badly it explains each half of the samples.

    Attributes:
        trial: under which arguments.
        op_seed: of the unknown kernel; None where all kernels are known.
        searched: badness on the half that was searched with.
        held_out: on the other half.
    """

    trial: Trial
    op_seed: int | None
    searched: float
    held_out: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What samples told about one layer.

    Attributes:
        ranking: candidates, best first, over all trials.
        kind: the evidence used, or None where the samples show nothing of this layer.
        why: where nothing can be said, the reason.
        by_trial: best badness of each trial, in their order.
    """

    ranking: tuple[Judged, ...] = ()
    kind: Kind | None = None
    why: str = ""
    by_trial: tuple[float, ...] = field(default=())


def judge(checkpoint: Checkpoint, trials: Sequence[Trial], samples: Samples, graph_seed: int, progress: Progress) -> Outcome:
    """Rank all candidates for one layer over all its trials."""
    if len(samples) < FEWEST:
        return Outcome(why=f"{len(samples)} samples are too few, at least {FEWEST} are needed")
    judges = [_Judge(checkpoint, trial, samples, graph_seed, progress) for trial in trials]
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
    return Outcome(tuple(ranking), kinds[0], by_trial=best)


class _Judge:
    """Everything needed to judge one trial."""

    def __init__(self, checkpoint: Checkpoint, trial: Trial, samples: Samples, graph_seed: int, progress: Progress) -> None:
        from layerfix.graph.observe import Observer

        self.trial, self.samples, self.graph_seed, self.progress, self.checkpoint = trial, samples, graph_seed, progress, checkpoint
        self.observer: Observer = Observer(trial.rebuilt, trial.layer, trial.undecided, samples.inputs)
        everything = np.arange(len(samples))
        self.search_half, self.held_half = list(everything[::2]), list(everything[1::2])

    @property
    def kind(self) -> Kind | None:
        """The best evidence that the samples offer for this layer."""
        if self.observer.sees_outputs and self.samples.predictions is not None:
            return "predictions"
        if self.observer.normalization is not None:
            return "statistics"
        if self.observer.sees_outputs and self.samples.labels is not None:
            return "labels"
        if self.observer.sees_outputs and not self.trial.unknown and self._remembered:
            return "memory"
        return None

    def why_not(self) -> str:
        """Why no search is possible, or ""."""
        if len(self.trial.unknown) > 1:
            return f"{len(self.trial.unknown)} kernels of one layer are unknown: too many pairs of seeds to tell apart"
        for spec in self.trial.unknown:
            drawn = self._stream(spec)
            if drawn.kind == "orthogonal":
                return "an orthogonal kernel does not come from one of ten million seeds"
            if not drawn.random or np.prod(spec.shape) > LARGEST:
                return f"its initializer ({drawn.kind}) and size {spec.shape} cannot be searched"
            if self.observer.batched(self._variable(spec), statistics=self.kind == "statistics") is None and self.kind != "statistics":
                return "its sublayer cannot be evaluated for many candidates at once"
        return ""

    def rank(self) -> list[Judged]:
        """Candidates, judged on both halves."""
        if not self.trial.unknown:
            return [Judged(self.trial, None, self._badness(self.search_half), self._badness(self.held_half))]
        spec = self.trial.unknown[0]
        finalists = self._by_statistics(spec) if self.kind == "statistics" else self._by_outputs(spec)
        return self._finals(spec, finalists)

    def _by_statistics(self, spec: WeightSpec) -> NDArray[np.int64]:
        """Nearest to the stored means among all op seeds, then nearest to means and variances."""
        drawn, variable = self._stream(spec), self._variable(spec)
        offset, slope, deviation = self.observer.mean_response(variable, self.search_half, spread(drawn))
        mean, variance = self.observer.moving_statistics
        near = screen(Line(offset, slope, mean, np.sqrt(variance + EPSILON)), drawn, self.graph_seed, SCREENED, self.progress)
        batched = self.observer.batched(variable, statistics=True)
        if batched is None:
            return near[:FINALISTS]
        if deviation <= AFFINE and self._responses_fit(slope.shape):
            return self._by_closed_form(near, drawn, batched, slope.shape[1])

        def score(kernels: Array, chosen: Sequence[int]) -> Array:
            value = batched(kernels, chosen)[0]
            axes = tuple(range(1, value.ndim - 1))
            return statistics_badness(value.mean(axes), value.var(axes), mean, variance)

        laps = [Lap(8, 4000), Lap(32, FINALISTS)]
        return race(score, drawn, self.graph_seed, slope.shape[1], self.search_half, laps, self.progress, near)

    def _responses_fit(self, shape: tuple[int, ...]) -> bool:
        """Whether the responses to every unit kernel fit into memory."""
        channels, elements = shape
        positions = int(np.prod(self.observer.statistics_shape[:-1])) * len(self.search_half)
        return 4 * elements * channels * (positions + elements) <= MEMORY

    def _by_closed_form(self, near: NDArray[np.int64], drawn: Stream, batched: Batched, count: int) -> NDArray[np.int64]:
        units = np.vstack([np.zeros((1, count), np.float32), np.eye(count, dtype=np.float32)])
        parts = [batched(units[at : at + 64], self.search_half)[0] for at in range(0, len(units), 64)]
        responses = np.concatenate(parts)
        form = Quadratic.of(responses.reshape(len(units), -1, responses.shape[-1]))
        scores = []
        for start in range(0, len(near), 4096):
            kernels = candidates(drawn, self.graph_seed, near[start : start + 4096], count)
            scores.append(statistics_badness(*form.statistics(kernels), *self.observer.moving_statistics))
        return near[np.argsort(np.concatenate(scores), kind="stable")[:FINALISTS]]

    def _by_outputs(self, spec: WeightSpec) -> NDArray[np.int64]:
        drawn, count = self._stream(spec), int(np.prod(spec.shape))
        batched = self.observer.batched(self._variable(spec), statistics=False)
        assert batched is not None

        def losses(kernels: Array, chosen: Sequence[int]) -> Array:
            return self._losses(batched(kernels, chosen), chosen)

        trial_seeds = np.random.default_rng(0).integers(0, 10_000_000, 256)
        typical = losses(candidates(drawn, self.graph_seed, trial_seeds, count), self.search_half).mean(0)
        order = self._order(typical)
        half = len(order)
        laps = [Lap(1, 1_200_000), Lap(min(3, half), 80_000), Lap(min(12, half), 5_000), Lap(half, FINALISTS)]
        return race(lambda kernels, chosen: losses(kernels, chosen).mean(1), drawn, self.graph_seed, count, order, laps, self.progress)

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

    def _finals(self, spec: WeightSpec, op_seeds: NDArray[np.int64]) -> list[Judged]:
        """Every finalist with all samples of both halves, and with what the optimizer remembers where labels tell gradients."""
        drawn, variable = self._stream(spec), self._variable(spec)
        moments = self._moments()
        kernels = candidates(drawn, self.graph_seed, op_seeds, int(np.prod(spec.shape)))
        judged = []
        for done, (seed, kernel) in enumerate(zip(op_seeds, kernels, strict=True)):
            variable.assign(kernel.reshape(spec.shape))
            searched = self._badness(self.search_half)
            if moments is not None:
                searched = (searched + PERFECT) * float(np.exp(-moments.agreement()))
            judged.append(Judged(self.trial, int(seed), searched, self._badness(self.held_half)))
            self.progress("finalists", done + 1, len(op_seeds))
        return judged

    def _moments(self) -> Any:
        from layerfix.graph.moments import Moments

        if self.kind != "labels" or not self._remembered:
            return None
        return Moments(self.trial.rebuilt, self._remembered, self.samples.part(np.array(self.search_half)))

    @cached_property
    def _remembered(self) -> Mapping[WeightKey, Array]:
        from layerfix.graph.moments import squared_gradients

        return squared_gradients(self.checkpoint, self.trial.rebuilt)

    def _badness(self, chosen: Sequence[int]) -> float:
        if self.kind == "statistics":
            return float(statistics_badness(*self.observer.statistics(chosen), *self.observer.moving_statistics))
        if self.kind == "memory":
            return self._forgotten(chosen)
        return float(self._losses(self.observer.outputs(chosen), chosen).mean())

    def _forgotten(self, chosen: Sequence[int]) -> float:
        """How little the optimizer's memory agrees with the gradients towards the model's own answers: a right model is mostly right."""
        from layerfix.graph.moments import Moments

        part = self.samples.part(np.array(chosen))
        answers = Samples(part.inputs, own_labels(self.observer.outputs(chosen)[0]))
        return float(np.exp(-Moments(self.trial.rebuilt, self._remembered, answers).agreement()))

    def _losses(self, outputs: Sequence[Array], chosen: Sequence[int]) -> Array:
        part = self.samples.part(np.array(chosen))
        if self.kind == "predictions":
            assert part.predictions is not None
            return prediction_errors(outputs, part.predictions)
        assert part.labels is not None
        return label_losses(outputs[0], part.labels)

    def _stream(self, spec: WeightSpec) -> Stream:
        return stream(spec.initializer, spec.shape, self.checkpoint.keras_version)

    def _variable(self, spec: WeightSpec) -> Any:
        return self.trial.rebuilt.variables[spec.key]


@dataclass(frozen=True, slots=True)
class Decision:
    """How clearly a winner won.

    Attributes:
        log10_chance: of such a gap among wrong candidates, by extreme-value fit.
        held_out_rank: how many candidates of its own trial explain the held-out half better.
        of: candidates in that trial.
    """

    log10_chance: float
    held_out_rank: int
    of: int

    @property
    def chance(self) -> float:
        """Of a false winner."""
        return float(10.0**self.log10_chance)

    @property
    def confirmed(self) -> bool:
        """Whether the held-out half names the same winner."""
        return self.held_out_rank == 0

    @property
    def supported(self) -> bool:
        """Whether the held-out half at least speaks for it: it is among the best twentieth."""
        return self.held_out_rank <= self.of // 20


def decided(outcome: Outcome) -> Decision:
    """How clearly the first of the ranking won. The spacing is that of its own trial: other arguments explain samples on other scales."""
    winner = outcome.ranking[0]
    peers = [item for item in outcome.ranking if item.trial is winner.trial]
    own = gap([item.searched for item in peers], len(outcome.by_trial))
    rival = min((item.searched for item in outcome.ranking if item.trial is not winner.trial), default=float("inf"))
    chance = own.log10_chance if rival >= own.second or rival > 2 * own.best else 0.0
    return Decision(float(chance), sum(item.held_out < winner.held_out for item in peers), len(peers))
