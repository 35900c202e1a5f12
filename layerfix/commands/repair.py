"""The main job from one end to the other: read, diagnose, plan, restore, write, verify, report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from layerfix.commands import compose, repair_damaged
from layerfix.commands.deliver import deliver
from layerfix.commands.emission import Emission
from layerfix.commands.intake import Beside, evidence, guarded_inputs, take_in
from layerfix.containers import config
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint, spoken
from layerfix.containers.wrapped import expanded
from layerfix.diagnose.diagnosis import diagnose
from layerfix.dialects.obstacles import refuse_obstacles
from layerfix.disk.hashing import file_sha256
from layerfix.disk.paths import repaired_name
from layerfix.disk.publish import WEIGHTS, Destination
from layerfix.disk.seen import Seen, seen
from layerfix.errors import GraphError, PlanError, ReadError, UsageError, require_tensorflow
from layerfix.inference.records import Inference
from layerfix.inference.settle import settle
from layerfix.isolation.vet import vet
from layerfix.layers import corrected
from layerfix.options import Assumption, Init, Options, StrategyChoice, given_arguments, refuse_unknown_layers
from layerfix.progress import Progress, silent, watched
from layerfix.results.repaired import RepairResult
from layerfix.searching import ENOUGH, endable
from layerfix.strategies.base import Case
from layerfix.strategies.plan import Plan, make_plan
from layerfix.strategies.restore import restore

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt


def repair(
    path: Path | str,
    *,
    output: Path | str | None = None,
    layers: Sequence[Path | str] = (),
    architecture: Path | str | None = None,
    arguments: Mapping[str, Mapping[str, object]] | None = None,
    donors: Sequence[Path | str] = (),
    samples: Path | str | None = None,
    strategy: StrategyChoice = "auto",
    layer_strategies: Mapping[str, StrategyChoice] | None = None,
    numpy_seed: int | None = None,
    graph_seed: int | None = None,
    exhaustive: bool = False,
    time_budget: float | None = None,
    init: Init = "initializer",
    seed: int = 0,
    assume: Sequence[Assumption] = (),
    dry_run: bool = False,
    force: bool = False,
    emit_layers: Path | str | None = None,
    emit_for: str = "keras3",
    progress: Progress = silent,
) -> RepairResult:
    """Bring the weights that a legacy save lost back into a checkpoint and write a new file; `path` itself is never changed.

    Args:
        path: the broken checkpoint.
        output: `.h5` (legacy), `.keras`, or weights alone as `.weights.h5` or `.safetensors`; by default `<name>.repaired.h5` beside it
            (`.keras` for an archive).
        dry_run: plan and report, write nothing.
        force: replace an existing output.
        emit_layers: also write the corrected layer classes as standalone source; `emit_for` "keras3" or "keras2".
        (the others: see `Options`)

    Raises:
        LayerfixError: where the run cannot go on; nothing is written then.
    """
    require_tensorflow("A repair")
    beside = Beside(
        tuple(Path(file) for file in layers),
        Path(architecture) if architecture else None,
        Path(samples) if samples else None,
        tuple(Path(donor) for donor in donors),
    )
    asked = Options(
        layers=beside.layers, architecture=beside.architecture, arguments=arguments or {},
        strategy=strategy, layer_strategies=layer_strategies or {}, numpy_seed=numpy_seed, graph_seed=graph_seed,
        exhaustive=exhaustive, time_budget=time_budget, init=init, seed=seed, assume=tuple(assume),
        emit_layers=Path(emit_layers) if emit_layers else None, emit_for=emit_for,
    )  # fmt: skip
    target = _target(Path(path), output)
    order = _Order(Path(path), beside, None if dry_run else target, asked.emit_layers, force)
    return _ordered(order, asked, watched(progress))


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be written, from which files; `target` is None for a dry run."""

    source: Path
    beside: Beside
    target: Path | None
    emit_layers: Path | None
    force: bool

    def inputs(self) -> Seen:
        """What the inputs are before anything of them is read; a dry run need not know."""
        if self.target is None:
            return seen([])
        return guarded_inputs(self.source, self.beside, (self.target, self.emit_layers), force=self.force)

    def destination(self, inputs: Seen) -> Destination | None:
        """Where the repaired file goes; None for a dry run."""
        return None if self.target is None else Destination(self.target, inputs, self.force)


def _ordered(order: _Order, asked: Options, progress: Progress) -> RepairResult:
    inputs = order.inputs()
    try:
        vetted = vet(order.source, architecture=order.beside.architecture, do="graph")
    except ReadError as error:
        if type(error) is not ReadError or not order.source.is_file():
            raise
        return _repair_damaged(order, asked, error, inputs, progress)
    taken = take_in(order.source, order.beside, inputs, vetted)
    source, options = taken.checkpoint, replace(asked, donors=taken.donors, samples=taken.samples)
    if order.target is not None:
        _check_target(source, order.target)
    emission = None
    if options.emit_layers is not None and order.target is not None:
        emission = Emission.of(source, options.emit_layers, options.layers, options.emit_for)
    destination = order.destination(inputs)
    result = _repair(source, options, destination, progress)
    if emission is None or destination is None:
        return result
    return replace(result, emitted=emission.published(result.output, destination))


