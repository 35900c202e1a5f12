"""When recovery succeeds, and that it never claims falsely: `python benchmarks/power.py [--repeats N] [--false-runs N] [--json OUT]`.

With `--statistics OUT ENVS` the power of stored statistics is measured instead, on genuine unseeded trainings (`moments_power.py`).

Models are stacks of dense layers, initialised as legacy Keras would have done under a numpy seed and trained here in numpy with Adam, one
hidden layer frozen among them. Three ways to claim are measured against the length of training, L2, kernel size and tracked layers:

* op seed: some tracked kernel alone proves its op seed among ten million;
* known seed: the sum over kernels proves the numpy seed among 10,000 that people use, at the start of the stream;
* any seed: the sum proves it among all 2^32, with 16 starting places.

False runs draw op seeds from outside the ten million, so that every claim would be false; there must be none.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.certificate import EXACT, bound
from layerfix.rng.collisions import log10_bound
from layerfix.rng.initializers import stream
from layerfix.rng.philox import Fingerprint, scan, score_seeds, z_score
from layerfix.rng.streams import DEFAULT_GRAPH_SEED, OP_SEEDS, values

KNOWN, ANY = 1e4, 2.0**32 * 16
CLASSES, FEATURES, BATCH = 3, 12, 32
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Setting:
    """One cell of the study."""

    steps: int
    l2: float
    width: int
    tracked: int


def initial(op_seeds: list[int], shapes: list[tuple[int, int]]) -> list[Array]:
    """Kernels as legacy Keras would have drawn them (glorot_uniform)."""
    return [values(stream("glorot_uniform", s, "2.2.4"), DEFAULT_GRAPH_SEED, o, s) for o, s in zip(op_seeds, shapes, strict=True)]


def shapes_of(setting: Setting) -> list[tuple[int, int]]:
    """Input layer, tracked and one frozen layer of equal width, output layer."""
    width = setting.width
    return [(FEATURES, width), *[(width, width)] * setting.tracked, (width, CLASSES)]


def train(kernels: list[Array], frozen: int, setting: Setting, rng: np.random.RandomState) -> list[Array]:
    """Adam (learning rate 0.001) on a cross entropy with tanh layers; the frozen kernel is used and left alone."""
    centres = rng.normal(size=(CLASSES, FEATURES)) * 1.2
    w = [kernel.astype(np.float64) for kernel in kernels]
    m, v = [np.zeros_like(k) for k in w], [np.zeros_like(k) for k in w]
    for step in range(1, setting.steps + 1):
        labels = rng.randint(CLASSES, size=BATCH)
        for i, slope in enumerate(gradients(w, centres[labels] + rng.normal(size=(BATCH, FEATURES)), labels)):
            if i == frozen:
                continue
            slope = slope + 2 * setting.l2 * w[i]
            m[i], v[i] = 0.9 * m[i] + 0.1 * slope, 0.999 * v[i] + 0.001 * slope**2
            w[i] -= 0.001 * (m[i] / (1 - 0.9**step)) / (np.sqrt(v[i] / (1 - 0.999**step)) + 1e-7)
    return [kernel.astype(np.float32) for kernel in w]


def gradients(w: list[Any], x: Any, labels: Any) -> list[Any]:
    """Of the mean cross entropy, by kernel."""
    layers = [x]
    for kernel in w[:-1]:
        layers.append(np.tanh(layers[-1] @ kernel))
    logits = layers[-1] @ w[-1]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    delta = shares / shares.sum(axis=1, keepdims=True)
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    out: list[Any] = []
    for i in range(len(w) - 1, -1, -1):
        out.append(layers[i].T @ delta)
        delta = (delta @ w[i].T) * (1 - layers[i] ** 2)
    return out[::-1]


def fingerprints(kernels: list[Array], frozen: int) -> list[Fingerprint]:
    """The tracked kernels of a model."""
    return [Fingerprint(i, k.ravel(), stream("glorot_uniform", k.shape, "2.2.4")) for i, k in enumerate(kernels) if i != frozen]


def claims(scores: list[float], sizes: list[int]) -> dict[str, bool]:
    """Which of the three ways would call the result exact."""
    return {
        "op seed": bound(max(scores), OP_SEEDS).exact,
        "known seed": log10_bound(scores, sizes, KNOWN) <= math.log10(EXACT),
        "any seed": log10_bound(scores, sizes, ANY) <= math.log10(EXACT),
    }


def study(setting: Setting, repeats: int) -> dict[str, float]:
    """Share of models in which each way succeeds, and the mean z of a kernel."""
    wins: dict[str, int] = {"op seed": 0, "known seed": 0, "any seed": 0}
    z: list[float] = []
    for repeat in range(repeats):
        shapes, frozen = shapes_of(setting), 1
        generator = np.random.RandomState(1000 + repeat)
        op_seeds = [int(generator.randint(10e6)) for _ in shapes]
        marks = fingerprints(train(initial(op_seeds, shapes), frozen, setting, generator), frozen)
        scores = [z_score(mark, DEFAULT_GRAPH_SEED, op_seeds[int(str(mark.key))]) for mark in marks]
        z += scores
        for name, won in claims(scores, [mark.values.size for mark in marks]).items():
            wins[name] += won
    return {name: count / repeats for name, count in wins.items()} | {"mean z": float(np.mean(z))}


def settings() -> Iterator[Setting]:
    """Around a middle setting, one property at a time; length against L2 in full."""
    for steps, l2 in itertools.product((300, 1000, 3000, 10_000), (0.0, 0.001, 0.01)):
        yield Setting(steps, l2, 16, 3)
    for width in (4, 8, 32):
        yield Setting(3000, 0.001, width, 3)
    for tracked in (1, 2, 6):
        yield Setting(3000, 0.001, 16, tracked)


def false_claims(runs: int, batch: int = 50) -> tuple[int, float]:
    """(false claims, largest z) over models whose op seeds lie outside the searched ten million."""
    wrong, largest = 0, 0.0
    predicted = np.array([[np.random.RandomState(s).randint(10e6, size=3)] for s in range(int(KNOWN))]).reshape(-1, 3)
    for start in range(0, runs, batch):
        models = [outside(start + i) for i in range(min(batch, runs - start))]
        marks = [Fingerprint((i, k), kernel, stream("glorot_uniform", (8, 8), "2.2.4")) for i, m in enumerate(models) for k, kernel in m]
        found = scan(marks, DEFAULT_GRAPH_SEED, top=1)
        best = {mark.key: float(found[mark.key].z[0]) for mark in marks}
        largest = max(largest, *best.values())
        for i in range(len(models)):
            tables = [score_seeds(mark, DEFAULT_GRAPH_SEED, predicted[:, mark.key[1]]) for mark in marks if mark.key[0] == i]
            scores = np.stack(tables, axis=1)[np.argmax(np.sum(tables, axis=0))]
            single = bound(max(best[i, k] for k in range(3)), 3 * OP_SEEDS).exact
            wrong += single or log10_bound([float(s) for s in scores], [64] * 3, KNOWN) <= math.log10(EXACT)
    return wrong, largest


def outside(run: int) -> list[tuple[int, Array]]:
    """Three kernels that remember op seeds above ten million well."""
    generator = np.random.RandomState(run)
    kernels = initial([OP_SEEDS + int(generator.randint(10e6)) for _ in range(3)], [(8, 8)] * 3)
    return [(k, (kernel.ravel() + generator.normal(0, 0.2, 64)).astype(np.float32)) for k, kernel in enumerate(kernels)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--false-runs", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--statistics", nargs=2, type=Path, metavar=("OUT", "ENVS"), help="the table of unseeded files instead")
    options = parser.parse_args()
    if options.statistics:
        from moments_power import print_table

        return print_table(*options.statistics)
    print("| steps | L2 | kernel | tracked | mean z | op seed | known seed | any seed |\n|---|---|---|---|---|---|---|---|")
    rows = []
    for setting in settings():
        result = study(setting, options.repeats)
        rows.append({**vars(setting), **result})
        shares = " | ".join(f"{100 * result[name]:.0f} %" for name in ("op seed", "known seed", "any seed"))
        kernel = f"{setting.width} x {setting.width}"
        print(f"| {setting.steps} | {setting.l2:g} | {kernel} | {setting.tracked + 1} | {result['mean z']:.1f} | {shares} |", flush=True)
    wrong, largest = false_claims(options.false_runs)
    print(f"\n{options.false_runs} models outside the searched space: {wrong} false claims, largest z {largest:.2f}")
    if options.json:
        options.json.write_text(json.dumps({"power": rows, "false claims": wrong, "largest z": largest}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
