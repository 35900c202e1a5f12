"""How much the file alone tells of a lost kernel, and how often it contradicts a wrong one: the table of `power.py --statistics OUT ENVS`.

Models are trained without any seed by `moments_models.py`, around one usual training, one property at a time. Nothing is searched: the
evidence is taken at the lost kernel, and the veto is asked about it and about other kernels of the same shape and distribution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from moments import LAYERS, train
from moments_rows import USUAL, Row

from layerfix.containers.reader import read
from layerfix.graph.rebuilt import rebuild
from layerfix.inference.moments.listen import Listener
from layerfix.inference.moments.witness import verdict
from layerfix.rng.generate import candidates
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

MODELS, WIDE, WRONG = 2, 128, 100
"""Trainings of a row, channels from which one must do, and wrong kernels that each is asked about."""
BASE: Row = {"keras": "224", "layer": "mean", "body": "conv", "channels": 64, **USUAL}
CHANGES: tuple[dict[str, Any], ...] = (
    *({"channels": channels} for channels in (8, 12, 16, 24, 32, 48, 64, 128)),
    {"channels": 256, "epochs": 4, "samples": 384},
    {"channels": 512, "epochs": 3, "samples": 256},
    *({"channels": channels, "body": "none"} for channels in (12, 16, 32)),
    *({"body": body} for body in ("none", "pool", "relu", "deep", "preact", "plain")),
    {"layer": "non_local_mean"},
    *({"layer": layer} for layer in ("Mixer", "Gate")),
    *({"batch": batch} for batch in (8, 128)),
    *({"epochs": epochs} for epochs in (2, 20)),
    *({"optimizer": optimizer} for optimizer in ("sgd", "rmsprop")),
    *({"keras": keras} for keras in ("209", "216")),
)
TITLES = (
    "what is changed",
    "decades of evidence",
    "expected",
    "true kernel contradicted",
    "wrong ones contradicted",
    "wrong ones agreed with",
)


def rows() -> Iterator[tuple[str, list[Row]]]:
    """What is changed, and the trainings."""
    for change in CHANGES:
        row = {**BASE, **change}
        name = "-".join(str(value) for value in row.values())
        yield (
            ", ".join(f"{key} {value}" for key, value in change.items()),
            [{**row, "number": 2000 + number, "name": f"{name}-{number}"} for number in range(MODELS if row["channels"] < WIDE else 1)],
        )


def asked(file: Path, truth: Path, layer: str) -> tuple[float, float, bool, int, int]:
    """Decades of evidence, and expected; whether the true kernel is contradicted, and how many wrong ones are or are agreed with."""
    source = read(file)
    arguments = {"*": {"filter_type": layer}} if layer in ("mean", "non_local_mean") else {}
    rebuilt = rebuild(source, layers=(LAYERS,), arguments=arguments)
    listener = Listener(source, rebuilt, rebuilt.blueprint.hidden[0].layer, ())
    (spec,) = listener.kernels
    with np.load(truth) as lost:
        true = lost[f"{spec.name.split(':')[0]}:0"].reshape(1, -1)
    found = listener.estimate(spec, ())
    if found is None:
        return 0.0, 0.0, False, 0, 0
    wrong = candidates(listener.stream(spec), DEFAULT_GRAPH_SEED, np.arange(WRONG), true.size)
    said = [verdict(found, kernel[None], levelled=listener.levelled).agrees for kernel in (true[0], *wrong)]
    decades = float(found.log_evidence(true)[0]) / math.log(10)
    return decades, found.promised / math.log(10), said[0] is False, said[1:].count(False), said[1:].count(True)


def print_table(out: Path, envs: Path) -> None:
    """Train what is missing, and print a line for each row."""
    for folder in ("files", "truth"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    train([row for _, made in rows() for row in made], out, envs)
    print("|", " | ".join(TITLES), "|\n|" + "---|" * len(TITLES))
    for change, made in rows():
        told = [asked(out / "files" / f"{row['name']}.h5", out / "truth" / f"{row['name']}.npz", row["layer"]) for row in made]
        decades, expected = (", ".join(f"{each[place]:.0f}" for each in told) for place in (0, 1))
        against, agreed = (f"{100 * sum(each[place] for each in told) / (WRONG * len(told)):.0f} %" for place in (3, 4))
        print(
            "|",
            " | ".join([change, decades, expected, f"{sum(each[2] for each in told)} of {len(told)}", against, agreed]),
            "|",
            flush=True,
        )
