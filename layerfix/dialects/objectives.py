"""Losses and metrics as files state them, by the names of today's Keras."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_LOSSES = {
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
_FOCAL: Mapping[str, Any] = {**_PROBABILITIES, "alpha": 0.25, "gamma": 2}
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
    "huber": ("Huber", {"delta": 1}),
    "binary_focal_crossentropy": ("BinaryFocalCrossentropy", {**_FOCAL, "apply_class_balancing": False}),
    "categorical_focal_crossentropy": ("CategoricalFocalCrossentropy", _FOCAL),
}
"""By the name of the function: the class, and its settings with their defaults (keras 3.15, losses/losses.py)."""
_KNOWN_METRICS = LOSSES.keys() | {
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
}
_PLAIN: Mapping[str, tuple[Any, ...]] = {
    "reduction": ("auto", "sum_over_batch_size", None),
    "from_logits": (False, None),
    "label_smoothing": (0, None),
    "axis": (-1,),
    "delta": (1,),
    "gamma": (2,),
    "alpha": (0.25,),
    "apply_class_balancing": (False,),
    "ignore_class": (None,),
    "threshold": (0.5,),
    "k": (5,),
}
"""Settings of losses and metrics, and the values that a loss or metric taken by its name has."""
_ANY = frozenset({"name", "dtype", "fn"})
_NEEDED: Mapping[str, tuple[str, ...]] = {"huber": ("delta",)}
"""Settings that a class has and some releases do not write (keras 3.3, losses.py, Huber), so that its default cannot be told."""


def loss_of(stated: object) -> Any:
    """Losses in today's spelling, in their structure: a name, a list or a mapping by output; None where one is the user's own.

    A loss with settings that no name says is {"class_name", "config"} of today's class, with these settings alone.

    Args:
        stated: as in a training config: names, or objects {"class_name", "config"} of tf.keras and Keras 3.
    """
    if isinstance(stated, Mapping) and "class_name" not in stated:
        mapped = {key: loss_of(item) for key, item in stated.items()}
        return None if None in mapped.values() else mapped
    if isinstance(stated, list):
        items = [loss_of(item) for item in stated]
        return None if None in items else items
    return _named(stated, _LOSSES, LOSSES) or _with_settings(stated)


def _with_settings(stated: Any) -> Mapping[str, Any] | None:
    """A loss of Keras' own by its class and settings, or None."""
    config = stated.get("config") if isinstance(stated, Mapping) else None
    if not isinstance(config, Mapping):
        return None
    name = next((name for name, (class_name, _) in LOSSES.items() if class_name == stated["class_name"]), None)
    if name is None or not set(_NEEDED.get(name, ())) <= config.keys():
        return None
    class_name, defaults = LOSSES[name]
    given = {key: value for key, value in config.items() if key not in _ANY and not any(value == plain for plain in _PLAIN.get(key, ()))}
    strange = given.keys() - defaults.keys() - {"reduction"}
    if strange or given.get("reduction", "sum") not in ("sum", "none"):
        return None
    return {"class_name": class_name, "config": given}


def metrics_of(stated: object, notes: list[str]) -> Any:
    """Metric names in the structure that `compile` takes; unknown ones are left out, and a clause about each is added to `notes`."""
    if isinstance(stated, Mapping) and "class_name" not in stated:
        return {key: metrics_of(item, notes) for key, item in stated.items()}
    if isinstance(stated, list):
        found = [item for item in (metrics_of(item, notes) for item in stated) if item is not None]
        # tf.keras wraps the metrics of a single output once more; Keras 3.12 does not take that.
        return found[0] if len(found) == 1 and isinstance(found[0], list) else found
    name = _named(stated, {**_LOSSES, "acc": "accuracy"}, _KNOWN_METRICS)
    if name is None and stated is not None:
        notes.append(f"metric {stated.get('class_name') if isinstance(stated, Mapping) else stated} is left out")
    return name


def _named(stated: object, names: Mapping[str, str], known: Collection[str]) -> str | None:
    """The one name that means the same, or None.

    The `name` in an object's config is free text that the user may have chosen: the class, or the function that it wraps, says what it is.
    """
    if isinstance(stated, str):
        name = names.get(stated.lower(), stated.lower())
        return name if name in known else None
    if not isinstance(stated, Mapping):
        return None
    config = stated.get("config")
    if isinstance(config, str):  # a function: {"class_name": "function", "config": "mean_squared_error"}
        return _named(config, names, known)
    if not isinstance(config, Mapping) or not _is_plain(config):
        return None
    class_name = str(stated.get("class_name"))
    if class_name == "MeanMetricWrapper":
        return _named(config.get("fn"), names, known)
    own = next((name for name in sorted(known) if name.replace("_", "") == class_name.lower()), None)
    return None if own == "accuracy" or not set(_NEEDED.get(own or "", ())) <= config.keys() else own


def _is_plain(config: Mapping[str, object]) -> bool:
    return all(key in _ANY or any(value == plain for plain in _PLAIN.get(key, ())) for key, value in config.items())
