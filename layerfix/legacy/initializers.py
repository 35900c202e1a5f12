"""Initializers as legacy configs write them, and what each takes from numpy's global generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

DrawKind = Literal["seed", "wide", "normal", "numpy"]

_SCALING = {
    "glorot_uniform": (1.0, "fan_avg", "uniform"),
    "glorot_normal": (1.0, "fan_avg", "normal"),
    "he_uniform": (2.0, "fan_in", "uniform"),
    "he_normal": (2.0, "fan_in", "normal"),
    "lecun_uniform": (1.0, "fan_in", "uniform"),
    "lecun_normal": (1.0, "fan_in", "normal"),
}
_PLAIN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "zeros": ("Zeros", {}),
    "zero": ("Zeros", {}),
    "ones": ("Ones", {}),
    "one": ("Ones", {}),
    "constant": ("Constant", {"value": 0.0}),
    "uniform": ("RandomUniform", {"minval": -0.05, "maxval": 0.05, "seed": None}),
    "random_uniform": ("RandomUniform", {"minval": -0.05, "maxval": 0.05, "seed": None}),
    "normal": ("RandomNormal", {"mean": 0.0, "stddev": 0.05, "seed": None}),
    "random_normal": ("RandomNormal", {"mean": 0.0, "stddev": 0.05, "seed": None}),
    "truncated_normal": ("TruncatedNormal", {"mean": 0.0, "stddev": 0.05, "seed": None}),
    "orthogonal": ("Orthogonal", {"gain": 1.0, "seed": None}),
    "identity": ("Identity", {"gain": 1.0}),
}
_SEEDED = frozenset({"VarianceScaling", "RandomUniform", "RandomNormal", "TruncatedNormal"})
_CLASSES = _SEEDED | {"Zeros", "Ones", "Constant", "Orthogonal", "Identity"}
_SNAKE = {
    "GlorotUniform": "glorot_uniform",
    "GlorotNormal": "glorot_normal",
    "HeUniform": "he_uniform",
    "HeNormal": "he_normal",
    "LecunUniform": "lecun_uniform",
    "LecunNormal": "lecun_normal",
}


def canonical(initializer: object) -> Mapping[str, Any] | None:
    """An initializer in legacy form, {"class_name", "config"}: "he_normal" and tf.keras' {"class_name": "HeNormal"} become VarianceScaling.

    None where it cannot be told (an unknown name, a malformed value). Source: keras 2.2.4, initializers.py.
    """
    if isinstance(initializer, Mapping):
        name, config = initializer.get("class_name"), initializer.get("config")
        if not isinstance(name, str):
            return None
        config = config if isinstance(config, Mapping) else {}
        if name in _SNAKE or name in _SCALING:
            return _named(name, config.get("seed"))
        class_name, defaults = _PLAIN.get(name, (name, {}))
        return {"class_name": class_name, "config": {**defaults, **config}}
    return _named(initializer, None) if isinstance(initializer, str) else None


def _named(name: str, seed: object) -> Mapping[str, Any] | None:
    key = _SNAKE.get(name, name)
    if key in _SCALING:
        scale, mode, distribution = _SCALING[key]
        return {"class_name": "VarianceScaling", "config": {"scale": scale, "mode": mode, "distribution": distribution, "seed": seed}}
    if key.lower() in _PLAIN:
        class_name, config = _PLAIN[key.lower()]
        return {"class_name": class_name, "config": dict(config)}
    return {"class_name": name, "config": {}} if name in _CLASSES else None


def draw_kind(initializer: object) -> DrawKind | None:
    """What one use of the initializer draws: "seed" for a `randint(10e6)`, "normal" for Orthogonal's matrix, None for nothing.

    An explicit seed draws nothing from the stream as it stood (Orthogonal then even re-seeds numpy's generator for all that follows).
    An initializer marked {"drawn": "wide"} took a `randint(10e8)` (keras 2.2.4, tensorflow_backend.py, `random_uniform_variable`).
    """
    known = canonical(initializer)
    if known is not None and known["class_name"] == "UnitForgetBias":
        return draw_kind(known["config"]["bias_initializer"])
    if known is None or known["config"].get("seed") is not None:
        return None
    if known["class_name"] == "Orthogonal":
        return "normal"
    if known["class_name"] not in _SEEDED:
        return None
    return "wide" if isinstance(initializer, Mapping) and initializer.get("drawn") == "wide" else "seed"
