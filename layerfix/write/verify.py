"""File-level verification: a written file, read afresh, holds all that the source held and what the plan added, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.digests import digest, equal_bits
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.tensors import Tensors, open_tensors


@dataclass(frozen=True, slots=True)
class FileVerification:
    """What a fresh reading of a written file showed.

    Attributes:
        kept: tensors of the source.
        identical: how many of them are in the written file bit for bit, under the same name.
        planned: values that were to be added.
        planned_equal: how many of them are there bit for bit.
        problems: one sentence for each thing that is not as it should be; () where all is well.
    """

    kept: int
    identical: int
    planned: int
    planned_equal: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def verify_file(source: Checkpoint, written: Path | str, values: Mapping[WeightKey, Array]) -> FileVerification:
    """Compares a written legacy HDF5 file with its source, tensor by tensor, in chunks.

    Args:
        source: what was repaired.
        written: the file to check (any name).
        values: what was to be added.

    Raises:
        ReadError: where either file cannot be read.
    """
    target = read(written)
    problems = list(_structure(source, target, values))
    with open_tensors(source) as old, open_tensors(target) as new:
        held = {weight.key for weight in target.weights}
        stored = [weight.key for weight in source.weights]
        differing = [key for key in stored if key not in held or not _equal(old.chunks(key), new.chunks(key))]
        missed = [key for key, value in values.items() if key not in held or new.digest(key) != digest(value)]
        problems += [f"kept tensor {'/'.join(key)!r} is missing or changed." for key in differing]
        problems += [f"planned tensor {'/'.join(key)!r} is missing or not as planned." for key in missed]
        problems += _optimizer(source, target, old, new)
    kept = len(source.weights)
    return FileVerification(kept, kept - len(differing), len(values), len(values) - len(missed), tuple(problems))


def missing_anywhere(source: Checkpoint, written: Checkpoint) -> list[WeightKey]:
    """Weights of the source whose bits stand nowhere in the other file, each of whose tensors answers for one: for other formats' names."""
    with open_tensors(source) as old, open_tensors(written) as new:
        pool = Counter(new.digest(weight.key) for weight in written.weights)
        missing = []
        for weight in source.weights:
            digest = old.digest(weight.key)
            missing += [weight.key] if pool[digest] < 1 else []
            pool[digest] -= 1
    return missing


def _structure(source: Checkpoint, target: Checkpoint, values: Mapping[WeightKey, Array]) -> Iterator[str]:
    if [layer.name for layer in source.layers] != [layer.name for layer in target.layers]:
        yield "the list of layers changed."
    extra = {weight.key for weight in target.weights} - {weight.key for weight in source.weights} - values.keys()
    for key in sorted(extra):
        yield f"tensor {'/'.join(key)!r} was not planned."
    if (source.keras_version, source.backend) != (target.keras_version, target.backend):
        yield "keras_version or backend changed."
    if source.config is not None and target.config is None:
        yield "the model_config is missing."
    if source.training_config != target.training_config:
        yield "the training_config changed."
    for layer in source.layers:
        after = target.layer(layer.name)
        kept = [weight.name for weight in after.weights if weight.key not in values] if after else []
        if kept != [weight.name for weight in layer.weights]:
            yield f"the kept weights of layer {layer.name!r} are not listed as before."


def _equal(old: Iterator[Array], new: Iterator[Array]) -> bool:
    """Whether two tensors are the same bit for bit, read only as far as they are."""
    return all(one is not None and two is not None and equal_bits(one, two) for one, two in zip_longest(old, new))


def _optimizer(source: Checkpoint, target: Checkpoint, old: Tensors, new: Tensors) -> Iterator[str]:
    """Old optimizer tensors must come back in their order, and everything between them must be zeros; or all are gone."""
    if source.optimizer is None or target.optimizer is None or not target.optimizer.weights:
        return
    remaining = list(reversed(source.optimizer.weights))
    for weight in target.optimizer.weights:
        if (
            remaining
            and remaining[-1].shape == weight.shape
            and _equal(old.optimizer_chunks(remaining[-1].name), new.optimizer_chunks(weight.name))
        ):
            remaining.pop()
        elif any(np.any(chunk) for chunk in new.optimizer_chunks(weight.name)):
            yield f"optimizer tensor {weight.name!r} is neither an old one nor zeros."
    if remaining:
        yield f"{len(remaining)} optimizer tensors were lost or changed."
