"""What `layerfix.guard` costs against training: once a run, spread over its steps.

python benchmarks/guard.py [STEPS]
"""

from __future__ import annotations

import statistics
import sys
import time

import keras
import numpy as np
from keras import layers

from layerfix.saving_guard import guard


def model() -> keras.Model:
    blocks = [
        layer
        for filters in (32, 64, 64)
        for layer in (layers.Conv1D(filters, 5, padding="same"), layers.BatchNormalization(), layers.ReLU())
    ]
    made = keras.Sequential([keras.Input((128, 8)), *blocks, layers.GlobalAveragePooling1D(), layers.Dense(10, activation="softmax")])
    made.compile("adam", "sparse_categorical_crossentropy")
    return made


def main(steps: int) -> None:
    subject = model()
    random = np.random.default_rng(0)
    x, y = random.normal(size=(64, 128, 8)).astype("float32"), random.integers(0, 10, 64)
    subject.train_on_batch(x, y)
    guard(subject)
    costs, times = [], []
    for _ in range(5):
        start = time.perf_counter()
        guard(subject)
        costs.append(time.perf_counter() - start)
    for _ in range(50):
        start = time.perf_counter()
        subject.train_on_batch(x, y)
        times.append(time.perf_counter() - start)
    cost, step = statistics.median(costs), statistics.median(times)
    share = 100 * cost / (steps * step)
    print(f"guard {cost * 1e3:.0f} ms once; a training step {step * 1e3:.1f} ms; {share:.2f} % of a step over {steps} steps")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
