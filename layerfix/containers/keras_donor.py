"""Names for the tensors of Keras 3 files, whose variables are only numbered.

Keras 3 stores a layer's name as an attribute of its `vars` group (keras 3, saving/saving_lib.py, `_save_state`). What a number means
depends on the class; the usual orders are told apart by the shapes. So names help to find candidates and prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from layerfix.containers.archive import opened
from layerfix.containers.groups import CONTAINERS
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.records import Checkpoint, WeightEntry, WeightKey


def variable_names(checkpoint: Checkpoint) -> dict[WeightKey, str]:
    """A name such as "encoder/denoising_layer_1/conv1d_2/kernel" for each weight; the plain path where two would be the same."""
    groups: dict[str, list[WeightEntry]] = {}
    for weight in checkpoint.weights:
        groups.setdefault(f"{weight.owner}/{weight.name}".rpartition("/vars/")[0], []).append(weight)
    with opened(Path(checkpoint.path)) as source:
        layers = {path: _layer_path(source.file, path) for path in groups}
    names = {}
    for path, weights in groups.items():
        names.update({weight.key: f"{layers[path]}/{role}" for weight, role in zip(weights, roles(weights), strict=True)})
    counts = Counter(names.values())
    return {key: name if counts[name] == 1 else "/".join(key) for key, name in names.items()}


def roles(weights: Sequence[WeightEntry]) -> tuple[str, ...]:
    """What a layer's own variables most likely are, by their number and dimensions; numbers where nothing fits."""
    match [len(weight.shape) for weight in weights]:
        case [1, 1, 1, 1]:
            return ("gamma", "beta", "moving_mean", "moving_variance")
        case [1, 1]:
            return ("gamma", "beta")
        case [first, second, _] if first == second == 2:
            return ("kernel", "recurrent_kernel", "bias")
        case [first, 1] if first >= 2:
            return ("kernel", "bias")
        case [first] if first >= 2:
            return ("kernel",)
    return tuple(str(number) for number in range(len(weights)))


def _layer_path(file: GuardedFile, path: str) -> str:
    """A group path with each layer's own name in place of its class's, containers left out."""
    parts = path.split("/")
    names = []
    for index, part in enumerate(parts):
        own = file.group(file.root, "/".join([*parts[: index + 1], "vars"]))
        name = None if own is None else file.text(own, "name")
        if part not in CONTAINERS:
            names.append(name or part)
    return "/".join(names)
