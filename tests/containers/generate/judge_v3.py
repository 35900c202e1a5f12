"""Migrates the files of make_v3.py in one process and judges what was written in plain Keras.

    python judge_v3.py REPORT.json FOLDER... [--only NAME...]

Right: plain Keras loads the written file, with the user's classes alone, and predicts what was recorded before the save, to 1e-5 of its
scale (2e-3 where it computes in half precision).
"""

import importlib.util
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf

from layerfix.commands.migrate import migrate
from layerfix.errors import LayerfixError

HERE = Path(__file__).parent


def own_classes():
    spec = importlib.util.spec_from_file_location("v3_layers", HERE / "v3_layers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if isinstance(value, type)}


def difference(path, recorded, classes):
    loaded = keras.saving.load_model(path, custom_objects=classes, compile=False)
    xs = [tf.constant(recorded[key]) for key in sorted(recorded.files) if key.startswith("x")]
    found = loaded(xs[0] if len(xs) == 1 else xs, training=False)
    found = list(found.values()) if isinstance(found, dict) else list(found) if isinstance(found, list | tuple) else [found]
    expected = [recorded[key] for key in sorted(recorded.files) if key.startswith("p")]
    if len(found) != len(expected):
        return float("inf"), 0
    half = any("16" in str(getattr(layer, "compute_dtype", "")) for layer in loaded._flatten_layers())
    pairs = [(np.asarray(a, "f8"), np.asarray(b, "f8")) for a, b in zip(found, expected, strict=True)]
    return max(float(np.max(np.abs(a - b)) / (np.max(np.abs(b)) + 1e-9)) for a, b in pairs), 2e-3 if half else 1e-5


def judged(source, work, classes):
    name = source.name.split(".")[0]
    recorded = np.load(source.with_name(f"{name}.npz"))
    target = Path(work) / f"{source.parent.name}-{source.name.replace('.', '_')}.keras"
    options = {"architecture": source.with_name(f"{name}.json")} if source.name.endswith(".weights.h5") else {}
    if "custom" in name:
        options["layers"] = [HERE / "v3_layers.py"]
    try:
        result = migrate(source, target, force=True, **options)
    except LayerfixError as error:
        return "refused", str(error)
    except Exception as error:
        return "crash", f"{type(error).__name__}: {error} {traceback.format_exc()[-700:]}"
    try:
        worst, limit = difference(target, recorded, classes if "custom" in name else None)
    except Exception as error:
        return "unloadable", f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"
    finally:
        target.unlink(missing_ok=True)
    return ("right" if worst <= limit else "wrong"), f"{worst:.1e} {result.proof.kind} {result.proof.why} optimizer {result.optimizer}"


def main():
    arguments = sys.argv[1:]
    only = set()
    if "--only" in arguments:
        at = arguments.index("--only")
        arguments, only = arguments[:at], set(arguments[at + 1 :])
    classes, found = own_classes(), {}
    with tempfile.TemporaryDirectory() as work:
        for folder in map(Path, arguments[1:]):
            for source in sorted([*folder.glob("*.keras"), *folder.glob("*.weights.h5")]):
                held_out = source.name.startswith("h_")
                if (only and source.name.split(".")[0] not in only) or (held_out and not os.environ.get("HELD_OUT")):
                    continue
                found[f"{folder.name}/{source.name}"] = outcome, told = judged(source, work, classes)
                keras.backend.clear_session()
                if outcome != "right" or os.environ.get("VERBOSE"):
                    print(f"{outcome:10} {folder.name}/{source.name}: {told}", flush=True)
    outcomes = [outcome for outcome, _ in found.values()]
    print({outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))})
    Path(arguments[0]).write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
