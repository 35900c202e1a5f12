"""What a checkpoint file holds, as plain records: names, shapes, dtypes, configs. No arrays, no open files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Format = Literal["keras-hdf5", "weights-hdf5", "keras-v3", "weights-v3"]
WeightKey = tuple[str, str]
"""(owner, name): the top-level layer group and the dataset path inside it. Unique in a checkpoint."""


def spoken(key: WeightKey) -> str:
    """A tensor's name for people: behind its owner's, unless it begins with that itself."""
    owner, name = key
    return name if not owner or name.startswith(f"{owner}/") else f"{owner}/{name}"


@dataclass(frozen=True, slots=True)
class WeightEntry:
    """One stored tensor.

    Attributes:
        owner: top-level layer group, "denoising_layer_1" (for nested models the outer layer).
        name: the name in `weight_names`, which is the dataset path inside the group, "conv1d_1/kernel:0".
        shape: as stored.
        dtype: numpy name, "float32".
    """

    owner: str
    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def key(self) -> WeightKey:
        return (self.owner, self.name)


@dataclass(frozen=True, slots=True)
class LayerEntry:
    """One top-level layer group.

    Attributes:
        name: the layer's name in `layer_names`.
        weights: tensors that are there, in the order of `weight_names` (Keras loads by this order).
        absent: names in `weight_names` without a dataset (a cut-off write).
        present: False where `layer_names` lists a group that does not exist.
    """

    name: str
    weights: tuple[WeightEntry, ...]
    absent: tuple[str, ...] = ()
    present: bool = True


@dataclass(frozen=True, slots=True)
class OptimizerEntry:
    """The optimizer of a full-model file: its class and config from `training_config`, its slot tensors in stored order.

    `weights` have the owner "optimizer_weights"; `absent` are names that the file lists without a dataset.
    """

    class_name: str | None
    config: Mapping[str, Any]
    weights: tuple[WeightEntry, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as read from disk.

    Attributes:
        path: the file.
        format: which reader understood it.
        keras_version: "2.2.4", "2.2.4-tf", "3.15.1", or None where the file does not say.
        backend: "tensorflow", "theano", "cntk", or None.
        config: `model_config` as decoded JSON ({"class_name": ..., "config": ...}), or None for a weights-only file without architecture.
        training_config: decoded JSON, or None.
        layers: top-level groups in file order.
        optimizer: None where the file stores no optimizer.
        architecture: the separate JSON file that the config came from (weights-only files), or None.
        size: bytes on disk.
    """

    path: Path
    format: Format
    keras_version: str | None
    backend: str | None
    config: Mapping[str, Any] | None
    training_config: Mapping[str, Any] | None
    layers: tuple[LayerEntry, ...]
    optimizer: OptimizerEntry | None
    architecture: Path | None = None
    size: int = 0

    @property
    def weights(self) -> tuple[WeightEntry, ...]:
        """All stored layer tensors (without the optimizer's), in file order."""
        return tuple(weight for layer in self.layers for weight in layer.weights)

    def layer(self, name: str) -> LayerEntry | None:
        """The top-level group of that name, or None."""
        return next((layer for layer in self.layers if layer.name == name), None)
