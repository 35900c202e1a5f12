"""Many migrations in one run, over the fleet's engine: every file gets exactly one outcome, and one bad file stops nothing."""

from __future__ import annotations

import functools
import re
import shlex
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from layerfix.dialects.records import FiredRule, FoundLambda
from layerfix.disk.folders import is_collection
from layerfix.disk.publish import WEIGHTS, no_empty_folders
from layerfix.errors import UsageError, require_tensorflow
from layerfix.fleet.engine import opened, run
from layerfix.fleet.remote import url
from layerfix.fleet.sources import sources
from layerfix.fleet.tasks import Answer, Task
from layerfix.isolation.limits import WRITING
from layerfix.progress import Progress, silent
from layerfix.results.emitted import Emitted
from layerfix.results.migrate import MigratedFile, Migration, MigrationResult, Proof

if TYPE_CHECKING:
    from layerfix.dialects.down.targets import Target

_SUFFIXED = frozenset({".h5", ".hdf5", ".hdf", ".hd5", ".he5", ".keras", ".json", ".ckpt"})
_FILE_LIKE = re.compile(r"\.[A-Za-z]\w{1,7}")
"""A suffix that a file's name would have: "x.pdf" is no folder by intention, "run.2" may be."""
SUFFIXES = (".keras", ".h5", ".hdf5", ".json", *WEIGHTS)


