"""Losses and metrics in today's words: a function's name, or a class of `keras.losses` with the settings that it was given.

Sources: keras 2.2.4, losses.py; tensorflow 2.4 and 2.15, keras/losses.py; keras 3.15, losses/losses.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ALIASES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "bce": "binary_crossentropy",
    "logcosh": "log_cosh",
    "cosine_proximity": "cosine_similarity",
    "cosine": "cosine_similarity",
}
_PROBABILITIES: Mapping[str, Any] = {"from_logits": False, "label_smoothing": 0, "axis": -1}
_FOCAL: Mapping[str, Any] = {**_PROBABILITIES, "alpha": 0.25, "gamma": 2.0}
LOSSES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "mean_squared_error": ("MeanSquaredError", {}),
    "mean_absolute_error": ("MeanAbsoluteError", {}),
    "mean_absolute_percentage_error": ("MeanAbsolutePercentageError", {}),
    "mean_squared_logarithmic_error": ("MeanSquaredLogarithmicError", {}),
    "kl_divergence": ("KLDivergence", {}),
    "binary_crossentropy": ("BinaryCrossentropy", _PROBABILITIES),
    "categorical_crossentropy": ("CategoricalCrossentropy", _PROBABILITIES),
    "sparse_categorical_crossentropy": ("SparseCategoricalCrossentropy", {"from_logits": False, "ignore_class": None, "axis": -1}),
    "hinge": ("Hinge", {}),
    "squared_hinge": ("SquaredHinge", {}),
    "categorical_hinge": ("CategoricalHinge", {}),
    "poisson": ("Poisson", {}),
    "log_cosh": ("LogCosh", {}),
    "cosine_similarity": ("CosineSimilarity", {"axis": -1}),
    "huber": ("Huber", {"delta": 1.0}),
    "binary_focal_crossentropy": ("BinaryFocalCrossentropy", {**_FOCAL, "apply_class_balancing": False}),
    "categorical_focal_crossentropy": ("CategoricalFocalCrossentropy", _FOCAL),
}
"""By the name of the function: the class, and its settings with their defaults."""
_CLASSES = {name: function for function, (name, _) in LOSSES.items()}
_METRICS = LOSSES.keys() | {
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
}
_MEANS = (None, "auto", "sum_over_batch_size")
"""Reductions that all are the mean over the batch; the two others are settings."""


def losses(value: Any) -> Any:
    """A stored loss, or losses by output or in order, in today's words and in their structure; None where one is not known."""
    if isinstance(value, str):
        return _function(value)
    if isinstance(value, Mapping) and "class_name" in value:
        return _of_class(value)
    if isinstance(value, Mapping):
        mapped = {key: losses(item) for key, item in value.items()}
        return None if None in mapped.values() else mapped
    if isinstance(value, list):
        items = [losses(item) for item in value]
        return None if None in items else items
    return None


def _function(name: str) -> str | None:
    name = _ALIASES.get(name.lower(), name.lower())
    return name if name in LOSSES else None


def _of_class(value: Mapping[str, Any]) -> Any:
    """A loss that is an object: its function's name where its settings are the defaults, else {"class_name", "config"}."""
    config = value.get("config")
    if isinstance(config, str):  # {"class_name": "function", "config": "mse"}
        return _function(config)
    if not isinstance(config, Mapping):
        return None
    name = str(value["class_name"]).rsplit(">", 1)[-1]
    function = _CLASSES.get(name) or (_function(stated) if isinstance(stated := config.get("fn") or config.get("name"), str) else None)
    if function is None:
        return None
    class_name, defaults = LOSSES[function]
    given = {key: config[key] for key, default in defaults.items() if config.get(key) is not None and config[key] != default}
    reduction = config.get("reduction")
    if reduction not in _MEANS:
        if reduction not in ("sum", "none"):
            return None
        given["reduction"] = reduction
    return {"class_name": class_name, "config": given} if given else function


def metrics(value: Any, notes: list[str]) -> Any:
    """Metric names in the structure that `compile` takes; unknown ones are left out and noted."""
    if isinstance(value, Mapping) and "class_name" not in value:
        return {key: metrics(item, notes) for key, item in value.items()}
    if isinstance(value, list):
        found = [item for item in (metrics(item, notes) for item in value) if item is not None]
        # tf.keras wraps the metrics of a single output once more; Keras 3.12 does not take that.
        return found[0] if len(found) == 1 and isinstance(found[0], list) else found
    name = _metric(value)
    if name is None and value is not None:
        notes.append(f"metric {value if isinstance(value, str) else value.get('class_name')} is left out")
    return name


def _metric(value: Any) -> str | None:
    if isinstance(value, str):
        name = {**_ALIASES, "acc": "accuracy"}.get(value.lower(), value.lower())
        return name if name in _METRICS else None
    if not isinstance(value, Mapping):
        return None
    config = value.get("config")
    stated = (config.get("fn") or config.get("name")) if isinstance(config, Mapping) else config
    set_otherwise = isinstance(config, Mapping) and any(config.get(key) for key in ("from_logits", "label_smoothing"))
    return None if set_otherwise or not isinstance(stated, str) else _metric(stated)