def _repair_damaged(order: _Order, asked: Options, error: ReadError, inputs: Seen, progress: Progress) -> RepairResult:
    """What a file that cannot be read still holds, filled from the donors, and repaired where nothing stock is missing then."""
    donors, samples = evidence(order.beside)
    options = replace(asked, donors=donors, samples=samples)
    destination = order.destination(inputs)
    with repair_damaged.salvaged(order.source, options, error) as found:
        source = read(found.output, architecture=options.architecture if found.kind == "hdf5" else None)
        if repair_damaged.is_more_lost(diagnose(source), found) and source.config is not None:
            result = _repair(source, options, destination, progress)
        else:
            result = RepairResult(compose.nothing_lost(source, file_sha256(source.path), diagnose(source)))
        written = result.report.target
        if destination is not None and written is None and destination.path.suffix == found.output.suffix:
            written = repair_damaged.published(found, destination)
        report = repair_damaged.account(result.report, found, options, written)
    return replace(result, report=report, output=order.target if written else None)


def _repair(source: Checkpoint, options: Options, destination: Destination | None, progress: Progress) -> RepairResult:
    seen_then = None if destination is None else destination.inputs.sha256(source.path)
    digest = seen_then or file_sha256(source.path)
    if source.config is None:
        raise UsageError(
            "it holds weights alone, without the architecture.",
            where=str(source.path),
            hint="Give the model's JSON with --architecture MODEL.json.",
        )
    nodes = list(config.walk(expanded(config.tree(source.config))))
    given = given_arguments(options.arguments, nodes)
    refuse_unknown_layers(options, nodes)
    progress(_lost(source), 0, 0)
    rebuilt, inference = _settled(source, options, given, progress)
    diagnosis = diagnose(source, rebuilt.blueprint)
    case = Case(source, rebuilt, options, inference)
    if not case.blueprint.hidden:
        return RepairResult(compose.nothing_lost(source, digest, diagnosis))
    plan = make_plan(case)
    _refuse_unusable_donors(case, plan)
    restoration = restore(case, plan, progress)
    written = None
    if destination is not None and not plan.unplanned:
        written = deliver(case, restoration.values, destination, progress)
    report = compose.repaired(case, plan, restoration, diagnosis, digest, written)
    return RepairResult(report, plan, written.path if written else None, restoration.values, case)


def _settled(
    source: Checkpoint, options: Options, given: Mapping[str, Mapping[str, object]], progress: Progress
) -> tuple[Rebuilt, Inference]:
    """What the evidence says; of a graph that cannot be built, all that is missing is named at once."""
    try:
        unbounded = options.exhaustive or options.time_budget is not None
        with endable(progress, options.time_budget, math.inf if unbounded else ENOUGH) as told:
            return settle(source, options, given, told)
    except GraphError:
        refuse_obstacles(source, options.layers, corrected())
        raise


def _lost(source: Checkpoint) -> str:
    """News of what the file lost, as far as it can be told without its graph."""
    found = [finding for finding in diagnose(source).findings if finding.layer and finding.severity != "note"]
    certain = [finding for finding in found if finding.severity == "lost"]
    layers = list(dict.fromkeys(str(finding.layer) for finding in certain or found))
    named = ", ".join(layers[:4]) + (f" and {len(layers) - 4} more layers" if len(layers) > 4 else "")
    told = (
        f"{'lost' if certain else 'perhaps lost'} in the save: weights of {named}"
        if layers
        else "nothing seems lost; its graph tells for certain"
    )
    version = f" (Keras {source.keras_version})" if source.keras_version else ""
    return f"{source.path.name}{version}: {told}."


def _target(path: Path, output: Path | str | None) -> Path:
    target = Path(output) if output else path.with_name(repaired_name(path))
    if target.suffix.lower() not in (".h5", ".hdf5", ".keras", ".safetensors"):
        hint = "Use .h5, .keras, .weights.h5 or .safetensors."
        raise UsageError(f"the output's suffix {target.suffix!r} is no known format.", where=str(target), hint=hint)
    return target


def _check_target(source: Checkpoint, target: Path) -> None:
    if source.is_v3 and not target.name.endswith((".keras", *WEIGHTS)):
        hint = "Name the output .keras, .weights.h5 or .safetensors."
        raise UsageError(
            "its weights are in the layout of Keras 2.12 and later, which no legacy .h5 has.", where=str(source.path), hint=hint
        )


def _refuse_unusable_donors(case: Case, plan: Plan) -> None:
    """A donor was given for a reason: falling back to fresh values without a word would betray it."""
    if case.options.strategy != "auto" or not case.options.donors:
        return
    for step in plan.steps:
        if step.strategy == "reinitialize":
            why = next((reason for reason in plan.refusals.get(step.weight, ()) if reason.startswith("transplant")), "")
            raise PlanError(
                f"no donor has it ({why.removeprefix('transplant: ')}).",
                where=spoken(step.weight),
                hint="Give another --donor, or leave the donors out to have it reinitialized.",
            )
