"""Many migrations in one run: every file gets exactly one outcome, and one bad file stops nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from layerfix.errors import LayerfixError, NoCheckpointError, UsageError
from layerfix.migrate.records import MigrationResult
from layerfix.paths import checkpoints
from layerfix.progress import Progress, silent

SUFFIXES = (".keras", ".weights.h5", ".h5", ".hdf5", ".safetensors")


@dataclass(frozen=True, slots=True)
class MigratedFile:
    """One file of a migration: its result, or the sentence that says why there is none and the exit code that goes with it."""

    path: str
    result: MigrationResult | None = None
    problem: str | None = None
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Migration:
    """All files, sorted by path."""

    files: tuple[MigratedFile, ...]

    @property
    def exit_code(self) -> int:
        """2 where a file could not be migrated, 4 where one was refused, 3 without any file."""
        codes = {file.exit_code for file in self.files}
        return next((code for code in (2, 4, 1, 0) if code in codes), 3)


def migrate_all(
    paths: Iterable[Path],
    output: Path,
    *,
    layers: Sequence[Path] = (),
    architecture: Path | None = None,
    samples: Path | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> Migration:
    """Brings every legacy checkpoint in `paths` to today's Keras.

    Args:
        paths: files, folders, patterns.
        output: for one file, a name with a known suffix; otherwise a folder that gets one `.keras` for each file, in the same subfolders.
        layers, architecture, samples, force: as in `migrate`.
        progress: told between the steps of each file.

    Raises:
        UsageError: where one output is named for several files, or two files would get the same output.
    """
    pairs = list(_pairs(list(paths), output))
    twice = sorted({str(target) for _, target, _ in pairs if sum(target == other for _, other, _ in pairs) > 1})
    if twice:
        raise UsageError("two files would be written here.", where=twice[0], hint="Migrate them into different folders.")
    files = []
    for source, target, named in pairs:
        file = _migrated(source, target, named, layers, architecture, samples, force, progress)
        files += [file] if file is not None else []
    return Migration(tuple(sorted(files, key=lambda file: file.path)))


def _pairs(paths: Sequence[Path], output: Path) -> Iterator[tuple[Path, Path, bool]]:
    """(source, target, whether the user named the source himself)."""
    meant = list(checkpoints(paths))
    if output.name.endswith(SUFFIXES):
        if len(meant) > 1 or any(path.is_dir() for path in paths):
            raise UsageError("one output file is named for several checkpoints.", where=str(output), hint="Give a folder.")
        yield from ((path, output, named) for path, named in meant)
        return
    folders = [path for path in paths if path.is_dir()]
    for path, named in meant:
        root = next((folder for folder in folders if folder in path.parents), path.parent)
        yield path, output / path.relative_to(root).with_suffix(".keras"), named


def _migrated(
    source: Path,
    target: Path,
    named: bool,
    layers: Sequence[Path],
    architecture: Path | None,
    samples: Path | None,
    force: bool,
    progress: Progress,
) -> MigratedFile | None:
    from layerfix.migrate.run import migrate

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        result = migrate(source, target, layers=layers, architecture=architecture, samples=samples, force=force, progress=progress)
    except NoCheckpointError as error:
        return MigratedFile(str(source), problem=str(error), exit_code=error.exit_code) if named else None
    except LayerfixError as error:
        return MigratedFile(str(source), problem=str(error), exit_code=error.exit_code)
    return MigratedFile(str(source), result)
