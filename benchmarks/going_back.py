"""How models of today's Keras fare in an older one: as they are, with the usual patch, and through `layerfix migrate --for`.

    python tests/migrate/down/zoo.py ZOO
    python benchmarks/going_back.py ZOO --target tf2.10=/envs/tf210/bin/python --target keras2.2.4=/envs/keras224/bin/python
    python benchmarks/going_back.py OLD_ZOO --target tf2.4=... --ways layerfix --round-trip     # files that TF 2.4 made, back to it

ZOO holds NAME.keras or NAME.h5 with NAME.npz, as tests/migrate/down makes them (see going_back_client.py). Each written file is judged by
the genuine older Keras alone, in its own interpreter, against the recorded numbers; layerfix is not shown these.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
from key_dropping import patch

from layerfix.commands.migrate import migrate
from layerfix.dialects.down.targets import target_of
from layerfix.errors import LayerfixError

CLIENT = Path(__file__).with_name("going_back_client.py")
RIGHT, HALF = 1e-5, 5e-3
"""Largest difference, relative to the output's scale, that is right; and where layers compute in half precision."""
STEP = 1e-4
"""The same of the predictions behind a step of training."""
Job = tuple[str, str, str | None, str | None]
WAYS: dict[str, Callable[[Path, Path, str], Any]] = {
    "layerfix": lambda source, output, target: migrate(source, output, older=target),
    "as it is": lambda source, output, _: _as_it_is(source, output),
    "keys dropped": lambda source, output, _: patch(source, output),
}


def main() -> None:
    arguments = _arguments()
    gc.freeze()
    print("| target | way | files | right | refused or does not open | wrong | step kept | step other |\n|---|---|---|---|---|---|---|---|")
    for stated in arguments.target:
        target, _, python = stated.partition("=")
        files = [path for path in sorted(arguments.zoo.glob("*.*")) if path.suffix in (".keras", ".h5") and _chosen(path, arguments.only)]
        for way in arguments.ways:
            chosen = files[arguments.start : arguments.stop]
            _judge(target, Path(python), way, chosen, arguments.keep, round_trip=arguments.round_trip)


def _judge(target: str, python: Path, way: str, files: Sequence[Path], keep: Path | None, *, round_trip: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = keep.absolute() / target / way.replace(" ", "_") if keep else Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        refused, jobs = {}, []
        for file in files:
            keras.backend.clear_session()
            output = folder / f"{file.stem}{target_of(target).suffix}"
            output.unlink(missing_ok=True)
            try:
                WAYS[way](file, output, target)
                origin = str(file.absolute()) if round_trip else None
                jobs.append((str(output), str(file.with_suffix(".npz").absolute()), None, origin))
            except LayerfixError as error:
                refused[file.stem] = str(error)
            except Exception as error:  # Keras raises anything here
                refused[file.stem] = f"{type(error).__name__}: {error}"[:300]
        _told(target, way, len(files), refused, dict(zip(jobs, asked(python, target, jobs, folder), strict=True)))


def asked(python: Path, target: str, jobs: Sequence[Job], folder: Path) -> list[Any]:
    """What the older Keras says of each written file. A process that dies is asked again for what is left."""
    answers: list[Any] = []
    while len(answers) < len(jobs):
        (folder / "jobs.json").write_text(json.dumps(jobs[len(answers) :]))
        told = folder / "answers.json"
        told.unlink(missing_ok=True)
        kind = "tf" if target_of(target).dialect == "tf_keras" else "keras"
        command = [str(python), "-s", str(CLIENT.absolute()), kind, "jobs.json", "answers.json"]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TF2_"))}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        answers += json.loads(told.read_text()) if told.exists() else []
        if len(answers) < len(jobs):
            answers.append(f"the process died: {done.stderr[-300:]}")
    return answers


def _told(target: str, way: str, count: int, refused: dict[str, str], answers: dict[Job, Any]) -> None:
    counts: Counter[str] = Counter(refused=len(refused))
    remarks = [f"{target} {way}: {name}: refused: {why}" for name, why in refused.items()]
    for (file, *_), answer in answers.items():
        verdict, step = _verdict(answer, Path(file).stem)
        counts[verdict] += 1
        counts[step] += 1
        if verdict != "right" or step == "other":
            remarks.append(f"{target} {way}: {Path(file).stem}: {verdict}: {answer}")
    row = (counts["right"], counts["refused"] + counts["fails"], counts["wrong"], counts["kept"], counts["other"])
    print(f"| {target} | {way} | {count} | {' | '.join(map(str, row))} |")
    print("\n".join(remarks), flush=True)


def _verdict(answer: Any, name: str) -> tuple[str, str]:
    if isinstance(answer, str):
        return "fails", ""
    gap, step = answer
    limit = HALF if "mixed" in name or name.startswith("half") else RIGHT
    kept = "" if step is None else "kept" if isinstance(step, float) and step < max(STEP, limit) else "other"
    return ("right" if gap <= limit else "wrong"), kept


def _as_it_is(source: Path, output: Path) -> None:
    if source.suffix == output.suffix:
        output.write_bytes(source.read_bytes())
    else:
        keras.models.load_model(source, compile=False).save(output)


def _chosen(path: Path, names: Sequence[str] | None) -> bool:
    return path.with_suffix(".npz").exists() and (not names or path.stem in names)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zoo", type=Path)
    parser.add_argument("--target", action="append", required=True, metavar="NAME=PYTHON")
    parser.add_argument("--ways", nargs="+", choices=tuple(WAYS), default=tuple(WAYS))
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--keep", type=Path, help="keep the written files in this folder")
    parser.add_argument("--round-trip", action="store_true", help="the target wrote the files: the next step is compared with theirs")
    parser.add_argument("--start", type=int)
    parser.add_argument("--stop", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    main()
