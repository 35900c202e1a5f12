"""How wide a layer must be for the file alone to tell its kernel: `python benchmarks/moments.py OUT ENVS [--only GROUP]`.

Models are trained without any seed by `moments_models.py` in `ENVS/keras<release>/bin/python`, two a row, and saved without the lost
kernel. The table tells the evidence of that kernel, in decades: it is the first of ten million from about 7 decades, exact from 13, and a
claimed kernel without it is contradicted. Training takes most of the time; files that are there already are not made again.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.containers.reader import read
from layerfix.graph.rebuilt import rebuild
from layerfix.inference.moments.listen import Listener
from layerfix.inference.moments.witness import verdict
from layerfix.rng.generate import candidates
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

MODELS, WRONG = 2, 50
USUAL: dict[str, Any] = {"keras": "224", "channels": 64, "between": "conv", "filter": "mean", "batch": 32, "epochs": 10}
GROUPS: dict[str, list[dict[str, Any]]] = {
    "channels": [{"channels": channels} for channels in (8, 12, 16, 24, 32, 48, 64, 128, 256, 512)],
    "between": [{"between": between} for between in ("none", "pool", "relu")],
    "filter": [{"filter": "non_local_mean"}],
    "batch": [{"batch": batch} for batch in (8, 128)],
    "epochs": [{"epochs": epochs} for epochs in (3, 40)],
    "keras": [{"keras": keras} for keras in ("209", "216")],
}


def rows(only: str | None) -> Iterator[dict[str, Any]]:
    for group, changes in GROUPS.items():
        yield from ({**USUAL, **change} for change in changes if only in (None, group))


def name_of(row: dict[str, Any], number: int) -> str:
    return "-".join([*(str(value) for value in row.values()), str(number)])


def train(row: dict[str, Any], out: Path, envs: Path) -> list[Path]:
    """The files of a row, made where they are missing."""
    files = [out / f"{name_of(row, number)}.h5" for number in range(MODELS)]
    told = [json.dumps({**row, "name": file.stem}) for file in files if not file.exists()]
    if told:
        script = Path(__file__).with_name("moments_models.py")
        subprocess.run([envs / f"keras{row['keras']}" / "bin/python", script, out, *told], check=True)
    return files


def judged(file: Path, row: dict[str, Any]) -> tuple[float, float, float, bool, float]:
    """Decades of evidence, and expected; the estimate's strain; whether the true kernel stands, the share of wrong ones contradicted."""
    source = read(file)
    listener = Listener(source, rebuild(source, arguments={"*": {"filter_type": row["filter"]}}), "denoising_layer_1", ())
    spec = listener.kernels[0]
    with np.load(file.with_suffix(".npz")) as lost:
        true = next(lost[name] for name in lost.files if name.endswith("kernel:0") and name.startswith("denoising")).reshape(1, -1)
    found = listener.estimate(spec, ())
    assert found is not None
    wrong = candidates(listener.stream(spec), DEFAULT_GRAPH_SEED, np.arange(WRONG), true.size)
    said = [verdict(found, kernel[None], levelled=listener.levelled).agrees for kernel in wrong]
    evidence = float(found.log_evidence(true)[0]) / math.log(10)
    agreed = verdict(found, true, levelled=listener.levelled).agrees is not False
    return evidence, found.promised / math.log(10), found.strain, agreed, said.count(False) / WRONG


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("envs", type=Path)
    parser.add_argument("--only", choices=[*GROUPS])
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    print(
        "| Keras | channels | between | filter | batch | epochs | decades of evidence | expected | true kernel contradicted | wrong ones |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in rows(given.only):
        found = [judged(file, row) for file in train(row, given.out, given.envs)]
        told = [f"{a:.0f}" for a, *_ in found], [f"{b:.0f}" for _, b, *_ in found]
        against = f"{sum(not each[3] for each in found)} of {MODELS}"
        wrong = f"{100 * np.mean([each[4] for each in found]):.0f} %"
        print("|", " | ".join([*map(str, row.values()), ", ".join(told[0]), ", ".join(told[1]), against, wrong]), "|", flush=True)
    print(f"{time.process_time():.0f} CPU-s without training", file=sys.stderr)


if __name__ == "__main__":
    main()
