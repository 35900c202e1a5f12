"""A real `save` of Keras killed at random moments, and what salvage brings back of it.

    python benchmarks/salvage_kills.py HEALTHY.h5 OLDER.h5 FOLDER [--kills N]     with Keras 2

HEALTHY and OLDER are written too: the model before and after more training. Each kill is of a forked
child that runs `model.save` over no file; the moments are spread evenly over the time a save takes.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import time
from pathlib import Path

import numpy as np


def model(layers: int = 12):  # type: ignore[no-untyped-def]  Keras is not installed beside mypy
    import keras

    inputs = hidden = keras.layers.Input((32,))
    for _ in range(layers):
        hidden = keras.layers.Dense(96, activation="relu")(hidden)
        hidden = keras.layers.BatchNormalization()(hidden)
    made = keras.models.Model(inputs, keras.layers.Dense(5, activation="softmax")(hidden))
    made.compile("adam", "categorical_crossentropy")
    return made


def trained(made, epochs: int) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.RandomState(epochs)
    made.fit(rng.randn(64, 32).astype("f4"), np.eye(5)[rng.randint(0, 5, 64)], epochs=epochs, verbose=0)


class Replayed:
    """Values of variables as the first save read them: a session of TensorFlow 1 does not survive a fork."""

    def __init__(self, read) -> None:  # type: ignore[no-untyped-def]
        self.read, self.kept, self.next = read, [], None

    def __call__(self, tensors):  # type: ignore[no-untyped-def]
        if self.next is not None:
            self.next += 1
            return self.kept[self.next - 1]
        self.kept.append(self.read(tensors))
        return self.kept[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("healthy", "older", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--kills", type=int, default=200)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    made = model()
    trained(made, 2)
    made.save(str(given.older))
    trained(made, 3)
    import keras.backend

    keras.backend.batch_get_value = values = Replayed(keras.backend.batch_get_value)
    begun = time.monotonic()
    made.save(str(given.healthy))
    longest = 1.2 * (time.monotonic() - begun)
    values.next = 0
    for number in range(given.kills):
        path = given.folder / f"killed-{number:03}.h5"
        child = os.fork()
        if child == 0:
            made.save(str(path))
            os._exit(0)
        time.sleep(longest * (number + random.random()) / given.kills)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
