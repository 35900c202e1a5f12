"""`verify`: is a file what it should be: nothing lost in it, equal to what it came from, to a manifest, to recorded predictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from layerfix.arrays import Array
from layerfix.commands.audit import audit
from layerfix.commands.manifest import hashed, read_manifest
from layerfix.commands.signing import check_statement, read_statement
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint, WeightKey, spoken
from layerfix.containers.tensors import open_tensors
from layerfix.disk.paths import checkpoints
from layerfix.errors import LayerfixError, NoCheckpointError, UsageError, require_tensorflow
from layerfix.isolation.child import Child
from layerfix.isolation.vet import vet
from layerfix.predictions import TOLERANCE, difference
from layerfix.progress import Progress, silent
from layerfix.results.manifest import Manifest
from layerfix.results.verify import Check, CheckedFile, Trial
from layerfix.write.verify import missing_anywhere


def verify(
    paths: Iterable[Path],
    *,
    against: Path | None = None,
    manifest: Path | None = None,
    samples: Path | None = None,
    layers: Sequence[Path] = (),
    progress: Progress = silent,
) -> Trial:
    """Checks every checkpoint in `paths`: what the options ask, and whether anything is lost, unless a manifest is the only question.

    Args:
        paths: files, folders, patterns.
        against: the file that they were repaired from: its tensors must be in them, unchanged.
        manifest: what `manifest` recorded; files that it names, that are in `paths` and that are gone fail too. Or the manifest of
            OpenSSF model signing, or a signature over one, for the one model in `paths`; the signature itself is not checked.
        samples: `.npz` with x (x0, x1, ...) and p; the model must predict p to 1e-4.
        layers: the user's own layer classes, for `samples`.

    Raises:
        UsageError: where the manifest or the samples cannot be used.
    """
    if samples is not None:
        require_tensorflow("verify with samples")
    named_paths = list(paths)
    if manifest is not None and (stated := read_statement(manifest)) is not None:
        if len(named_paths) != 1 or against is not None or samples is not None:
            hint = "Give the folder or file of the model alone."
            raise UsageError("states the files of one model, and no tensors.", where=str(manifest), hint=hint)
        return check_statement(named_paths[0], stated, manifest)
    known = read_manifest(manifest) if manifest else None
    meant = list(checkpoints(named_paths))
    files = []
    with Child() as child:
        yardsticks = _Yardsticks(_vetted(against, child) if against else None, known, samples, layers)
        for done, (path, named) in enumerate(meant, start=1):
            file = _checked(path, child, yardsticks, named=named)
            files += [file] if file is not None else []
            progress("Verifying", done, len(meant))
    return Trial(tuple(sorted([*files, *_gone(known, files, named_paths)], key=lambda file: file.path)))


@dataclass(frozen=True, slots=True)
class _Yardsticks:
    """What files are held against; each may be None, and `layers` go with the samples."""

    original: Checkpoint | None
    known: Manifest | None
    samples: Path | None
    layers: Sequence[Path]

    def checks(self, path: Path, child: Child) -> Iterator[Check]:
        """One file's. A manifest alone asks for hashes and nothing else."""
        if self.known is None or self.original is not None or self.samples is not None:
            yield _nothing_lost(path)
        if self.original is not None:
            yield _against(self.original, path)
        if self.known is not None:
            yield from _recorded(self.known, path, child)
        if self.samples is not None:
            yield _predicts(path, self.samples, self.layers)


def _vetted(path: Path, child: Child) -> Checkpoint:
    vet(path, child)
    return read(path)


def _checked(path: Path, child: Child, yardsticks: _Yardsticks, *, named: bool) -> CheckedFile | None:
    """What one file shows; None for what no one named and is no checkpoint."""
    try:
        vet(path, child)
        checks = tuple(yardsticks.checks(path, child))
    except NoCheckpointError as error:
        return CheckedFile(path.as_posix(), problem=str(error), exit_code=error.exit_code) if named else None
    except UsageError:
        raise
    except LayerfixError as error:
        return CheckedFile(path.as_posix(), problem=str(error), exit_code=error.exit_code)
    return CheckedFile(path.as_posix(), checks, exit_code=0 if all(check.passed for check in checks) else 1)


