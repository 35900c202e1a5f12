"""The difference of two checkpoints as plain records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from layerfix.containers.records import WeightKey
from layerfix.results.display import Shown

TensorStatus = Literal["identical", "changed", "added", "removed", "renamed", "reordered", "reshaped", "recast"]


@dataclass(frozen=True, slots=True)
class TensorDiff:
    """One tensor in one or both files.

    Attributes:
        status: identical (bit for bit, same place); changed (values); added, removed; renamed (same bits under another name);
            reordered (same bits and name, other place in `weight_names`, which is what Keras loads by); reshaped; recast (other dtype).
        before, after: its key in the first and in the second file, or None.
        shape_before, shape_after, dtype_before, dtype_after: as stored, or None.
        moved: whether its place among its layer's common tensors changed, whatever its status.
        max_difference, mean_difference: of the absolute differences, where the shapes agree and the bits do not.
        cosine: between both as flat vectors; None where one is all zeros.
        nonfinite: elements that are NaN or infinite in either; they are left out of the three figures above.
    """

    status: TensorStatus
    before: WeightKey | None
    after: WeightKey | None
    shape_before: tuple[int, ...] | None = None
    shape_after: tuple[int, ...] | None = None
    dtype_before: str | None = None
    dtype_after: str | None = None
    moved: bool = False
    max_difference: float | None = None
    mean_difference: float | None = None
    cosine: float | None = None
    nonfinite: int = 0

    @property
    def key(self) -> WeightKey:
        """Its key in the second file, or in the first where it was removed."""
        key = self.after or self.before
        assert key is not None  # one of both is always there
        return key


@dataclass(frozen=True, slots=True)
class Change:
    """One change in a config: `path` leads there, with layers by name ("layers/denoising_layer_1/config/filter_type")."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """A fact about the whole file that differs: format, keras_version, backend, layers (their list), optimizer class."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, repr=False)
class Diff(Shown):
    """The difference of two checkpoints.

    Attributes:
        a, b: the files.
        tensors: layer weights in the order of the second file, then what was removed.
        optimizer: optimizer tensors likewise. Their names only count upwards, so equal bits in the same order count as renamed.
        config, training_config: changes of the architecture and of the training configuration.
        attributes: facts about the whole file that differ.
    """

    a: Path
    b: Path
    tensors: tuple[TensorDiff, ...]
    optimizer: tuple[TensorDiff, ...]
    config: tuple[Change, ...]
    training_config: tuple[Change, ...]
    attributes: tuple[AttributeChange, ...]

    def __repr__(self) -> str:
        """One line: the files, and how many tensors have each status."""
        told = "the same" if self.same else ", ".join(f"{number} {status}" for status, number in sorted(self.counts.items()))
        return f"<Diff {str(self.a)!r} to {str(self.b)!r}: {told}>"

    @property
    def same(self) -> bool:
        """Whether nothing at all differs."""
        equal = all(tensor.status == "identical" for tensor in (*self.tensors, *self.optimizer))
        return equal and not (self.config or self.training_config or self.attributes)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many layer tensors have each status."""
        return Counter(tensor.status for tensor in self.tensors)
