"""The usual patch for a file of Keras 3 in an older Keras, as people write it by hand: keys are renamed or dropped, nothing is checked.

`batch_shape` becomes `batch_input_shape`, a DTypePolicy its name, and what the older Keras complains of is dropped: `quantization_config`,
`optional`, `module`, `registered_name`, `build_config`, `compile_config`, `autocast`, `renorm` and its like.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras

_DROPPED = frozenset(
    [
        "quantization_config",
        "optional",
        "module",
        "registered_name",
        "build_config",
        "compile_config",
        "autocast",
        "renorm",
        "renorm_clipping",
        "renorm_momentum",
        "synchronized",
        "shared_object_id",
        "lora_rank",
        "lora_alpha",
        "input_axes",
        "output_axes",
    ]
)
_KERAS3_KEEPS = frozenset({"module", "registered_name", "build_config", "shared_object_id"})


def patched(value: Any, *, keras3: bool) -> Any:
    """A config with the keys dropped; an older Keras 3 keeps modules, and its own name for an input's shape."""
    if isinstance(value, list):
        return [patched(item, keras3=keras3) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    dropped = _DROPPED - _KERAS3_KEEPS if keras3 else _DROPPED
    found = {key: patched(item, keras3=keras3) for key, item in value.items() if key not in dropped}
    if not keras3 and "batch_shape" in found:
        found["batch_input_shape"] = found.pop("batch_shape")
    return found


def patch(source: Path, output: Path) -> None:
    """Writes `source`, a `.keras` file, with its config patched: as `.keras`, or as the `.h5` that Keras itself writes."""
    if output.suffix == ".keras":
        with zipfile.ZipFile(source) as whole, zipfile.ZipFile(output, "w") as archive:
            for name in whole.namelist():
                data = whole.read(name)
                archive.writestr(name, json.dumps(patched(json.loads(data), keras3=True)) if name == "config.json" else data)
        return
    keras.models.load_model(source, compile=False).save(output)
    with h5py.File(output, "r+") as file:
        file.attrs["model_config"] = json.dumps(patched(json.loads(file.attrs["model_config"]), keras3=False))
