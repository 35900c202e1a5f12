"""Speed of the seed searches, as ratios measured in one run: `python benchmarks/seeds.py [--full] [--json OUT]`.

Compared are the compiled searches with hand-written C (benchmarks/c, compiled here with gcc), with the plain-numpy path and with TensorFlow
asked seed by seed. Figures are millions of seeds per CPU-second of one thread, best of several rounds taken in turn, so that load on the
machine hits all alike. `--full` also runs all 2^32 numpy seeds on all cores (minutes of CPU); otherwise that time is extrapolated.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.rng import mt19937, mt19937_numba, philox, philox_numba, tables
from layerfix.rng.initializers import stream

HERE = Path(__file__).parent
ROUNDS = 7
START = """
import time; begin = time.perf_counter()
import numpy as np
from layerfix.rng.initializers import stream
from layerfix.rng.philox import Fingerprint, scan
ready = time.perf_counter()
scan([Fingerprint(0, np.ones(8, np.float32), stream("glorot_uniform", (8,), "2.2.4"))], 1, seeds=range(64), top=1)
print(time.perf_counter() - ready)
"""


def compiled(folder: Path, name: str, *flags: str) -> ctypes.CDLL | None:
    """A C twin as a library, or None where this machine cannot run it."""
    library = folder / f"{name}.so"
    command = ["gcc", "-O3", "-march=native", *flags, "-shared", "-fPIC", "-o", str(library), str(HERE / "c" / f"{name}.c")]
    needs = "avx512dq" if "512" in name else "avx2"
    if needs not in Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        return None
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


def speeds(runs: dict[str, tuple[int, Callable[[], object]]]) -> dict[str, float]:
    """Millions of seeds per CPU-second of this thread; (seeds, call) per contestant, taken in turn."""
    best = dict.fromkeys(runs, float("inf"))
    for name, (_, call) in runs.items():
        call()
        best[name] = float("inf")
    for _ in range(ROUNDS):
        for name, (_, call) in runs.items():
            begin = time.thread_time()
            call()
            best[name] = min(best[name], time.thread_time() - begin)
    return {name: runs[name][0] / best[name] / 1e6 for name in runs}


def address(array: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def philox_speeds(folder: Path, values: int, seeds: int) -> dict[str, float]:
    """Three kernels against `seeds` op seeds with `values` values each."""
    vectors = [np.random.RandomState(k).normal(size=values) for k in range(3)]
    plan = tables.plan("uniform", vectors, 87654321)
    chosen, out = np.arange(seeds, dtype=np.uint64), np.empty((3, seeds), np.float32)
    arrays = [address(a) for a in (plan.table, plan.keys, plan.weights, plan.offsets, out)]

    def twin(library: ctypes.CDLL) -> Callable[[], object]:
        return lambda: library.score(ctypes.c_uint64(0), ctypes.c_int64(seeds), ctypes.c_int64(values // 4), *arrays, ctypes.c_int64(seeds))

    few = np.arange(4096)
    runs: dict[str, tuple[int, Callable[[], object]]] = {
        "layerfix": (
            seeds,
            lambda: philox_numba.score_uniform(chosen, plan.table, plan.keys, plan.active, plan.weights, plan.offsets, out),
        ),
        "numpy": (len(few), lambda: tables.by_numpy(plan, few)),
    }
    for name, flags in (("philox_avx512", ()), ("philox_avx2", ("-mno-avx512f", "-mavx2", "-mfma"))):
        library = compiled(folder, name, *flags)
        if library is not None:
            runs[name.replace("philox_", "C ")] = (seeds, twin(library))
    return speeds(runs)


def twister_speeds(folder: Path, words: int, seeds: int) -> dict[str, float]:
    """Three op seeds in the first `words` words of `seeds` numpy seeds."""
    targets, labels = np.array([1234, 5_678_999, 9_000_001]), np.array([1, 2, 4])
    sieve, found = np.zeros(2**15, np.uint8), np.empty(4096, np.int64)
    known = mt19937._targets(targets.tolist())
    runs: dict[str, tuple[int, Callable[[], object]]] = {
        "layerfix": (seeds, lambda: mt19937_numba.find_few(0, seeds, words, targets, labels, sieve, 1, found)),
        "numpy": (16_384, lambda: mt19937.search_by_numpy(known, words, 0, 16_384, 1)),
    }
    library = compiled(folder, "mt19937_avx512")
    if library is not None:
        sizes = (ctypes.c_uint64(0), ctypes.c_int64(seeds), ctypes.c_int(words))
        runs["C avx512"] = (seeds, lambda: library.find(*sizes, address(targets), address(found), ctypes.c_int64(4096)))
    return speeds(runs)


def tensorflow_speed(values: int, seeds: int = 400) -> float:
    """Millions of seeds per CPU-second of the process, by TensorFlow's stateless op in one compiled map: the best loop we found."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    import tensorflow as tf

    key = tf.constant([87654321], tf.uint64)
    weights = tf.constant(np.random.RandomState(0).normal(size=(values, 3)), tf.float32)

    @tf.function
    def score(counters: Any) -> Any:
        def one(counter: Any) -> Any:
            drawn = tf.raw_ops.StatelessRandomUniformV2(shape=[values], key=key, counter=counter, alg=1, dtype=tf.float32)
            return tf.linalg.matvec(weights, drawn, transpose_a=True)

        return tf.map_fn(one, counters, fn_output_signature=tf.float32, parallel_iterations=64)

    counters = tf.constant([[0, seed] for seed in range(seeds)], tf.uint64)
    score(counters)
    times = []
    for _ in range(3):
        begin = time.process_time()
        score(counters)
        times.append(time.process_time() - begin)
    return seeds / min(times) / 1e6


