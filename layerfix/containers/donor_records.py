"""What every kind of donor looks like: names and shapes, with values read on demand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from layerfix.arrays import Array
from layerfix.errors import ReadError

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint, WeightKey

DonorKind = Literal[
    "keras-hdf5", "weights-hdf5", "keras-v3", "weights-v3", "saved-model", "tfjs-layers",
    "npz", "safetensors", "tf-checkpoint", "tf-graph", "onnx", "tflite",
]  # fmt: skip
_TAIL = re.compile(r":\d+$")


@dataclass(frozen=True, slots=True)
class DonorEntry:
    """One tensor of a donor.

    Attributes:
        name: as the donor calls it; unique in the donor. For legacy checkpoints "owner/name in weight_names", for Keras 3 files
            layer names with a likely role ("denoising_layer_1/conv1d_2/kernel").
        shape, dtype: as stored; of an exported graph's weights the shape that Keras gives them.
        key: (owner, name) where the donor is a checkpoint, else None.
        means: the variable that an exported graph's tensor stands for, where its own name does not say so:
            "conv1d_2/kernel" for ONNX' "conv1d_2/convolution/ExpandDims_1:0".
        attribute: by which attributes of the saved object it is found, where the donor states them: "blocks/0/kernel".
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    key: WeightKey | None = None
    means: str = ""
    attribute: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the variable's name, comparable between kinds of donors (`name_parts`)."""
        return name_parts(self.means or self.name)


@dataclass(frozen=True, slots=True)
class Donor:
    """A file that may hold lost weights.

    Attributes:
        path: what the user named.
        kind: what it is, by content.
        entries: its tensors, sorted by name for foreign formats, in file order for checkpoints.
        checkpoint: its records where it is a checkpoint, else None.
    """

    path: Path
    kind: DonorKind
    entries: tuple[DonorEntry, ...]
    checkpoint: Checkpoint | None = None
    reader: Callable[[DonorEntry], Array] = field(repr=False, compare=False, kw_only=True)

    def entry(self, name: str) -> DonorEntry | None:
        """The tensor of exactly that name, or None."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def read(self, name: str | DonorEntry) -> Array:
        """A tensor's value in the stored dtype (bfloat16 as float32).

        Raises:
            ReadError: where there is none of that name, or its bytes cannot be read.
        """
        entry = name if isinstance(name, DonorEntry) else self.entry(name)
        if entry is None:
            raise ReadError(f"holds no tensor {name!r}.", where=str(self.path))
        return self.reader(entry)

    def find(self, name: str) -> tuple[DonorEntry, ...]:
        """Tensors that a variable name means: those with all of its parts, else those whose parts end with them.

        Several results mean that the name is ambiguous. "lost/denoising_layer_1/conv1d_2/kernel:0" is found for
        "denoising_layer_1/conv1d_2/kernel:0", as is "denoising_layer_1__conv1d_2__kernel".
        """
        wanted = name_parts(name)
        same = tuple(entry for entry in self.entries if entry.parts == wanted)
        return same or tuple(entry for entry in self.entries if entry.parts[-len(wanted) :] == wanted)


def name_parts(name: str) -> tuple[str, ...]:
    """A tensor's name as comparable parts: split at "/", else at "__", else at "."; without ":0" and empty parts.

    >>> name_parts("denoising_layer_1/conv1d_2/kernel:0")
    ('denoising_layer_1', 'conv1d_2', 'kernel')
    """
    bare = _TAIL.sub("", name.replace("\\", "/"))
    separator = next((mark for mark in ("/", "__", ".") if mark in bare), "/")
    return tuple(part for part in bare.split(separator) if part)
