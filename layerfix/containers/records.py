"""What a checkpoint file holds, as plain records: names, shapes, dtypes, configs. No arrays, no open files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Format = Literal["keras-hdf5", "weights-hdf5", "keras-v3", "weights-v3", "saved-model", "tf-checkpoint", "tfjs-layers"]
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
class Place:
    """Where a tensor's bytes are, in a container that stores them plainly: little-endian, in C order.

    Attributes:
        pieces: (file, offset, size) of each part, in order.
        shape: of the tensor.
        dtype: numpy's name of what is stored, or "bfloat16".
        scale, minimum: a quantised tensor's value is scale * stored + minimum, in float32; None for others.
    """

    pieces: tuple[tuple[Path, int, int], ...]
    shape: tuple[int, ...]
    dtype: str
    scale: float | None = None
    minimum: float = 0.0

    @property
    def read_as(self) -> str:
        """The dtype of the value that is read."""
        return "float32" if self.scale is not None or self.dtype == "bfloat16" else self.dtype


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

    @property
    def slots(self) -> tuple[WeightEntry, ...]:
        """The variables of the optimizer itself; of the inner one where a loss scale is around it, which lists them once more."""
        inner = tuple(weight for weight in self.weights if weight.name.startswith("inner_optimizer/"))
        return inner or self.weights


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
        architecture: the separate file that the config came from (weights-only files), or None.
        size: bytes on disk.
        homes: in v3 files, by a layer's path in the config, the group that holds its weights ("layers/dense_1").
        own_class: the class of a subclassed model, whose layers no config tells; None for others.
        places: where each tensor is, the optimizer's too, in a container other than HDF5.
        files: every file that it consists of; () for `path` alone.
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
    homes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_v3(self) -> bool:
        """Whether it is in the layout of Keras 2.12 and later: numbered variables in groups named by class."""
        return self.format in ("keras-v3", "weights-v3")

    own_class: str | None = None
    places: Mapping[WeightKey, Place] = field(default_factory=dict, repr=False, compare=False)
    files: tuple[Path, ...] = ()

    @property
    def is_placed(self) -> bool:
        """Whether it stores its tensors plainly, outside of HDF5: `places` tells where."""
        return self.format in ("saved-model", "tf-checkpoint", "tfjs-layers")

    @property
    def weights(self) -> tuple[WeightEntry, ...]:
        """All stored layer tensors (without the optimizer's), in file order."""
        return tuple(weight for layer in self.layers for weight in layer.weights)

    def below(self, home: str) -> dict[str, WeightEntry]:
        """In v3 files the tensors of a group, by their path in it ("vars/0", "forward_layer/cell/vars/2")."""
        places = ((f"{weight.owner}/{weight.name}", weight) for weight in self.weights)
        return {place[len(home) + 1 :]: weight for place, weight in places if place.startswith(f"{home}/")}

    def layer(self, name: str) -> LayerEntry | None:
        """The top-level group of that name, or None."""
        return next((layer for layer in self.layers if layer.name == name), None)