def whole_runs(full: bool) -> dict[str, float]:
    """Wall seconds on all cores: 10^7 op seeds x 256 values, 2^32 numpy seeds x 16 words."""
    marks = [
        philox.Fingerprint(k, np.random.RandomState(k).normal(size=256).astype(np.float32), stream("glorot_uniform", (1, 16, 16), "2.2.4"))
        for k in range(3)
    ]
    begin = time.perf_counter()
    philox.scan(marks, 87654321, top=64)
    scan = time.perf_counter() - begin
    seeds = 2**32 if full else 2**26
    begin = time.perf_counter()
    mt19937.find([1234, 5_678_999, 9_000_001], 16, seeds=range(seeds), need=2)
    return {"10^7 op seeds x 256 values, s": scan, "2^32 numpy seeds x 16 words, s": (time.perf_counter() - begin) * 2**32 / seeds}


def starts() -> dict[str, float]:
    """Seconds of the first scan in a fresh process: compiling, and from numba's cache."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        seconds = [
            float(subprocess.run([sys.executable, "-c", START], env=environment, check=True, capture_output=True, text=True).stdout)
            for _ in range(2)
        ]
    return {"first compile, s": seconds[0], "cached start, s": seconds[1]}


def table(title: str, figures: dict[str, float]) -> None:
    """Speeds, with the ratio of layerfix to each."""
    print(title)
    for name, speed in figures.items():
        ratio = "" if name == "layerfix" else f"   layerfix / {name} = {figures['layerfix'] / speed:.2f}"
        print(f"  {name:10s} {speed:10.4f} M seeds per CPU-second{ratio}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="run all 2^32 numpy seeds")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        figures["Philox, 3 kernels, 64 values"] = philox_speeds(Path(folder), 64, 2**18)
        figures["Philox, 3 kernels, 256 values"] = philox_speeds(Path(folder), 256, 2**16)
        figures["numpy seeds, first word"] = twister_speeds(Path(folder), 1, 2**19)
        figures["numpy seeds, first 16 words"] = twister_speeds(Path(folder), 16, 2**19)
    figures["Philox, 3 kernels, 256 values"]["TensorFlow"] = tensorflow_speed(256)
    for title, speeds_ in figures.items():
        table(title, speeds_)
    figures["whole"] = {**whole_runs(options.full), **starts()}
    print(f"on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}{'' if options.full else ' (2^32 extrapolated from 2^26)'}")
    for name, seconds in figures["whole"].items():
        print(f"  {name:34s} {seconds:8.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
