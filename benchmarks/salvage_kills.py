"""A real `save` of Keras killed at random moments, for `salvage.py kills`.

    python benchmarks/salvage_kills.py HEALTHY OLDER FOLDER [--kills N] [--weights] [--model NAME]     with any release of Keras

HEALTHY and OLDER are written too: the model before and after more training. Their suffix is that of the kills: .h5, .keras or
.weights.h5. Each kill is of a forked child that saves over no file; the moments are spread evenly over the time a save takes.
Beside HEALTHY the architecture is written, MODEL.json, as a training script has it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import time
from pathlib import Path


def library():  # type: ignore[no-untyped-def]
    """Keras itself, or the one inside TensorFlow 2."""
    try:
        import keras
    except ImportError:
        keras = None
    if keras is not None and (keras.__version__ < "2.4" or keras.__version__ >= "3"):
        return keras
    from tensorflow import keras as inside

    return inside


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


def saving(made, weights: bool):  # type: ignore[no-untyped-def]
    """What is killed; variables of TensorFlow 1 are read once, before."""
    keras = library()
    if keras.__version__ < "2.4" and not keras.__version__.endswith("tf"):
        import keras.backend as backend

        backend.batch_get_value = values = Replayed(backend.batch_get_value)
        return (made.save_weights if weights else made.save), values
    return (made.save_weights if weights else made.save), None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("healthy", "older", "folder"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--weights", action="store_true", help="save weights alone")
    parser.add_argument("--model", default="residual", help="of those that salvage_models.py makes")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    from salvage_models import SETS, train  # which asks this file for the library

    make = next(make for makes in SETS.values() for make in makes if make.__name__ == given.model)
    made, optimizer, loss = make()
    made.compile(optimizer, loss)
    train(made, given.model, 1)
    save, values = saving(made, given.weights)
    (made.save_weights if given.weights else made.save)(str(given.older))
    train(made, given.model, 2)
    (given.healthy.parent / f"{given.healthy.name.partition('.')[0]}.h5.json").write_text(made.to_json())
    if values is not None:
        values.kept.clear()
    save(str(given.healthy))
    if values is not None:
        values.next = 0
    begun = time.monotonic()
    save(str(given.healthy))
    longest = 1.2 * (time.monotonic() - begun)
    if values is not None:
        values.next = 0
    suffix = given.healthy.name[given.healthy.name.index(".") :]
    for number in range(given.kills):
        path = given.folder / f"killed-{number:03}{suffix}"
        child = os.fork()
        if child == 0:
            save(str(path))
            os._exit(0)
        time.sleep(longest * (number + random.random()) / given.kills)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
