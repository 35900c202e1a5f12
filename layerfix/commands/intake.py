"""What a command reads: hashed first, looked at in a child, parsed once. Records travel on, not paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.containers.reader import read
from layerfix.disk.folders import parts, whole
from layerfix.disk.publish import refuse_output, refuse_twice
from layerfix.disk.seen import Seen, seen

if TYPE_CHECKING:
    from layerfix.bytecode.reading import Readings
    from layerfix.containers.donor_records import Donor
    from layerfix.containers.records import Checkpoint
    from layerfix.containers.samples import Samples


@dataclass(frozen=True, slots=True)
class Beside:
    """The files that a user names beside a checkpoint.

    Attributes:
        layers: sources of the user's classes.
        architecture: of a file that holds weights alone.
        samples: inputs, and what goes with them.
        donors: where weights may be transplanted from.
    """

    layers: tuple[Path, ...] = ()
    architecture: Path | None = None
    samples: Path | None = None
    donors: tuple[Path, ...] = ()

    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return (*self.layers, *self.donors, *(file for file in (self.architecture, self.samples) if file is not None))


@dataclass(frozen=True, slots=True)
class Intake:
    """What a command took in.

    Attributes:
        checkpoint: as read.
        inputs: what every file was before anything of it was read.
        samples: the user's, or None.
        donors: the user's, their values read on demand.
        lambdas: what the child read in the bytecode of Lambda layers.
    """

    checkpoint: Checkpoint
    inputs: Seen
    samples: Samples | None
    donors: tuple[Donor, ...]
    lambdas: Readings


def guarded_inputs(source: Path, beside: Beside, outputs: Iterable[Path | None], *, force: bool) -> Seen:
    """What every input is before it is read, with the outputs refused that could not be written.

    Raises:
        WriteError: where an output is an input or another output, exists, or has no folder.
    """
    files = [*parts(whole(source)), *beside.files()]
    named = [output for output in outputs if output is not None]
    refuse_twice(named)
    for output in named:
        refuse_output(output, force=force, inputs=files)
    return seen(files)


def take_in(source: Path, beside: Beside, inputs: Seen, vetted: Mapping[str, Any]) -> Intake:
    """Reads all of it, once; what lies beside the checkpoint by a child first.

    Args:
        source: the checkpoint.
        beside: what the user named beside it.
        inputs: what all of it was before.
        vetted: what a child said of the checkpoint (`vet`).

    Raises:
        ReadError, HostileError: where the checkpoint or a donor cannot be read.
        UsageError: where the samples cannot.
    """
    donors, samples = evidence(beside)
    checkpoint = read(source, architecture=beside.architecture)
    return Intake(checkpoint, inputs, samples, donors, _readings(vetted.get("lambdas")))


def _readings(told: Mapping[str, object] | None) -> Readings:
    if not told:
        return {}
    from layerfix.bytecode.reading import as_readings  # few files have a Lambda

    return as_readings(told)


def evidence(beside: Beside) -> tuple[tuple[Donor, ...], Samples | None]:
    """The donors and samples that a user gave; what reads them is imported for those alone."""
    donors: tuple[Donor, ...] = ()
    samples = None
    if beside.donors:
        from layerfix.containers.donor import read_donor

        donors = tuple(read_donor(donor) for donor in beside.donors)
    if beside.samples is not None:
        from layerfix.containers.samples import read_samples

        samples = read_samples(beside.samples)
    return donors, samples
