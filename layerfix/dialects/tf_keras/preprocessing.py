"""Preprocessing layers in the words of `experimental.preprocessing`, tf.keras 2.3 to 2.5 (tensorflow 2.4, layers/preprocessing)."""

from __future__ import annotations

from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError

_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}
_RENAMED: dict[str, dict[str, str]] = {
    "CategoryEncoding": {"max_tokens": "num_tokens"},
    "IntegerLookup": {"max_values": "max_tokens", "mask_value": "mask_token", "oov_value": "oov_token"},
    "Discretization": {"bins": "bin_boundaries"},
}
_UNSALTED = [0xDECAFCAFFE, 0xDECAFCAFFE]
UNCROPPED = (3, 9)
"""Since this Keras at the latest RandomCrop hands pictures on as they are when it predicts; before it
resized them to its own size (tensorflow 2.10, image_preprocessing.py; keras 3.3 and 3.9, random_crop.py)."""
_CODED = frozenset({"CategoryEncoding", "TextVectorization", "StringLookup", "IntegerLookup"})


def experimental_words(source: Source, entry: Entry) -> str | None:
    """Arguments and output modes that got other names in tf.keras 2.6."""
    name, config = layer_class(entry), entry["config"]
    changed = []
    for before, today in _RENAMED.get(name, {}).items():
        if before in config and config.get(today) is None:
            config[today] = config.pop(before)
            changed.append(f"{before} is called {today}")
    mode = config.get("output_mode") if name in _CODED else None
    if mode in _MODES:
        config["output_mode"] = _MODES[mode]
        changed.append(f"output mode {mode} is called {_MODES[mode]}")
    return "; ".join(changed) or None


def open_buckets(source: Source, entry: Entry) -> str | None:
    """Discretization wrote infinity as its last boundary (tensorflow 2.4, discretization.py); today's buckets end with it unsaid."""
    bounds = entry["config"].get("bin_boundaries") if layer_class(entry) == "Discretization" else None
    kept = [bound for bound in bounds if abs(_number(bound)) != float("inf")] if isinstance(bounds, list) else bounds
    if kept == bounds:
        return None
    entry["config"]["bin_boundaries"] = kept
    return "the boundary at infinity is left out"


def learned_buckets(source: Source, entry: Entry) -> str | None:
    """A Discretization that learned its boundaries states their number too, and no Keras takes both (keras 3.9, discretization.py)."""
    config = entry["config"]
    if layer_class(entry) != "Discretization" or config.get("bin_boundaries") is None or config.get("num_bins") is None:
        return None
    config["num_bins"] = None
    return "its boundaries stand for their number"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def plain_hashing(source: Source, entry: Entry) -> str | None:
    """Hashing without a salt wrote one nevertheless, always the same, and a float dtype; it hashed without (tensorflow 2.4, hashing.py,
    `_DEFAULT_SALT_KEY` and `strong_hash`). Its buckets are whole numbers.
    """
    config = entry["config"]
    if layer_class(entry) != "Hashing" or source.release >= (2, 6):
        return None
    changed = []
    if config.get("salt") == _UNSALTED:
        config["salt"] = None
        changed.append("no salt")
    if "float" in str(config.get("dtype")):
        config["dtype"] = "int64"
        changed.append("dtype int64")
    return " and ".join(changed) or None


def inverse_frequencies(source: Source, entry: Entry) -> str | None:
    """Before tf.keras 2.6 the weights of output mode tf_idf lay in an encoding layer inside, in an order that nothing states."""
    config = entry["config"]
    if layer_class(entry) in _CODED and config.get("output_mode") == "tf_idf" and not config.get("idf_weights"):
        raise GraphError("the weights of its output mode tf_idf are not in its config.", where=entry["name"])
    return None


def resized_crops(source: Source, entry: Entry) -> str | None:
    """RandomCrop predicted with resized pictures, and does with whole ones today."""
    if layer_class(entry) == "RandomCrop" and source.release < UNCROPPED:
        raise GraphError(
            "RandomCrop resized pictures to its own size when it predicted, and today's leaves them as they are.",
            where=entry["name"],
            hint="Take the layer out of the model where it was trained, or put a Resizing in its place.",
        )
    return None


PREPROCESSING_RULES = (experimental_words, open_buckets, learned_buckets, plain_hashing, inverse_frequencies, resized_crops)
