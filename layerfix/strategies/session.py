"""Is a donor the training session itself? Identical kept tensors alone do not show it: a program that only loaded the file has them too.

Such a program (a converter, a server, the training script run again with `load_weights`) holds fresh values where the save lost some.
What tells it from the session that trained: counters that training moves and a load does not restore, and the numbers in the
automatic names of hidden layers, which a load of the file hands out anew, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.donor_records import Donor, DonorEntry, name_parts
from layerfix.containers.records import Checkpoint, WeightEntry
from layerfix.containers.tensors import open_tensors
from layerfix.rng.initializers import stream

Parts = tuple[str, ...]
Standing = Literal["session", "unproven", "stranger", "fresh"]
WHOLE = frozenset({"tf-checkpoint", "tf-graph"})
"""What a session writes itself, tensors as they are. A Keras file cannot prove to be a session: a reinitialised repair shares all kept
tensors as well."""
CONVERTED = frozenset({"onnx", "tflite"})
"""What converters write: they keep kernels, in other layouts, and fold biases and normalisations into what is around them."""
STEPS = 1 << 23
"""Values that TensorFlow 1's uniform op can give in [0, 1)."""
_COUNTERS = frozenset({"iterations", "iter"})
_NUMBERED = re.compile(r"(.+)_(\d+)")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a donor is, and the clause that says why.

    Attributes:
        standing: "session": the training session itself. "unproven": its kept tensors are identical, and nothing shows that its hidden
            ones are not fresh. "stranger": other values, or a format that proves nothing. "fresh": a program that only loaded the file.
        why: a clause for people.
    """

    standing: Standing
    why: str


def judge(donor: Donor, checkpoint: Checkpoint, hidden: Sequence[WeightSpec]) -> Judgement:
    """What a donor is to a file that lost its hidden weights."""
    converted = donor.kind in CONVERTED
    kept = [weight for weight in checkpoint.weights if not converted or len(weight.shape) > 1]
    held = {entry.parts: entry for entry in donor.entries}
    if not (converted or donor.kind in WHOLE) or not kept or not _identical(donor, held, checkpoint, kept):
        return Judgement("stranger", "nothing shows that it is what was lost")
    if (counted := _counted(donor, held, checkpoint)) is not None:
        return counted
    meant = [spec for spec in hidden if not converted or len(spec.shape) > 1]
    names, loaded = {name_parts(spec.name) for spec in meant}, _names_after_a_load(meant)
    if names != loaded and names <= held.keys():
        told = "every kept kernel in it is identical" if converted else "every kept tensor in it is identical"
        return Judgement("session", f"the training session itself: {told}, and it numbers its hidden layers as the training script did")
    if names != loaded and loaded <= held.keys():
        return Judgement("fresh", "a program that only loaded the file: its layers are numbered anew, so its values are fresh")
    return Judgement(
        "unproven",
        "every kept tensor in it is identical, but a program that only loaded the file would hold the same, and fresh values here; "
        "--samples with recorded predictions would decide",
    )


def untouched(value: Array, initializer: Mapping[str, object] | None, keras_version: str | None) -> bool:
    """Whether a value is what a uniform initializer draws, to the last bit: 24 bits scaled to its limits, nothing folded in since.

    Each number has at most an even chance to be one of those by accident; a value too small to tell is not taken for untouched.
    """
    drawn = stream(initializer, value.shape, keras_version)
    if drawn.kind != "uniform" or value.dtype != np.float32 or value.size < 20:  # 2 ** -20: one in a million
        return False
    low, width = np.float32(drawn.low), np.float32(drawn.high) - np.float32(drawn.low)
    near = np.rint((value.astype(np.float64) - float(low)) / float(width) * STEPS)
    # The product and the sum were rounded to float32, which may have moved a number by a step either way.
    candidates = [np.clip(near + shift, 0, STEPS - 1).astype(np.float32) / np.float32(STEPS) * width + low for shift in (-1, 0, 1)]
    return bool(np.all(np.any([value == candidate for candidate in candidates], axis=0)))


def _identical(donor: Donor, held: Mapping[Parts, DonorEntry], checkpoint: Checkpoint, kept: Sequence[WeightEntry]) -> bool:
    with open_tensors(checkpoint) as tensors:
        for weight in kept:
            entry = held.get(name_parts(weight.name))
            if entry is None or not fits(donor, entry, weight.shape) or entry.dtype != weight.dtype:
                return False
            if np.asarray(donor.read(entry)).tobytes() != tensors.read(weight.key).tobytes():
                return False
    return True


def fits(donor: Donor, entry: DonorEntry, shape: Sequence[int]) -> bool:
    """Whether a tensor has a weight's shape; converters put axes of size 1 around, as for a Conv1D that they write as a Conv2D."""
    if donor.kind in CONVERTED:
        return [size for size in entry.shape if size != 1] == [size for size in shape if size != 1]
    return entry.shape == tuple(shape)


def _counted(donor: Donor, held: Mapping[Parts, DonorEntry], checkpoint: Checkpoint) -> Judgement | None:
    """What its counters of steps show; None where there are none, or a load restores them."""
    trained = Judgement("session", "the training session itself: every kept tensor in it is identical, and it counted its training steps")
    statistics = [_scalar(donor, entry) for entry in _moving_steps(held, checkpoint)]
    if any(statistics):
        return trained
    counters = [int(_scalar(donor, entry)) for parts, entry in held.items() if parts[-1] in _COUNTERS and entry.shape == ()]
    stored = _stored_steps(checkpoint)
    if statistics or (counters and (stored or not any(counters)) and not set(stored) & set(counters)):
        return Judgement("fresh", f"a program that only loaded the file: it counts {max(counters, default=0)} training steps")
    return trained if len(counters) == 1 and not stored else None


def _moving_steps(held: Mapping[Parts, DonorEntry], checkpoint: Checkpoint) -> Iterator[DonorEntry]:
    """BatchNormalization's count of steps, which no Keras file holds (tensorflow 1.15, moving_averages.py, zero_debias)."""
    for weight in checkpoint.weights:
        entry = held.get((*name_parts(weight.name), "local_step"))
        if entry is not None and entry.shape == ():
            yield entry


def _stored_steps(checkpoint: Checkpoint) -> list[int]:
    """Counts of steps that the file itself holds, and a load gives back."""
    if checkpoint.optimizer is None:
        return []
    with open_tensors(checkpoint) as tensors:
        return [int(tensors.optimizer(weight.name)) for weight in checkpoint.optimizer.weights if weight.shape == ()]


def _scalar(donor: Donor, entry: DonorEntry) -> float:
    return float(np.nan_to_num(donor.read(entry)))


def _names_after_a_load(hidden: Sequence[WeightSpec]) -> set[Parts]:
    """The hidden variables' names in a program that loads the file: all other layers have their names from it, these count from 1."""
    names = [name_parts(spec.name) for spec in hidden]
    outer = {part for spec in hidden for part in (spec.owner, *spec.layer.split("/"))}
    numbers: dict[str, set[int]] = {}
    for part in {part for name in names for part in name[:-1]} - outer:
        if match := _NUMBERED.fullmatch(part):
            numbers.setdefault(match[1], set()).add(int(match[2]))
    renamed = {
        f"{prefix}_{number}": f"{prefix}_{rank}" for prefix, found in numbers.items() for rank, number in enumerate(sorted(found), start=1)
    }
    return {(*(part if part in outer else renamed.get(part, part) for part in name[:-1]), name[-1]) for name in names}
