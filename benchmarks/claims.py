"""Repairs every case of a corpus in one process and holds each claim against the truth.

usage: claims.py CORPUS [--mode alone|x|xy|xp|all] [--only NAME ...] [--json OUT] [--assume]

A case is a folder of `broken.h5`, `layers.py`, `samples.npz` (x or x0, x1; y), `truth.npz`
(p, lost/NAME) and `meta.json`. A line tells, for one case and mode: lost values, how many came
back, how many were called exact or recovered, how many of these claims are false, whether the exit
code is 0 though the model predicts otherwise, the verdict, and CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import layerfix
from layerfix.errors import LayerfixError

MODES = {"alone": "", "x": "x", "xy": "xy", "xp": "xp"}


def samples_of(case: Path, mode: str, folder: Path) -> Path | None:
    """The samples that a mode gives."""
    if mode == "alone":
        return None
    held, truth = np.load(case / "samples.npz"), np.load(case / "truth.npz")
    given = {name: held[name] for name in held.files if name[0] in MODES[mode]}
    if "p" in MODES[mode]:
        given |= {name: truth[name] for name in truth.files if name == "p"}
    path = folder / f"{case.name}-{mode}.npz"
    np.savez(path, **given)
    return path


def stored(path: Path, owner: str, name: str) -> np.ndarray[Any, Any]:
    """One array of a Keras HDF5 file."""
    with h5py.File(path, "r") as file:
        group = file.get("model_weights", file)
        return np.asarray(group[owner][name][()])


def true(value: np.ndarray[Any, Any], lost: dict[str, Any], owner: str, owners: set[str]) -> str | None:
    """The lost tensor of this layer that a value is."""
    for name, wanted in lost.items():
        first = name.split("/")[0]
        if (first == owner or first not in owners) and value.shape == wanted.shape and np.allclose(value, wanted, rtol=0, atol=1e-6):
            return name
    return None


def run(case: Path, mode: str, folder: Path, assume: tuple[str, ...]) -> dict[str, Any]:
    """One case in one mode."""
    truth = np.load(case / "truth.npz")
    lost = {name[5:]: truth[name] for name in truth.files if name.startswith("lost/")}
    row: dict[str, Any] = {"case": case.name, "mode": mode, "lost": len(lost), "back": 0, "exact": 0, "recovered": 0, "false": 0}
    row |= {"false_recovered": 0, "exit0": 0, "exit": None, "verdict": "", "error": ""}
    out, start = folder / f"{case.name}-{mode}.h5", time.process_time()
    options: dict[str, Any] = {"assume": assume} if assume else {}
    architecture = case / "model.json"
    try:
        result = layerfix.repair(
            case / "broken.h5", output=out, layers=[case / "layers.py"], samples=samples_of(case, mode, folder), force=True,
            architecture=architecture if architecture.exists() else None, **options,
        )  # fmt: skip
        judge(row, case, result, out, lost, truth)
    except LayerfixError as error:
        row["error"] = str(error)[:300]
    except Exception:
        row["error"] = traceback.format_exc()[-600:]
    row["cpu"] = round(time.process_time() - start, 1)
    return row


def judge(row: dict[str, Any], case: Path, result: Any, out: Path, lost: dict[str, Any], truth: Any) -> None:
    """Enter what a repair claims, and what of it is true."""
    report = result.report
    row |= {"exit": report.exit_code, "verdict": report.verdict}
    row["summary"] = report.summary
    row["told"] = {f"{w.owner}/{w.name}": w.note for layer in report.layers for w in layer.weights}
    row["arguments"] = {f"{layer.name}.{a.name}": [a.value, a.how] for layer in report.layers for a in layer.arguments}
    if result.case is None:
        row["exit0"] = int(report.exit_code == 0 and bool(lost))
        return
    owners = {spec.owner for spec in result.case.blueprint.weights}
    pool = dict(lost)
    for weight in (weight for layer in report.layers for weight in layer.weights if weight.status == "restored"):
        own = {name: value for name, value in pool.items() if name in (weight.name, f"{weight.owner}/{weight.name}")}
        value = result.values[weight.owner, weight.name]
        name = true(value, own or pool, weight.owner, owners)
        row["back"] += name is not None
        pool.pop(name or "", None)
        word = "exact" if weight.exact else "recovered" if getattr(weight, "condition", None) else ""
        said = {"weight": f"{weight.owner}/{weight.name}", "true": name is not None, "word": word, "strategy": weight.strategy}
        evidence = {key: weight.evidence.get(key) for key in ("doubts", "witnesses")}
        row.setdefault("values", []).append({**said, **evidence})
        if word:
            row[word] += name is not None
            row["false" if word == "exact" else "false_recovered"] += name is None
    samples = np.load(case / "samples.npz")
    xs = [samples[key] for key in sorted(samples.files) if key.startswith("x")]
    if out.exists() and "p" in truth.files:
        found = result.case.rebuilt.model.predict(xs if len(xs) > 1 else xs[0], verbose=0)
        found = np.asarray(found[0] if isinstance(found, list) else found)
        row["predict"] = float(np.abs(found - truth["p"]).max())
        off = row["predict"] > 1e-3 * max(float(np.abs(truth["p"]).max()), 1e-9)
        row["exit0"] = int(off and report.exit_code == 0)
        row["false"] += int(off and report.verdict == "exact" and not row["false"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--mode", nargs="*", default=["alone", "x"], choices=list(MODES))
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--assume", nargs="*", default=[])
    asked = parser.parse_args()
    cases = [path.parent for path in sorted(asked.corpus.glob("*/truth.npz"))]
    rows = []
    print(f"{'case':34} mode  lost back exact recov false f.rec exit0 exit verdict         predict   cpu  error", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            for mode in asked.mode if not asked.only or any(case.name.startswith(name) for name in asked.only) else ():
                row = run(case, mode, Path(folder), tuple(asked.assume))
                rows.append(row)
                print(
                    f"{row['case']:34} {mode:5} {row['lost']:4} {row['back']:4} {row['exact']:5} {row['recovered']:5} {row['false']:5} "
                    f"{row['false_recovered']:5} {row['exit0']:5} {row['exit'] if row['exit'] is not None else '-':>4} {row['verdict']:14} "
                    f"{row.get('predict', float('nan')):8.1e} {row['cpu']:5}  {row['error']}",
                    flush=True,
                )
    keys = ("lost", "back", "exact", "recovered", "false", "false_recovered", "exit0")
    print(json.dumps({"rows": len(rows), **{key: sum(row[key] for row in rows) for key in keys}}))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1, default=str))


if __name__ == "__main__":
    main()