def migrate_all(
    paths: Iterable[Path],
    output: Path,
    *,
    layers: Sequence[Path] = (),
    architecture: Path | None = None,
    samples: Path | None = None,
    read_lambdas: bool = True,
    model: str | None = None,
    input_shape: Sequence[Sequence[int]] = (),
    partial: bool = False,
    emit_layers: Path | None = None,
    older: str | None = None,
    prove_with: Path | None = None,
    arguments: Mapping[str, Mapping[str, object]] | None = None,
    repair: bool = False,
    jobs: int = 1,
    journal: Path | None = None,
    scheduler: str | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> Migration:
    """Brings every legacy checkpoint in `paths` to today's Keras, each in a process of its own.

    Args:
        paths: files, folders, patterns, URLs, lists: see `layerfix.fleet.sources`.
        output: for one file, a name with a known suffix; otherwise a folder that gets one `.keras` for each file, in the same subfolders.
        layers, architecture, samples, read_lambdas, model, input_shape, partial, arguments: as in `migrate`.
        emit_layers: the same, for one file alone.
        older, prove_with: as in `migrate`; the suffix of outputs in a folder is then that Keras' own.
        repair: bring back what saves lost, straight into today's Keras: one end for each file of a mixed folder.
        jobs, journal, scheduler: see `layerfix.fleet.engine.run`. A run that goes on from its journal
            replaces the outputs that the journal's runs made.
        force: replace outputs that exist.
        progress: told after each file.

    Raises:
        UsageError: where one output is named for several files, or two files would get the same output.
        ReadError: where a named path does not exist.
    """
    if scheduler is None:
        require_tensorflow("A migration")
    if repair and (older is not None or model is not None):
        raise UsageError("--repair writes for today's Keras, from what the file tells: it goes with neither --for nor --model.")
    if repair and emit_layers is not None:
        raise UsageError("--emit-layers does not go with --repair here.", hint="`layerfix repair FILE --emit-layers` writes the classes.")
    paths = list(paths)
    meant = dict(sources(paths))
    target = None if older is None else _target(older)
    suffix = ".keras" if target is None else target.suffix
    targets = _targets(paths, list(meant), output, suffix)
    if emit_layers is not None and len(targets) > 1:
        raise UsageError("--emit-layers is for a single checkpoint.", where=str(emit_layers))
    given = {"layers": [str(file.absolute()) for file in layers], "architecture": _absolute(architecture), "samples": _absolute(samples)}
    wishes: dict[str, Any] = {
        **given,
        "read_lambdas": read_lambdas,
        "model": None if model is None else str(Path(model).absolute()),
        "input_shape": [list(shape) for shape in input_shape],
        "partial": partial,
        **({"older": older, "prove_with": _absolute(prove_with)} if older is not None or prove_with is not None else {}),
        **({"emit_layers": _absolute(emit_layers)} if emit_layers is not None else {}),
        **({"arguments": arguments} if arguments else {}),
    }
    with no_empty_folders(targets.values()), opened(journal) as record:
        engine = functools.partial(run, jobs=jobs, limits=WRITING, journal=record, scheduler=scheduler)
        fleet = _Fleet(engine, targets, force, progress)
        files = dict(fleet.migrations(meant, wishes))
        if repair:
            files |= dict(fleet.repairs(files.values(), {**given, "arguments": arguments or {}}))
    return Migration(tuple(files[name] for name in sorted(files)), "" if target is None else target.name)


@dataclass(frozen=True, slots=True)
class _Fleet:
    """Runs one kind of task after the other, under the same conditions."""

    run: Callable[[Iterable[Task]], Generator[tuple[Task, Answer], None, None]]
    targets: Mapping[str, Path]
    force: bool
    progress: Progress

    def migrations(self, meant: Mapping[str, bool], wishes: Mapping[str, object]) -> Iterator[tuple[str, MigratedFile]]:
        """The end of each file; one that was only found in a folder, and is no checkpoint, has none."""
        for task, answer in self._answers("migrate", list(meant), wishes, "Migrating"):
            if answer["state"] != "none" or meant[task.name]:
                yield task.name, _file(task.name, self.targets[task.name], answer)

    def repairs(self, files: Iterable[MigratedFile], wishes: Mapping[str, object]) -> Iterator[tuple[str, MigratedFile]]:
        """Another end of each file that lost weights in its save."""
        lost = {file.path: file for file in files if file.lost}
        for task, answer in self._answers("repair", list(lost), wishes, "Repairing"):
            yield task.name, _repaired(lost[task.name], self.targets[task.name], answer)

    def _answers(self, job: str, names: Sequence[str], wishes: Mapping[str, object], doing: str) -> Iterator[tuple[Task, Answer]]:
        options = {"force": self.force, "wishes": wishes}
        tasks = (Task(name, job, {**options, "output": str(self.targets[name].absolute())}) for name in names)
        with closing(self.run(tasks)) as answers:
            for done, (task, answer) in enumerate(answers, start=1):
                yield task, answer
                self.progress(doing, done, len(names))


def _targets(paths: Sequence[Path], names: Sequence[str], output: Path, suffix: str) -> dict[str, Path]:
    """The output of each file; a TensorFlow.js model gets a folder."""
    if suffix == ".json" and output.suffix != ".json" and len(names) == 1:
        return dict.fromkeys(names, output / "model.json")
    if output.name.endswith(SUFFIXES):
        if len(names) > 1 or any(is_collection(path) for path in paths):
            raise UsageError("one output file is named for several checkpoints.", where=str(output), hint="Give a folder.")
        return dict.fromkeys(names, output)
    if len(paths) == 1 and not is_collection(paths[0]) and _FILE_LIKE.fullmatch(output.suffix) and not output.is_dir():
        hint = "Name a file .keras, .weights.h5 or .safetensors, or make the folder first."
        raise UsageError("is no file that migrate writes, and no folder.", where=str(output), hint=hint)
    folders = [path for path in paths if is_collection(path)]
    found = {name: output / _renamed(_inside(name, folders), suffix) for name in names}
    twice = sorted(str(target) for target, count in Counter(found.values()).items() if count > 1)
    if twice:
        raise UsageError("two files would be written here.", where=twice[0], hint="Migrate them into different folders.")
    return found


def _renamed(path: Path, suffix: str) -> Path:
    """The output's name: another suffix for a file's, one behind a folder or the prefix of a checkpoint ("cp.01" and "cp.02" differ).

    A TensorFlow.js model is a folder with its `model.json`.
    """
    bare = path.with_suffix("") if path.suffix.lower() in _SUFFIXED else path
    return bare / "model.json" if suffix == ".json" else bare.with_name(f"{bare.name}{suffix}")


def _inside(name: str, folders: Sequence[Path]) -> Path:
    """Where a file is below the folder that was named, or its name alone."""
    if url(name) is not None:
        return Path(PurePosixPath(name).name)
    path = Path(name)
    root = next((folder for folder in folders if folder in path.parents), path.parent)
    return path.relative_to(root)


def _target(older: str) -> Target:
    from layerfix.dialects.down.targets import target_of  # few go there

    return target_of(older)


def _absolute(path: Path | None) -> str | None:
    """A path for a process that may run elsewhere."""
    return None if path is None else str(path.absolute())


def _file(name: str, target: Path, answer: Answer) -> MigratedFile:
    if answer["state"] == "ok":
        result = _result(name, target, answer["result"])
        return MigratedFile(name, result, exit_code=int(bool(result.doubts)))
    refused, lost = answer["state"] == "refused", bool(answer.get("lost"))
    return MigratedFile(name, problem=str(answer["problem"]), exit_code=4 if refused else 2, lost=lost)


def _repaired(file: MigratedFile, target: Path, answer: Answer) -> MigratedFile:
    """A file that lost weights, after its repair."""
    from layerfix.commands.repair_many import repaired_file

    found = repaired_file(file.path, True, answer)
    told, named = shlex.quote(str(target.absolute())), shlex.quote(str(target))
    advice = tuple(sentence.replace(told, named) for sentence in found.advice)
    found = replace(found, output=str(target) if found.output is not None else None, advice=advice)
    problem = None if found.output is not None else found.summary
    return replace(file, repair=found, problem=problem, exit_code=found.exit_code)


def _result(name: str, target: Path, told: Mapping[str, Any]) -> MigrationResult:
    """What a child told in JSON as a record, with the names that the user gave."""
    return MigrationResult(
        source=Path(name),
        output=target,
        keras_version=told["keras_version"],
        backend=told["backend"],
        rules=tuple(FiredRule(**rule) for rule in told["rules"]),
        weights=told["weights"],
        relaid=tuple((layer, layout) for layer, layout in told["relaid"]),
        optimizer=(told["optimizer"][0], told["optimizer"][1]),
        lambdas=tuple(FoundLambda(**found) for found in told["lambdas"]),
        custom=tuple(told["custom"]),
        proof=Proof(**told["proof"]),
        notes=tuple(told["notes"]),
        older=told.get("older", ""),
        client=told.get("client", ""),
        sha256=tuple(told["sha256"]) if told.get("sha256") else None,
        doubts=tuple(told["doubts"]),
        emitted=Emitted(**{**told["emitted"], "path": Path(told["emitted"]["path"])}) if told.get("emitted") else None,
    )
