"""The optimizer of a live model: its state by role, in the order in which older Keras trains the weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from layerfix.dialects.slots import State
from layerfix.graph.today import legacy_names
from layerfix.legacy.optimizers import OPTIMIZERS


def trained_weights(model: keras.Model) -> list[tuple[str, keras.Variable]]:
    """(name, weight) of what is trained, each weight and each name once, layer by layer ("dense/kernel")."""
    named = legacy_names(model)
    found: dict[str, keras.Variable] = {}
    for weight in {id(weight): weight for layer in model.layers for weight in layer.trainable_weights}.values():
        name = named[id(weight)].removesuffix(":0")
        found[f"{name}_{len(found)}" if name in found else name] = weight
    return list(found.items())


def state_of(model: keras.Model) -> State:
    """Steps and slots of a compiled model's optimizer, one array per trained weight, in the order of `trained_weights`."""
    optimizer: Any = model.optimizer
    place = {id(weight): at for at, weight in enumerate(optimizer._trainable_variables)}
    weights = [weight for _, weight in trained_weights(model)]
    slots = {}
    for role, home in OPTIMIZERS[type(optimizer).__name__].today.items():
        held: list[Any] = getattr(optimizer, home, None) or []
        if held:
            slots[role] = tuple(np.asarray(held[place[id(weight)]]) for weight in weights)
    return State(int(np.asarray(optimizer.iterations)), slots)
