"""Whether the file alone tells a lost kernel: `python benchmarks/moments.py OUT ENVS [--only GROUP] [--train-only]`.

The models of `moments_rows.py` are trained without any seed by `moments_models.py` in `ENVS/keras<release>/bin/python`; what a save leaves
goes to OUT/files, the lost kernels to OUT/truth. Each file is then searched blind, all ten million op seeds, in this one process, and only
afterwards compared with the truth. Files that are there already are not made again.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from moments_rows import GROUPS, Row

from layerfix.containers.reader import read
from layerfix.diagnose.arguments import lost_arguments
from layerfix.graph.rebuilt import rebuild
from layerfix.inference.answers import Answers
from layerfix.inference.by_samples import questions
from layerfix.inference.inquiry import Inquiry
from layerfix.inference.moments.find import by_statistics
from layerfix.inference.values import value_of
from layerfix.options import Options
from layerfix.progress import silent
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

HERE = Path(__file__).parent
LAYERS = HERE / "moments_layers.py"
TITLES = ("Keras", "layer", "body", "channels", "outcome", "decades", "next", "CPU-s")


def rows(groups: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """(group, row) with numbers and names."""
    everything = [(group, row) for group, members in GROUPS.items() for row in members]
    for number, (group, row) in enumerate(everything):
        if group in groups:
            name = "-".join(str(row[each]) for each in ("keras", "layer", "body", "channels"))
            yield group, {**row, "number": 1000 + number, "name": f"{name}-{number}"}


def train(made: Sequence[Row], out: Path, envs: Path) -> None:
    """Make the files that are missing, each release in one process of its own interpreter.

    Raises:
        SystemExit: with the interpreter's last words where a training fails.
    """
    ours = ("PYTHON", "TF")  # today's TensorFlow sets TF2_BEHAVIOR when it is imported, which an old one would obey
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    for release in dict.fromkeys(row["keras"] for row in made):
        missing = [row for row in made if row["keras"] == release and not (out / "files" / f"{row['name']}.h5").exists()]
        if not missing:
            continue
        told = [json.dumps(row) for row in missing]
        python = envs / f"keras{release}" / "bin/python"
        command = [str(python), str(HERE / "moments_models.py"), str(out / "files"), str(out / "truth"), *told]
        done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.exit(f"training in Keras {release} failed:\n{done.stderr[-2000:]}")


def searched(file: Path) -> Answers:
    """What the file alone answers, nothing else being given."""
    source, options = read(file), Options(layers=(LAYERS,))
    base = rebuild(source, layers=options.layers)
    inquiry, answers = Inquiry(source, options, {}, base, {}, None, DEFAULT_GRAPH_SEED, silent), Answers(rebuilt=base)
    asked = questions(inquiry, lost_arguments(source, options.layers))
    asked = [replace(each, unknown=tuple(s for s in each.unknown if len(s.shape) > 1)) for each in asked]
    for fuller, _ in by_statistics(inquiry, answers, asked):
        answers = fuller
    return answers


def compared(answers: Answers, file: Path, truth: Path) -> list[dict[str, Any]]:
    """Each lost kernel: found exactly, found but not beyond all doubt, false, or open."""
    with np.load(truth) as kept:
        lost = {name.split(":")[0]: kept[name] for name in kept.files}
    found = []
    for spec in answers.rebuilt.blueprint.hidden:
        if len(spec.shape) < 2:
            continue
        claim = answers.recovered.get(spec.key)
        if claim is None:
            found.append({"outcome": "open", "decades": math.nan, "next": math.nan})
            continue
        right = np.array_equal(value_of(spec, claim, read(file).keras_version), lost[spec.name.split(":")[0]])
        decades, following = (claim.evidence[name] ** 2 / 2 / math.log(10) for name in ("z", "z_of_next"))
        outcome = ("exact" if claim.exact else "first") if right else "FALSE"
        found.append({"outcome": outcome, "decades": decades, "next": following})
    return found


def judged(made: Sequence[tuple[str, Row]], out: Path) -> None:
    """Print a line a kernel, and each group's share."""
    print("|", " | ".join(TITLES), "|\n|" + "---|" * len(TITLES))
    outcomes: dict[str, list[str]] = {}
    for group, row in made:
        file, started = out / "files" / f"{row['name']}.h5", time.process_time()
        answers = searched(file)
        spent = time.process_time() - started
        for each in compared(answers, file, out / "truth" / f"{row['name']}.npz"):
            outcomes.setdefault(group, []).append(each["outcome"])
            told = [each["outcome"], f"{each['decades']:.1f}", f"{each['next']:.1f}", f"{spent:.1f}"]
            print("|", " | ".join([*(str(row[name]) for name in ("keras", "layer", "body", "channels")), *told]), "|", flush=True)
    for group, members in outcomes.items():
        counts = ", ".join(f"{members.count(word)} {word}" for word in ("exact", "first", "FALSE", "open"))
        print(f"{group}: {len(members)} kernels, {counts}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("envs", type=Path)
    parser.add_argument("--only", nargs="+", choices=[*GROUPS], default=[*GROUPS])
    parser.add_argument("--train-only", action="store_true")
    given = parser.parse_args()
    for folder in ("files", "truth"):
        (given.out / folder).mkdir(parents=True, exist_ok=True)
    made = list(rows(given.only))
    train([row for _, row in made], given.out, given.envs)
    if not given.train_only:
        judged(made, given.out)
        print(f"{time.process_time():.0f} CPU-s with TensorFlow's import", file=sys.stderr)


if __name__ == "__main__":
    main()
