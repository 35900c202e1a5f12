"""Large legacy checkpoints for benchmarks, and what a command costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np

LAYERS = 64


def write_big(path: Path, size: int, seed: int = 0) -> None:
    """A full-model file of about `size` bytes: Dense layers, one custom layer without weights, Adam state (two slots)."""
    random = np.random.default_rng(seed)
    count = max(16, int((size / 4 / (3 * LAYERS)) ** 0.5))
    names = [f"dense_{index}" for index in range(1, LAYERS + 1)]
    entries = [{"class_name": "Dense", "config": {"name": name, "units": count, "trainable": True}} for name in names]
    entries.append({"class_name": "Denoising_layer", "config": {"name": "denoising_layer_1", "trainable": True}})
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = b"2.2.4", b"tensorflow"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": entries}}).encode()
        file.attrs["training_config"] = json.dumps({"optimizer_config": {"class_name": "Adam", "config": {}}}).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [name.encode() for name in [*names, "denoising_layer_1"]]
        weights.create_group("denoising_layer_1").attrs["weight_names"] = np.zeros(0)
        for name in names:
            layer = weights.create_group(name)
            layer.attrs["weight_names"] = [f"{name}/kernel:0".encode()]
            layer[f"{name}/kernel:0"] = random.random((count, count), np.float32)
        slots = file.create_group("optimizer_weights")
        slots["Adam/iterations:0"] = np.int64(1000)
        slot_names = [f"training/Adam/Variable{f'_{n}' if n else ''}:0" for n in range(2 * LAYERS)]
        for name in slot_names:
            slots[name] = random.random((count, count), np.float32)
        slots.attrs["weight_names"] = [name.encode() for name in ["Adam/iterations:0", *slot_names]]


def timed(command: list[str]) -> float:
    """Wall-clock seconds of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measured(code: str, *arguments: str) -> tuple[float, float]:
    """(seconds of the function `run` that `code` defines, peak memory in MB) in a fresh interpreter, without start-up and imports."""
    program = f"{code}\nimport sys, time, resource\nstart = time.perf_counter()\nrun(*sys.argv[1:])\n"
    program += "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)"
    done = subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True)
    seconds, memory = done.stdout.split()[-2:]
    return float(seconds), float(memory)


def drop(*paths: Path) -> None:
    """Removes outputs, so that every round writes anew, and waits for the disk."""
    for path in paths:
        path.unlink(missing_ok=True)
    os.sync()


__all__ = ["drop", "measured", "timed", "write_big"]
