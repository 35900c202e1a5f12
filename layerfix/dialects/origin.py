"""What a legacy file tells of its origin beside what it states: the backend, and a lost input shape."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.containers.records import Checkpoint
from layerfix.legacy.packages import plain_class
from layerfix.legacy.versions import release


def backend_of(checkpoint: Checkpoint) -> str | None:
    """The backend that wrote a file: as it states, or as the names of its weights tell.

    Keras before 2.0.6 stated none. TensorFlow's variables carry an output number ("dense_1_W:0"), Theano's do not ("dense_1_W"); nameless
    ones ("param_0") tell nothing (keras 1.2.2, topology.py, save_weights_to_hdf5_group). Theano flips convolution kernels, so it matters.
    """
    if checkpoint.is_v3:  # its names tell nothing, and no Theano wrote it
        return checkpoint.backend or "tensorflow"
    if checkpoint.backend is not None or not _stated_none(checkpoint.keras_version):
        return checkpoint.backend
    names = [weight.name for weight in checkpoint.weights if not weight.name.startswith("param_")]
    numbered = [name.rpartition(":")[2].isdigit() and ":" in name for name in names]
    if not names or any(numbered) != all(numbered):
        return None
    return "tensorflow" if all(numbered) else "theano"


def with_input_shape(checkpoint: Checkpoint) -> Mapping[str, Any]:
    """The config, its Sequential's input shape told by the first kernel where it states none; the very same object where it does.

    Keras before 2.3 lost the shape of a Sequential that begins with an InputLayer (keras 2.2.4, sequential.py, get_config), and could not
    load such files itself.
    """
    assert checkpoint.config is not None
    entries = layer_list(checkpoint.config) or []
    inner = checkpoint.config.get("config")
    stated = not entries or _states_shape(entries[0]) or (isinstance(inner, Mapping) and inner.get("build_input_shape"))
    if plain_class(checkpoint.config.get("class_name")) != "Sequential" or stated:
        return checkpoint.config
    stored = checkpoint.layer(layer_name(entries[0]))
    shape = _fed(plain_class(entries[0]["class_name"]), stored.weights[0].shape if stored and stored.weights else ())
    if shape is None:
        return checkpoint.config
    settled: dict[str, Any] = copy.deepcopy(dict(checkpoint.config))
    (layer_list(settled) or [])[0]["config"]["batch_input_shape"] = shape
    return settled


def _states_shape(entry: Mapping[str, object]) -> bool:
    config = entry.get("config")
    if layer_list(entry) or not isinstance(config, Mapping):
        return True
    inner = config["layer"].get("config") if isinstance(config.get("layer"), Mapping) else None
    return any(key in holder for holder in (config, inner) if isinstance(holder, Mapping) for key in ("batch_input_shape", "batch_shape"))


def _fed(class_name: str, kernel: tuple[int, ...]) -> list[int | None] | None:
    """The inputs that a kernel of this shape takes, sizes in space left open; None where it does not tell their rank."""
    if class_name in {"Dense", "LSTM", "GRU", "SimpleRNN"} and len(kernel) == 2:
        return [None, kernel[0]] if class_name == "Dense" else [None, None, kernel[0]]
    if class_name in {"Conv1D", "Conv2D", "Conv3D"} and len(kernel) == int(class_name[-2]) + 2:
        return [None] * (len(kernel) - 1) + [kernel[-2]]
    return [None, None] if class_name == "Embedding" else None


def _stated_none(keras_version: str | None) -> bool:
    stated = release(keras_version)
    return stated is None or stated.numbers < (2, 1, 0)
