"""How many samples decide a lost kernel, and whether wrong samples ever lead to a claim.

usage: python benchmarks/samples.py [--adversarial N]

Works on sample_models/unseeded-batchnorm.h5 (stored statistics) with the filter given. The table runs over all ten million op seeds, the
adversarial sets over a tenth of them (true one included), so that two hundred sets take minutes.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.checkpoint import read
from layerfix.graph import load_values, rebuild
from layerfix.inference import race
from layerfix.inference.by_samples import LIKELY, SANE
from layerfix.inference.sampling import Trial, decided, judge
from layerfix.progress import silent
from layerfix.samples import Samples
from layerfix.seeds.certificate import EXACT
from layerfix.seeds.initializers import stream
from layerfix.seeds.streams import DEFAULT_GRAPH_SEED, values

MODELS = Path(__file__).parent.parent / "sample_models"
NAME = "unseeded-batchnorm"


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
        if not decision.supported or decision.chance > LIKELY or best.searched > SANE[outcome.kind or "labels"]:
            return "undecided", chance
        spec = self.trial.unknown[0]
        drawn = stream(spec.initializer, spec.shape, self.checkpoint.keras_version)
        right = np.allclose(values(drawn, DEFAULT_GRAPH_SEED, best.op_seed or 0, spec.shape), self.truth, atol=1e-6)
        return ("" if right else "false ") + ("exact" if decision.chance <= EXACT and decision.confirmed else "likely"), chance


def setting() -> Setting:
    """Rebuild the model under its true filter, everything but the first lost kernel known."""
    checkpoint = read(MODELS / f"{NAME}.h5")
    arrays = np.load(MODELS / f"{NAME}.npz")
    rebuilt = rebuild(checkpoint, arguments={"*": {"filter_type": "mean"}})
    hidden = rebuilt.blueprint.hidden
    unknown = next(spec for spec in hidden if spec.role.endswith("kernel"))
    load_values(rebuilt, {spec.key: np.zeros(spec.shape, np.float32) for spec in hidden if spec.role.endswith("bias")})
    later = frozenset(spec.layer for spec in hidden if spec.layer != unknown.layer)
    trial = Trial(rebuilt, unknown.layer, {}, (unknown,), later)
    return Setting(trial, checkpoint, arrays[f"lost/{unknown.name}"], Samples((arrays["x"],), arrays["y"]))


def adversarial(recorded: Samples, count: int) -> Iterator[tuple[str, Samples]]:
    """Sample sets that do not belong to the model."""
    inputs = recorded.inputs[0]
    for seed in range(count):
        generator = np.random.default_rng(seed)
        kind = ("noise", "scaled", "shifted", "shuffled in time", "sign changed")[seed % 5]
        made = {
            "noise": generator.normal(size=inputs.shape),
            "scaled": inputs * generator.uniform(2, 10),
            "shifted": inputs + generator.uniform(1, 5),
            "shuffled in time": generator.permuted(inputs, axis=1),
            "sign changed": -inputs * generator.uniform(0.5, 2, (len(inputs), *[1] * (inputs.ndim - 1))),
        }[kind]
        yield kind, Samples((made.astype(np.float32),))


def main() -> None:
    """Print the table and the count of claims on wrong samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adversarial", type=int, default=200)
    count = parser.parse_args().adversarial
    case = setting()
    table = {}
    for size in (8, 16, 32, 64, 128, 256):
        if size <= len(case.recorded):
            verdict, chance = case.verdict(case.recorded.part(slice(0, size)))
            table[size] = {"verdict": verdict, "log10_chance": round(chance, 1)}
            print(size, table[size], flush=True)
    seeds, race.OP_SEEDS = race.OP_SEEDS, 1_000_000
    claims: Counter[str] = Counter()
    for kind, samples in adversarial(case.recorded, count):
        claims[f"{kind}: {case.verdict(samples)[0]}"] += 1
    race.OP_SEEDS = seeds
    print(json.dumps({"samples": table, "adversarial": dict(sorted(claims.items()))}, indent=1))


if __name__ == "__main__":
    main()
