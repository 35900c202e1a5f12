"""How many samples decide a lost kernel, how much faster that is than Keras, and whether wrong samples ever lead to a claim.

usage: python benchmarks/samples.py [--sizes 8,16,...] [--adversarial N]

Works on sample_models/unseeded-batchnorm.h5 (stored statistics) and unseeded-plain.h5 (labels, recorded predictions) with the filter given.
Files hold 128 samples; more come from the generator that made them (sample_models/workbench.py), predictions from the model with its lost
kernel in place. The table runs over all ten million op seeds, the adversarial sets over a tenth of them (true one included).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.containers.reader import read
from layerfix.containers.samples import Samples
from layerfix.graph.forward import forward
from layerfix.graph.rebuilt import load_values, rebuild
from layerfix.inference import imprints, race
from layerfix.inference.sampling import judge
from layerfix.inference.verdicts import Trial, believed, decided
from layerfix.progress import silent
from layerfix.rng.certificate import EXACT
from layerfix.rng.initializers import stream
from layerfix.rng.streams import DEFAULT_GRAPH_SEED, values

MODELS = Path(__file__).parent.parent / "sample_models"
sys.path.insert(0, str(MODELS))
import workbench  # noqa: E402

KINDS = {"statistics": "unseeded-batchnorm", "labels": "unseeded-plain", "predictions": "unseeded-plain"}
FILTERS = {"unseeded-batchnorm": "mean", "unseeded-plain": "mean"}


@dataclass(frozen=True)
class Setting:
    """The model with its first lost layer open."""

    trial: Trial
    checkpoint: Any
    truth: Any
    recorded: Samples

    def verdict(self, samples: Samples) -> tuple[str, float]:
        """("exact" | "likely" | "undecided", with "false " before it where the winner is not the lost kernel; log10 of the chance)."""
        outcome = judge(self.checkpoint, [self.trial], samples, DEFAULT_GRAPH_SEED, silent)
        if not outcome.ranking:
            return "undecided", 0.0
        decision = decided(outcome)
        best, chance = outcome.ranking[0], decision.log10_chance
        if not believed(outcome, decision):
            return "undecided", chance
        spec = self.trial.unknown[0]
        drawn = stream(spec.initializer, spec.shape, self.checkpoint.keras_version)
        right = np.allclose(values(drawn, DEFAULT_GRAPH_SEED, best.op_seed or 0, spec.shape), self.truth, atol=1e-6)
        exact = decision.proven or (decision.chance <= EXACT and decision.confirmed)
        return ("" if right else "false ") + ("exact" if exact else "likely"), chance


def setting(name: str) -> Setting:
    """Rebuild a model under its true filter, everything but the lost kernel known, with 256 samples."""
    checkpoint = read(MODELS / f"{name}.h5")
    arrays = np.load(MODELS / f"{name}.npz")
    rebuilt = rebuild(checkpoint, arguments={"*": {"filter_type": FILTERS[name]}})
    hidden = rebuilt.blueprint.hidden
    unknown = next(spec for spec in hidden if spec.role.endswith("kernel"))
    load_values(rebuilt, {spec.key: arrays[f"lost/{spec.name}"] for spec in hidden})
    inputs, labels = workbench.signals(600)
    assert np.array_equal(inputs[:128], arrays["x"]), "the generator gives other samples than those that were shipped"
    recorded = tuple(forward(rebuilt.model, (inputs[:256],)))
    assert np.abs(recorded[0][:128] - arrays["p"]).max() < 1e-5, "the model predicts otherwise than it did"
    trial = Trial(rebuilt, unknown.layer, {}, (unknown,), frozenset())
    return Setting(trial, checkpoint, arrays[f"lost/{unknown.name}"], Samples((inputs[:256],), labels[:256], recorded))


def evidence(recorded: Samples, kind: str, size: int) -> Samples:
    """The first samples, with no more than one kind of evidence."""
    part = recorded.part(slice(0, size))
    labels = part.labels if kind == "labels" else None
    return Samples(part.inputs, labels, part.predictions if kind == "predictions" else None)


def ratio(case: Setting, samples: Samples) -> float:
    """Seconds of CPU that Keras would need to predict once for each of ten million kernels, over those of the whole search."""
    start = time.process_time()
    for _ in range(20):
        forward(case.trial.rebuilt.model, samples.inputs)
    once = (time.process_time() - start) / 20
    start = time.process_time()
    case.verdict(samples)
    return 1e7 * once / (time.process_time() - start)


def adversarial(recorded: Samples, kind: str, count: int) -> Iterator[tuple[str, Samples]]:
    """Sample sets that do not belong to the model."""
    inputs, labels, predictions = recorded.inputs[0], recorded.labels, recorded.predictions
    assert labels is not None
    assert predictions is not None
    for seed in range(count):
        generator = np.random.default_rng(seed)
        how = ("noise", "scaled", "shifted", "shuffled in time", "sign changed", "too few", "of others")[seed % 7]
        made = {
            "noise": generator.normal(size=inputs.shape),
            "scaled": inputs * generator.uniform(2, 10),
            "shifted": inputs + generator.uniform(1, 5),
            "shuffled in time": generator.permuted(inputs, axis=1),
            "sign changed": -inputs * generator.uniform(0.5, 2, (len(inputs), *[1] * (inputs.ndim - 1))),
            "too few": inputs,
            "of others": inputs if kind != "statistics" else generator.permuted(inputs, axis=0),
        }[how].astype(np.float32)
        order = generator.permutation(len(inputs)) if how == "of others" else np.arange(len(inputs))
        told = evidence(Samples((made,), labels[order], (predictions[0][order],)), kind, 6 if how == "too few" else len(inputs))
        yield f"{kind}, {how}", told


def main() -> None:
    """Print the table, the ratio, and the count of claims on wrong samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="8,16,32,64,128,256")
    parser.add_argument("--adversarial", type=int, default=200)
    given = parser.parse_args()
    cases = {kind: setting(name) for kind, name in KINDS.items()}
    for kind, case in cases.items():
        for size in map(int, filter(None, given.sizes.split(","))):
            verdict, chance = case.verdict(evidence(case.recorded, kind, size))
            print(json.dumps({"kind": kind, "samples": size, "verdict": verdict, "log10_chance": round(chance, 1)}), flush=True)
        print(json.dumps({"kind": kind, "times faster than Keras": round(ratio(case, evidence(case.recorded, kind, 128)))}), flush=True)
    race.OP_SEEDS = imprints.OP_SEEDS = 1_000_000
    claims: Counter[str] = Counter()
    for turn in range(given.adversarial):
        kind = list(cases)[turn % len(cases)]
        for how, samples in list(adversarial(cases[kind].recorded.part(slice(0, 128)), kind, turn + 1))[-1:]:
            claims[f"{how}: {cases[kind].verdict(samples)[0]}"] += 1
    print(json.dumps(dict(sorted(claims.items())), indent=1))


if __name__ == "__main__":
    main()
