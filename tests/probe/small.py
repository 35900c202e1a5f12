"""A small model around a lost layer, as a rebuilt graph, for tests of what is measured on live models."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
from keras import layers

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint

KEY = ("lost", "lost/kernel:0")
MEANS, GAINS = np.array([0.5, -1.0, 2.0], np.float32), np.array([1.0, 0.5, 2.0], np.float32)
"""What the BatchNormalization before the lost layer hands on."""
X = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)


def checkpoint(version: str = "2.2.4", **more: Any) -> Checkpoint:
    return Checkpoint(Path("m.h5"), "keras-h5-model", version, "tensorflow", {}, None, (), None, **more)


def spec(key: tuple[str, str], shape: tuple[int, ...], *, hidden: bool, trainable: bool = True) -> WeightSpec:
    return WeightSpec(key[0], key[1], key[0], "kernel", shape, "float32", None, trainable, hidden)


def model() -> keras.Model:
    """x (3) -> normalised to MEANS and GAINS -> lost kernel (3, 2) -> normalised -> two probabilities."""
    inputs = layers.Input((3,))
    x = layers.BatchNormalization(name="before")(inputs)
    x = layers.Dense(2, use_bias=False, name="lost")(x)
    x = layers.BatchNormalization(name="behind")(x)
    made = keras.Model(inputs, layers.Dense(2, activation="softmax", name="head")(x))
    made.get_layer("before").set_weights([GAINS, MEANS, np.zeros(3), np.ones(3)])
    made.get_layer("behind").set_weights([np.ones(2), np.zeros(2), np.array([3.0, -4.0]), np.array([2.0, 5.0])])
    return made


def rebuilt(made: keras.Model, held: Checkpoint | None = None) -> Any:
    """As `graph.rebuilt` gives it, with the kernel of "lost" hidden."""
    lost = made.get_layer("lost")
    hidden = (spec(KEY, (3, 2), hidden=True),)
    return SimpleNamespace(
        model=made,
        leaves={layer.name: SimpleNamespace(layer=layer) for layer in made.layers},
        variables={KEY: lost.kernel},
        checkpoint=held or checkpoint(),
        blueprint=SimpleNamespace(hidden=hidden, weights=hidden),
    )