def _nothing_lost(path: Path) -> Check:
    found = [finding for finding in audit(path, in_process=True).findings if finding.severity == "lost"]
    return Check("nothing lost", not found, found[0].message if found else "no layer is known to have lost weights")


def _against(original: Checkpoint, path: Path) -> Check:
    """Every tensor of the original, under its own name where the formats agree, anywhere in the file otherwise."""
    target = read(path)
    missing = _changed(original, target) if original.format == target.format else missing_anywhere(original, target)
    changed = [spoken(key) for key in missing]
    total = len(original.weights)
    told = f"{total - len(changed)} of {total} tensors of {original.path} are identical"
    return Check("kept tensors", not changed, f"{told}; the first that is not: {changed[0]}" if changed else told)


def _changed(original: Checkpoint, target: Checkpoint) -> list[WeightKey]:
    with open_tensors(original) as old, open_tensors(target) as new:
        held = {weight.key for weight in target.weights}
        return [weight.key for weight in original.weights if weight.key not in held or new.digest(weight.key) != old.digest(weight.key)]


def _recorded(known: Manifest, path: Path, child: Child) -> Iterator[Check]:
    before, now = known.entry(path.as_posix()), hashed(path, child)
    assert now is not None
    if before is None:
        yield Check("manifest", False, "the manifest does not name this file")
    elif before.sha256 == now.sha256:
        yield Check("manifest", True, "the file is the recorded one, byte for byte")
    else:
        names = sorted(before.tensors.keys() | now.tensors.keys())
        differing = [name for name in names if before.tensors.get(name) != now.tensors.get(name)]
        told = (
            f"{len(differing)} of {len(names)} tensors differ, the first is {differing[0]}"
            if differing
            else "every tensor is the recorded one"
        )
        yield Check("manifest", False, f"the file differs from the recorded one; {told}")


def _gone(known: Manifest | None, files: Sequence[CheckedFile], paths: Sequence[Path]) -> Iterator[CheckedFile]:
    """Files that the manifest names among what was asked for, and that were not found."""
    seen = {file.path for file in files}
    for entry in known.files if known is not None else ():
        path = PurePosixPath(entry.path)
        asked = any(PurePosixPath(meant.as_posix()) in (path, *path.parents) for meant in paths)
        if asked and entry.path not in seen:
            yield CheckedFile(entry.path, (Check("manifest", False, "the manifest names this file, and it was not found"),), exit_code=1)


def _predicts(path: Path, samples: Path, layers: Sequence[Path]) -> Check:
    from layerfix.containers.samples import check_samples, read_samples
    from layerfix.graph.forward import forward
    from layerfix.graph.live import load_model

    given = read_samples(samples)
    if given.predictions is None:
        raise UsageError("it holds no recorded predictions to compare with.", where=str(samples), hint="Name them p, or p0, p1, ...")
    model = load_model(path, layers=layers or None)
    check_samples(given, [tuple(tensor.shape) for tensor in model.inputs])
    return _compared(forward(model, given.inputs), given.predictions)


def _compared(found: Sequence[Array], expected: Sequence[Array]) -> Check:
    """Predictions against recorded ones, output by output."""
    shapes = [array.shape for array in found], [array.shape for array in expected]
    if shapes[0] != shapes[1]:
        return Check("predictions", False, f"they have the shapes {shapes[0]}, the recorded ones {shapes[1]}")
    apart = difference(found, expected)
    told = f"the largest difference from the recorded ones is {apart:.1e} of their scale; at most {TOLERANCE:.0e} is accepted"
    return Check("predictions", apart <= TOLERANCE, told)
