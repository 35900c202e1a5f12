"""Layers of Keras 3 whose stored weights are not the ones that they compute with: quantised, or adapted by LoRA."""

from __future__ import annotations

from collections.abc import Mapping

from layerfix.dialects.records import Source
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError

_HINT = "Keras 3 itself loads the file as it is: keras.models.load_model(FILE)."


def adapted_weights(source: Source, entry: Entry) -> str | None:
    """`model.quantize()` and `enable_lora()` leave scales and factors beside the kernels (keras 3.9, Dense.save_own_variables)."""
    config = entry["config"]
    policy = config.get("dtype")
    if isinstance(policy, Mapping) and str(policy.get("class_name")).startswith("Quantized"):
        mode = (policy.get("config") or {}).get("mode")
        raise GraphError(f"its weights are quantised ({mode}), which layerfix does not read.", where=entry["name"], hint=_HINT)
    if config.get("lora_rank"):
        message = f"its weights are adapted by LoRA (rank {config['lora_rank']}), which layerfix does not read."
        raise GraphError(message, where=entry["name"], hint=_HINT)
    return None
