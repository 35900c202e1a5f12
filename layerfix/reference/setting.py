"""How the reference computes one model: whose semantics, and in which precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.model import Layer
from layerfix.reference.functions import HARD_SIGMOID3


@dataclass(frozen=True, slots=True)
class Setting:
    """How to compute.

    Attributes:
        release: the Keras that wrote the model.
        tf_keras: whether it was TensorFlow's.
        exact: float64 throughout; else in the precision that the model states, layer by layer.
        browser: whether it was TensorFlow.js, which writes as TensorFlow's Keras does.
    """

    release: tuple[int, ...]
    tf_keras: bool
    exact: bool
    browser: bool = False


def spoken(config: Mapping[str, Any], setting: Setting) -> Mapping[str, Any]:
    """The config, its activations by names that mean one thing in every release."""
    if config.get("interpolation") == "bilinear" and (setting.browser or not setting.tf_keras or setting.release >= (2, 3)):
        # TensorFlow 1 and TensorFlow.js put the centre of a pixel at its corner; 2.2.4-tf is of TensorFlow 1 or 2.
        config = {**config, "half_pixels": setting.tf_keras and not setting.browser}
    if setting.release < (3,):
        return config
    named: dict[str, Any] = {key: HARD_SIGMOID3 for key in ("activation", "recurrent_activation") if config.get(key) == "hard_sigmoid"}
    for key in ("layer", "backward_layer", "cell"):
        if isinstance(config.get(key), Mapping):
            named[key] = _part(config[key], setting)
    if isinstance(config.get("cells"), list):
        named["cells"] = [_part(cell, setting) for cell in config["cells"]]
    return {**config, **named}


def _part(part: Mapping[str, Any], setting: Setting) -> Mapping[str, Any]:
    return {**part, "config": spoken(part["config"], setting)} if isinstance(part.get("config"), Mapping) else part


def _computes(layer: Layer) -> str:
    """The precision that a layer computes in: float16 under the policy mixed_float16."""
    stated = layer.settings.get("dtype")
    while isinstance(stated, Mapping):
        stated = stated.get("config", {}).get("name")
    return {"mixed_float16": "float16", "float16": "float16", "mixed_bfloat16": "bfloat16"}.get(str(stated), "float32")


def precise(array: Array, layer: Layer, setting: Setting) -> Array:
    """A float in the precision of the layer, held in one that numpy computes in."""
    if array.dtype.kind != "f":
        return array
    if setting.exact:
        return array.astype(np.float64)
    kind = _computes(layer)
    if kind == "bfloat16":
        bits = array.astype(np.float32).view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)
    return array.astype(kind).astype(np.float32)
