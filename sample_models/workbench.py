"""Data, training and record keeping for checkpoints made in a genuine legacy Keras (runs in Python 3.6 and 3.7).

A checkpoint is worth little as a sample unless one knows what it was before the save. `record` therefore keeps, beside
the file, the inputs, the predictions and the tensors that the save is about to lose, read from the live session.
"""

import importlib.util
import json
import os
import re

import numpy as np

SIGNAL_LENGTH = 48
CLASSES = 3


def one_hot(labels):
    """(n,) integers -> (n, 3) float32."""
    return np.eye(CLASSES, dtype="float32")[labels]


def signals(n, seed=0, length=SIGNAL_LENGTH, random=None):
    """Noisy sine, square and saw-tooth waves of random frequency and phase: x (n, length, 1), one-hot y (n, 3).

    Draws from a generator of its own, so that a script's `np.random.seed` reaches the model first; pass `random=np.random` to
    draw from numpy's global generator as many scripts do.
    """
    random = random or np.random.RandomState(seed)
    labels = random.randint(0, CLASSES, n)
    t = np.arange(length) / float(length)
    frequency = random.uniform(2, 5, (n, 1))
    phase = (t[None, :] * frequency + random.uniform(0, 1, (n, 1))) % 1.0
    waves = np.stack([np.sin(2 * np.pi * phase), np.sign(phase - 0.5), 2 * phase - 1], axis=1)
    x = waves[np.arange(n), labels] + 0.35 * random.normal(size=(n, length))
    return x[..., None].astype("float32"), one_hot(labels)


def signals_of_classes(y, seed=1):
    """A signal for each row of one-hot `y`, of its class: the second input of an example."""
    x, labels = signals(4 * len(y), seed)
    pools = [np.flatnonzero(labels.argmax(1) == c) for c in range(CLASSES)]
    return x[[pools[c][i % len(pools[c])] for i, c in enumerate(y.argmax(1))]]


def named_inputs(xs):
    """{"x": one input} or {"x0": ..., "x1": ...}: the names that `--samples` knows."""
    return {"x": xs[0]} if len(xs) == 1 else {f"x{i}": x for i, x in enumerate(xs)}


def for_keras(xs):
    """What `fit` and `predict` take: the array itself where there is only one."""
    return xs if len(xs) > 1 else xs[0]


def legacy_python(environments, keras_version):
    """The interpreter that holds this Keras: environments/k224/bin/python for 2.2.4."""
    return os.path.join(environments, "k" + keras_version.replace(".", ""), "bin", "python")


def images(n, seed=0, side=12):
    """Noisy horizontal, vertical and diagonal stripes: x (n, side, side, 1), one-hot y (n, 3)."""
    random = np.random.RandomState(seed)
    labels = random.randint(0, CLASSES, n)
    rows, columns = np.mgrid[0:side, 0:side] / float(side)
    ramps = np.stack([rows, columns, rows + columns])[labels]
    x = np.sin(2 * np.pi * (ramps * 2.5 + random.uniform(0, 1, (n, 1, 1)))) + 0.5 * random.normal(size=(n, side, side))
    return x[..., None].astype("float32"), one_hot(labels)


def sentences(n, seed=0, length=30, words=40):
    """Word numbers whose frequencies depend on the class: x (n, length) int32, one-hot y (n, 3)."""
    random = np.random.RandomState(seed)
    labels = random.randint(0, CLASSES, n)
    topics = random.dirichlet(np.full(words, 0.4), CLASSES)
    x = np.stack([random.choice(words, length, p=topics[label]) for label in labels])
    return x.astype("int32"), one_hot(labels)


def load_source(path):
    """The module at `path`, whatever its name."""
    spec = importlib.util.spec_from_file_location("user_layers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Draws:
    """Notes what Keras draws from numpy's global generator: op seeds, and the shapes of orthogonal matrices."""

    def __enter__(self):
        self.notes = []
        self._randint, self._normal = np.random.randint, np.random.normal

        def randint(low, *args, **kwargs):
            value = self._randint(low, *args, **kwargs)
            if low in (10e6, 10e8):
                self.notes.append(int(value))
            return value

        def normal(*args, **kwargs):
            value = self._normal(*args, **kwargs)
            self.notes.append({"normal": list(np.shape(value))})
            return value

        np.random.randint, np.random.normal = randint, normal
        return self

    def __exit__(self, *error):
        np.random.randint, np.random.normal = self._randint, self._normal


def variables():
    """Every TensorFlow variable of the session's graph."""
    import tensorflow as tf

    return list(tf.global_variables())


def hidden_tensors(model, ignore=()):
    """{variable name: value} of what `model` holds but does not track; `ignore` names variables of earlier models."""
    from keras import backend as K

    ignored = {v.name for v in ignore} | {v.name for v in model.weights}
    optimizer = getattr(model, "optimizer", None)
    scopes = ["training", "metrics", "loss"] + ([type(optimizer).__name__] if optimizer is not None else [])
    names = [v.name for v in variables()]
    scopes = tuple(scope + mark for scope in scopes for mark in "/_")
    helpers = re.compile(r"/(biased|local_step)(_\d+)?:0$")  # TensorFlow's own, of BatchNormalization's moving averages
    stray = [v for v in variables() if v.name not in ignored and not v.name.startswith(scopes) and not helpers.search(v.name)]
    assert len(set(names)) == len(names)
    values = K.get_session().run(stray)
    return {v.name: value for v, value in zip(stray, values)}


def versions():
    """The versions that matter for a checkpoint's contents."""
    import keras
    import tensorflow as tf

    return {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__, "backend": keras.backend.backend()}


def write_json(path, value):
    with open(path, "w") as f:
        json.dump(value, f, indent=1, sort_keys=True)
        f.write("\n")


def seed_everything(numpy_seed=None, graph_seed=None):
    """What a user's script does in its first lines; None leaves a generator unseeded."""
    import tensorflow as tf

    if numpy_seed is not None:
        np.random.seed(numpy_seed)
    if graph_seed is not None:
        tf.set_random_seed(graph_seed)


def quiet():
    """Keep TensorFlow from filling the terminal; must run before its import."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    import warnings

    warnings.filterwarnings("ignore")
