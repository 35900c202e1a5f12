"""Attention layers of keras_self_attention, stated by stock layers and operations."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.composition import Composition, compositions
from layerfix.dialects.records import PROVEN_BY_SAMPLES, Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.model import Relay

_FAR = 10000.0
"""What is taken off the score of a place that is not to be attended to."""
_WEIGHTED = frozenset({"use_bias", "return_attention"})
_SELF = frozenset({"units", "attention_width", "attention_type", "history_only", "use_attention_bias"})


def weighted_attention(source: Source, entry: Entry) -> str | None:
    """SeqWeightedAttention (keras_self_attention 0.51, seq_weighted_attention.py): a mean over the steps, weighed by one dense unit."""
    config = entry["config"]
    if layer_class(entry) != "SeqWeightedAttention" or not config.keys() >= _WEIGHTED:
        return None
    for made in compositions(source, entry):
        scores = made.layer("Dense", "scores", made.start, units=1, use_bias=bool(config["use_bias"]))
        flat = made.op("squeeze", "flat", scores, {"axis": -1})
        if made.mask is not None:
            flat = made.op("subtract", "masked", flat, x2=made.op("multiply", "far", _masked(made, made.mask), {"x2": _FAR}))
        most = made.op("max", "most", flat, {"axis": -1, "keepdims": True})
        powers = made.op("exp", "powers", made.op("subtract", "below", flat, x2=most))
        total = made.op("sum", "total", powers, {"axis": 1, "keepdims": True})
        weights = made.op("true_divide", "weights", powers, x2=made.op("add", "divisor", total, {"x2": 1e-7}))
        weighed = made.op("multiply", "weighed", made.start, x2=made.op("expand_dims", "wide", weights, {"axis": -1}))
        result = made.op("sum", "mean", weighed, {"axis": 1})
        made.end(entry, result, *([weights] if config["return_attention"] else []))
    entry["relay"] = Relay("as_stored", count=1 + bool(config["use_bias"]))
    if source.masks:
        entry["doubt"] = (
            "keras_self_attention before 0.46 gave zeros for a sequence that is masked as a whole, 0.46 and later its mean, and the file "
            "does not tell which release made it: it was taken for the later ones. "
            f"{PROVEN_BY_SAMPLES}"
        )
    return "keras_self_attention's SeqWeightedAttention as a Dense and operations"


def self_attention(source: Source, entry: Entry) -> str | None:
    """SeqSelfAttention (keras_self_attention 0.47 to 0.51, seq_self_attention.py): additive or multiplicative, within a window or over
    all steps. Scores are lowered where both steps are masked: a step that is not attends to all.
    """
    config = entry["config"]
    if layer_class(entry) != "SeqSelfAttention" or not config.keys() >= _SELF:
        return None
    additive = config["attention_type"] == "additive"
    for made in compositions(source, entry):
        scores = (_additive if additive else _multiplicative)(made, entry)
        if config.get("attention_activation") not in (None, "linear"):
            scores = made.layer("Activation", "activation", scores, activation=config["attention_activation"])
        scores = _windowed(made, config, scores)
        if made.mask is not None:
            away = _masked(made, made.mask)
            rows, columns = (made.op("expand_dims", part, away, {"axis": axis}) for part, axis in (("rows_away", 2), ("columns_away", 1)))
            both = made.op("multiply", "both_away", rows, x2=columns)
            scores = made.op("subtract", "masked", scores, x2=made.op("multiply", "both_far", both, {"x2": _FAR}))
        weights = made.op("softmax", "weights", scores, {"axis": -1})
        result = made.op("matmul", "result", weights, x2=made.start)
        made.end(entry, result, *([weights] if config.get("return_attention") else []))
    entry["mask_passes"] = True
    if doubts := _release_doubts(source, config):
        entry["doubt"] = (
            f"{' and '.join(doubts)}, and the file does not tell which release made it: it was taken for 0.47 or later. {PROVEN_BY_SAMPLES}"
        )
    return "keras_self_attention's SeqSelfAttention as dense layers and operations"


def _release_doubts(source: Source, config: dict[str, Any]) -> list[str]:
    """In what releases of keras_self_attention differ (seq_self_attention.py of 0.45, 0.46 and 0.47), as far as the layer uses it."""
    windowed = config.get("attention_width") is not None or config.get("history_only")
    found = ["keras_self_attention 0.46 took no notice of attention_width and history_only"] if windowed else []
    if source.masks:
        found.append("keras_self_attention before 0.46 attended to no masked step, as later releases do from steps that are not masked")
    return found


def _masked(made: Composition, mask: Entry) -> Entry:
    """1 at masked steps, else 0."""
    return made.op("cast", "away_number", made.op("logical_not", "away_steps", mask), {"dtype": "float32"})


def _additive(made: Composition, entry: Entry) -> Entry:
    """W_a tanh(W_t x_t + W_x x_s + b_h) + b_a for each pair of steps."""
    config = entry["config"]
    biased, own = bool(config.get("use_additive_bias", True)), bool(config["use_attention_bias"])
    query = made.layer("Dense", "query", made.start, units=config["units"], use_bias=False)
    key = made.layer("Dense", "key", made.start, units=config["units"], use_bias=biased)
    pairs = made.op(
        "add", "pairs", made.op("expand_dims", "queries", query, {"axis": 2}), x2=made.op("expand_dims", "keys", key, {"axis": 1})
    )
    scores = made.layer("Dense", "scores", made.op("tanh", "hidden", pairs), units=1, use_bias=own)
    entry["relay"] = Relay("as_stored", count=3 + biased + own)
    return made.op("squeeze", "emission", scores, {"axis": -1})


def _multiplicative(made: Composition, entry: Entry) -> Entry:
    """x_t W_a x_s + b_a for each pair of steps."""
    biased = bool(entry["config"]["use_attention_bias"])
    turned = made.layer("EinsumDense", "query", made.start, equation="btd,de->bte", output_shape=[None, None], bias_axes=None)
    across = made.op("swapaxes", "across", made.start, {"axis1": 1, "axis2": 2})
    scores = made.op("matmul", "products", turned, x2=across)
    entry["relay"] = Relay("attention_product" if biased else "as_stored", count=1 + biased)
    if not biased:
        return scores
    wide = made.op("expand_dims", "wide", scores, {"axis": -1})
    return made.op("squeeze", "emission", made.layer("Dense", "shifted", wide, units=1), {"axis": -1})


def _windowed(made: Composition, config: dict[str, Any], scores: Entry) -> Entry:
    """The scores, lowered outside of the window around each step; positions are counted, since the length may be open."""
    width, past = config.get("attention_width"), bool(config.get("history_only"))
    if width is None and not past:
        return scores
    width = int(1e9) if width is None else int(width)
    first = 1 - width if past else -(width // 2)
    ones = made.op("ones_like", "ones", scores)
    columns, rows = (made.op("cumsum", part, ones, {"axis": axis}) for part, axis in (("columns", -1), ("rows", -2)))
    away = made.op("subtract", "away", columns, x2=rows)
    inside = made.op(
        "logical_and", "inside", made.op("greater_equal", "behind", away, {"x2": first}),
        x2=made.op("less", "ahead", away, {"x2": first + width}),
    )  # fmt: skip
    outside = made.op("cast", "outside", made.op("logical_not", "not_inside", inside), {"dtype": "float32"})
    return made.op("subtract", "windowed", scores, x2=made.op("multiply", "far", outside, {"x2": _FAR}))


LIBRARY_ATTENTION = (weighted_attention, self_attention)
