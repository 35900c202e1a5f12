"""Several kernels at once, made-up inputs, seeds that initializers state: each on a case small enough to see through."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from stories import weight

from layerfix.containers.reader import read
from layerfix.inference import jointly, stated_seeds, synthetic
from layerfix.inference.inquiry import Question
from layerfix.inference.jointly import Guesser
from layerfix.inference.magnitudes import FLOOR, _outside, _plausible, _words
from layerfix.inference.synthetic import COUNT, OPEN_SIZE, SCALES, SMOOTHNESS, judge_without_samples, signal
from layerfix.inference.together import _tells_more
from layerfix.inference.verdicts import Trial
from layerfix.progress import silent
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import stream
from layerfix.rng.philox import Fingerprint
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

SAMPLE = read(Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5")
A, B, C = (weight("kernel", layer, shape=(2, 3)) for layer in "abc")


class Variable:
    def __init__(self, layer: str, log: list[Any]) -> None:
        self.layer, self.log, self.shape, self.dtype = layer, log, (2, 3), "float32"

    def assign(self, value: Any) -> None:
        self.log.append((self.layer, np.asarray(value).shape))


def guesser(monkeypatch: pytest.MonkeyPatch, tops: dict[str, tuple[list[int], list[float]]], specs: Sequence[Any]) -> tuple[Guesser, Any]:
    """A guesser whose estimates name op seeds with a z each; what is put into the model is logged."""
    log: list[Any] = []

    def judge_at(layer: str) -> Any:
        return SimpleNamespace(
            checkpoint=SAMPLE, trial=SimpleNamespace(rebuilt=None), samples=None, graph_seed=DEFAULT_GRAPH_SEED, progress=silent,
            stream=lambda spec: stream(spec.initializer, spec.shape, "2.2.4"), variable=lambda spec: Variable(spec.layer, log),
            search=lambda spec: [SimpleNamespace(op_seed=900)], scorer=lambda spec: None, telling=lambda score, rows: [0],
            kind="labels", search_half=[0], badness=lambda half: 0.25,
        )  # fmt: skip

    monkeypatch.setattr(jointly, "imprint", lambda checkpoint, rebuilt, left, samples: {spec.key: spec.layer for spec in left})

    def remembered(layer: str, drawn: Any, graph_seed: int, keep: int, progress: Any) -> Any:
        seeds, z = tops[layer]
        return np.array(seeds), np.array(z)

    monkeypatch.setattr(jointly, "remembered", remembered)
    return Guesser(judge_at, specs), log


def test_a_kernel_that_stands_out_is_put_in_and_the_rest_is_estimated_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    guessing, log = guesser(monkeypatch, {"a": ([11, 12], [8.0, 4.0]), "b": ([21, 22], [9.0, 4.0])}, [A, B])
    assert guessing.named() == {B.key: 21, A.key: 11}
    assert log == [("b", (2, 3)), ("a", (2, 3))]


def test_the_last_one_that_does_not_stand_out_is_searched_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    guessing, _ = guesser(monkeypatch, {"a": ([11], [2.0]), "b": ([21], [9.0])}, [A, B])
    assert guessing.named() == {B.key: 21, A.key: 900}


def test_where_none_stands_out_the_best_two_are_searched_as_a_pair_the_inner_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    tops = {"a": ([11, 12], [2.0, 1.0]), "b": ([21, 22], [3.0, 1.0]), "c": ([31, 32], [9.0, 1.0])}
    guessing, _ = guesser(monkeypatch, tops, [A, B, C])
    crossed: list[Any] = []

    def best_pairs(inner: Any, outer: Any, score: Any, order: Any, progress: Any) -> Any:
        crossed.append((inner.shape, outer.kernels.shape))
        return np.array([[1, 0]])

    monkeypatch.setattr(jointly, "best_pairs", best_pairs)
    assert guessing.named() == {C.key: 31, A.key: 12, B.key: 21}
    assert crossed == [((2, 6), (2, 6))]


def test_how_well_free_kernels_do_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert guesser(monkeypatch, {}, [A])[0].fitted() == 0.25


@pytest.mark.parametrize(
    ("unknown", "samples", "more"),
    [
        (((A,), (B,)), "labels", True),
        (((A,), (B,)), "inputs", False),
        (((A, B),), "inputs", True),
        (((A,),), "labels", False),
        (((A,), (B,)), None, False),
        (((A,), (B,)), "few", False),
    ],
)
def test_several_kernels_are_looked_at_together_where_that_tells_more(unknown: Any, samples: str | None, more: bool) -> None:
    from layerfix.containers.samples import Samples

    count = 3 if samples == "few" else 64
    labels = np.zeros(count, int) if samples in ("labels", "few") else None
    given = None if samples is None else Samples((np.zeros((count, 2), "float32"),), labels)
    asking: Any = SimpleNamespace(samples=given)
    assert _tells_more(asking, [Question("l", (), specs) for specs in unknown]) is more


def test_a_signal_has_its_size_its_offset_and_its_smoothness() -> None:
    white, smooth = (signal(np.random.default_rng(0), (None, 400, 2), 3.0, width, 1.0) for width in (1, 16))
    assert white.shape == (COUNT, 400, 2)
    assert white.mean() == pytest.approx(3.0, abs=0.1)
    assert white.std() == pytest.approx(3.0, abs=0.1)
    assert smooth.std() == pytest.approx(3.0, rel=0.1)
    together = [np.corrcoef(found[:, :-1, 0].ravel(), found[:, 1:, 0].ravel())[0, 1] for found in (white, smooth)]
    assert abs(together[0]) < 0.05
    assert together[1] > 0.8


def test_an_open_size_is_filled_and_a_vector_is_not_smoothed() -> None:
    assert signal(np.random.default_rng(0), (None, None, 2), 1.0, 4, 0.0).shape == (COUNT, OPEN_SIZE, 2)
    one, four = (signal(np.random.default_rng(0), (None, 5), 1.0, width, 0.0) for width in (1, 4))
    np.testing.assert_array_equal(one, four)


class Seen:
    """What an observer sees of one trial: statistics before the layer and behind it, by the size of the inputs."""

    def __init__(self, scale: float, behind: float, normalized: bool = True, before: bool = True) -> None:
        self.normalization = object() if normalized else None
        self._scale, self._behind, self._before = scale, behind, before
        self.moving_statistics = (np.zeros(2), np.ones(2))

    def statistics_before(self) -> Any:
        off = np.full(2, abs(np.log(self._scale)))
        return [(off, np.ones(2), np.zeros(2), np.ones(2))] if self._before else []

    def statistics(self, samples: Any) -> Any:
        return np.full(2, self._behind), np.ones(2)


def judged(monkeypatch: pytest.MonkeyPatch, *behind: float, **more: Any) -> Any:
    trials = [Trial(SimpleNamespace(model=SimpleNamespace(inputs=[SimpleNamespace(shape=(None, 4))])), "l", {"a": n}, (), frozenset())  # type: ignore[arg-type]
              for n in range(len(behind))]  # fmt: skip
    by_trial = {id(trial): value for trial, value in zip(trials, behind, strict=True)}

    def observer(trial: Any, inputs: Any) -> Any:
        return Seen(float(np.std(inputs[0])), by_trial[id(trial)], **more)

    monkeypatch.setattr(synthetic, "_observer", observer)
    return judge_without_samples(trials)


def test_arguments_are_ranked_by_the_statistics_behind_over_inputs_that_fit_before(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judged(monkeypatch, 3.0, 0.5)
    assert [item.trial.arguments for item in found.ranking] == [{"a": 1}, {"a": 0}]
    assert [item.searched for item in found.ranking] == pytest.approx([0.25, 9.0], rel=1e-4)
    assert found.kind == "synthetic"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"before": False}, "the file holds no statistics before this layer that made-up inputs could be fitted to"),
        ({"normalized": False}, "no stored statistics behind this layer depend on it alone"),
    ],
)
def test_without_statistics_around_a_layer_nothing_is_told(monkeypatch: pytest.MonkeyPatch, more: Any, why: str) -> None:
    found = judged(monkeypatch, 1.0, 2.0, **more)
    assert (found.kind, found.why) == (None, why)


def test_kernels_are_not_searched_with_made_up_inputs() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    trial: Any = SimpleNamespace(unknown=(A,), rebuilt=SimpleNamespace(model=model))
    assert judge_without_samples([trial]).why.endswith("there is nothing to go on")
    model.add(keras.layers.BatchNormalization())
    assert judge_without_samples([trial]).why.endswith("the statistics stored in the file do not tell it")


def test_inputs_of_every_size_smoothness_and_offset_are_made() -> None:
    assert len(list(synthetic._inputs([(None, 8, 2)]))) == len(SCALES) * len(SMOOTHNESS) * 2


def gauges(*, levelled: bool = False, before: Any = (), received: float = 0.0) -> Any:
    return SimpleNamespace(
        levelled=levelled, before=list(before), inputs=[(None, 8)], vocabularies=lambda: [None],
        received=lambda chosen, inputs: np.full(len(chosen), received),
    )  # fmt: skip


def gauge(told: float, low: float, high: float) -> Any:
    return SimpleNamespace(told=told, band=(low, high))


@pytest.mark.parametrize(("told", "outside"), [(0.0, 0.0), (0.5, 0.0), (1.5, 1.0), (-2.0, 1.0)])
def test_a_gauge_tells_by_how_many_decades_its_band_is_missed(told: float, outside: float) -> None:
    chosen = [gauge(told, -1.0, 0.5)]
    assert _outside(gauges(received=0.0), chosen, []) == outside
    assert _outside(gauges(received=told), [*chosen, *chosen], []) == 0.0
    assert FLOOR > 0


def test_inputs_are_plausible_where_the_layers_before_could_have_received_them() -> None:
    given = [np.zeros((2, 8))]
    assert _plausible(gauges(levelled=True), given) == [given]
    assert len(_plausible(gauges(levelled=True), None)) == len(SMOOTHNESS) * 2
    assert _plausible(gauges(), given) == []
    assert _plausible(gauges(before=[gauge(0.0, -1.0, 1.0)]), given) == [given]
    assert _plausible(gauges(before=[gauge(5.0, -1.0, 1.0)]), given) == []


def test_words_are_whole_numbers_of_the_vocabulary() -> None:
    words = _words(np.random.default_rng(0), (None, None), 7)
    assert words.shape == (COUNT, OPEN_SIZE)
    assert set(words.ravel()) == set(range(7))


@pytest.mark.parametrize(("given", "believed"), [(None, 42), (42, 42), (43, None)])
def test_kernels_with_seeds_of_their_own_vouch_for_the_graph_seed(
    monkeypatch: pytest.MonkeyPatch, given: int | None, believed: int | None
) -> None:
    drawn = stream({"class_name": "GlorotUniform", "config": {"seed": 5}}, (20, 20), "2.2.4")
    noise = np.random.default_rng(0).normal(0, 0.1, 400)
    values = (candidates(drawn, 42, np.array([5]), 400)[0] + noise).astype("float32")
    monkeypatch.setattr(stated_seeds, "_marks", lambda checkpoint, blueprint: iter([(Fingerprint(("d", "kernel"), values, drawn), 5)]))
    blueprint: Any = None
    found = stated_seeds.graph_seed(SAMPLE, blueprint, given)
    assert (found and found[0]) == believed
    assert found is None or found[1] < -6


def test_without_such_kernels_nothing_is_vouched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stated_seeds, "_marks", lambda checkpoint, blueprint: iter(()))
    blueprint: Any = None
    assert stated_seeds.graph_seed(SAMPLE, blueprint, None) is None
