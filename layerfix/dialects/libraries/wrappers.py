"""Wrappers of tensorflow_addons and tensorflow_model_optimization, taken off: at inference the layer inside says it all."""

from __future__ import annotations

from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.legacy.packages import plain_class
from layerfix.legacy.weights import weights as stock_weights
from layerfix.model import Relay

_RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN"})
_UNPRUNED = frozenset({"BatchNormalization", "LayerNormalization", "DepthwiseConv2D", "PReLU"})
"""Layers with weights that tfmot does not prune (0.8, sparsity/keras/prune_registry.py)."""


def weight_normalization(source: Source, entry: Entry) -> str | None:
    """tensorflow_addons' WeightNormalization (0.23, layers/wrappers.py): the kernel is g * v / |v| for each output."""
    if layer_class(entry) != "WeightNormalization" or "layer" not in entry["config"]:
        return None
    inner, data_init = entry["config"]["layer"], bool(entry["config"].get("data_init", True))
    if plain_class(inner["class_name"]) in _RECURRENT:
        raise GraphError("WeightNormalization of a recurrent layer has no equal in today's Keras.", where=entry["name"])
    present = _weights(entry, inner)
    _unwrapped(entry, inner)
    count = 1 + present + 1 + present * data_init
    entry["relay"] = Relay("weight_normalization", count, untrained=count - present - 1, data_init=data_init)
    return "WeightNormalization's kernel is computed once: g * v / |v|; it trains as a plain kernel"


def spectral_normalization(source: Source, entry: Entry) -> str | None:
    """tf.keras and tensorflow_addons list the estimate u behind the layer's weights, Keras 3 behind its kernel (0.23,
    spectral_normalization.py; keras 3.15, the like).
    """
    if layer_class(entry) != "SpectralNormalization" or "layer" not in entry["config"]:
        return None
    present = _weights(entry, entry["config"]["layer"])
    entry["relay"] = Relay("spectral_normalization", count=present + 1, untrained=1)
    return "its estimate u comes behind the kernel"


def pruned(source: Source, entry: Entry) -> str | None:
    """tfmot's PruneLowMagnitude (0.8, pruning_wrapper.py) keeps a mask and a threshold for each pruned weight, and a step; the weights are
    stored masked.
    """
    if layer_class(entry) != "PruneLowMagnitude" or "layer" not in entry["config"]:
        return None
    inner = entry["config"]["layer"]
    name, present = plain_class(inner["class_name"]), _weights(entry, inner)
    masks = 0 if name in _UNPRUNED or not present else 2 if name in _RECURRENT else 1
    _unwrapped(entry, inner)
    own = 2 if name == "BatchNormalization" else 0
    entry["relay"] = Relay("pruned", count=present + 2 * masks + 1, untrained=own + 2 * masks + 1)
    return "pruning is taken off, the pruned weights stay"


def _weights(entry: Entry, inner: Entry) -> int:
    try:
        return len(stock_weights(plain_class(inner["class_name"]), inner["config"]))
    except (KeyError, TypeError):
        message = f"{layer_class(entry)} around {plain_class(inner['class_name'])} is not known here."
        raise GraphError(message, where=entry["name"]) from None


def _unwrapped(entry: Entry, inner: Entry) -> None:
    """The inner layer in the wrapper's place: under its name, with the input shape that the wrapper states."""
    outer = entry["config"]
    entry["class_name"] = inner["class_name"]
    entry["config"] = {**inner["config"], "name": outer.get("name", entry["name"]), "trainable": outer.get("trainable", True)}
    if "batch_input_shape" in outer:
        entry["config"]["batch_input_shape"] = outer["batch_input_shape"]


LIBRARY_WRAPPERS = (weight_normalization, spectral_normalization, pruned)
