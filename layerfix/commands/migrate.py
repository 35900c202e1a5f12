"""`migrate`: a legacy checkpoint becomes a file of today's Keras, checked before it gets its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.bytecode.reading import Readings
from layerfix.commands.down import account, bring_down, check_output
from layerfix.commands.emission import Wanted, emit_corrected
from layerfix.commands.intake import Beside, Intake, guarded_inputs, take_in
from layerfix.commands.live import Live, live_model, plain_or_live
from layerfix.commands.proof import predict, prove
from layerfix.containers.records import Checkpoint
from layerfix.containers.samples import Samples
from layerfix.dialects.down.targets import Target, target_of
from layerfix.dialects.lambdas import find_lambdas
from layerfix.dialects.obstacles import refuse_obstacles, without_architecture
from layerfix.dialects.readings import tensorflow_generation, with_expressions
from layerfix.dialects.spoken import written_by_tensorflow1
from layerfix.disk.paths import python_sources
from layerfix.disk.publish import publish
from layerfix.errors import UsageError, VerifyError, require_tensorflow
from layerfix.graph.compiled import compile_as_saved
from layerfix.graph.written import reloaded, save, suffix_of
from layerfix.isolation.vet import vet
from layerfix.layers import corrected
from layerfix.progress import Progress, silent, watched
from layerfix.results.migrate import MigrationResult, Proof

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for; the fields are `migrate`'s arguments."""

    source: Path
    target: Path
    beside: Beside
    arguments: Mapping[str, Mapping[str, Any]]
    read_lambdas: bool
    emit_layers: Path | None
    older: Target | None
    python: Path | None
    force: bool

    def refuse_names(self) -> None:
        """Raises UsageError for outputs that migrate does not write."""
        if self.older is not None:
            check_output(self.target, self.older)
            return
        suffix_of(self.target)
        if self.python is not None:
            raise UsageError("--prove-with needs --for.", hint="Today's Keras loads what migrate writes in every run.")


def migrate(
    path: Path | str,
    output: Path | str,
    *,
    layers: Sequence[Path | str] = (),
    architecture: Path | str | None = None,
    arguments: Mapping[str, Mapping[str, Any]] | None = None,
    samples: Path | str | None = None,
    read_lambdas: bool = True,
    model: str | None = None,
    input_shape: Sequence[Sequence[int]] = (),
    partial: bool = False,
    emit_layers: Path | str | None = None,
    older: str | None = None,
    prove_with: Path | str | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> MigrationResult:
    """Brings a legacy checkpoint to today's Keras, or any checkpoint to an older one.

    Args:
        path: whatever `layerfix.containers.reader.read` takes: a file or folder with an architecture, or weights with `architecture`.
        output: `.keras` (model, weights, optimizer), `.weights.h5` or `.safetensors` (weights alone).
        layers: the user's sources, or folders of them, for custom classes and the functions of Lambda layers; the only code that runs.
        architecture: the model's JSON or YAML, for a file that holds weights alone.
        arguments: constructor arguments that the file lost, by layer path, layer name, class name or "*".
        samples: inputs x and, to compare with, recorded predictions p.
        read_lambdas: whether a Lambda without a given function becomes operations, as read from its bytecode; it is never run.
        model: "build.py:make_model", the function or class that builds the model, for a file that holds weights alone.
        input_shape: of each of that model's inputs without the batch, where it is not built by itself.
        partial: whether layers of that model without stored weights, and stored ones without a place, are left out.
        emit_layers: also write the custom classes that the file needs as source that stands alone, for plain Keras.
        older: another Keras than today's, "tf2.10" (see `layerfix.dialects.down.targets`); the output is then a file of that Keras.
        prove_with: a Python with that Keras, which loads the written file and predicts.
        force: whether an existing output may be replaced.
        progress: told between the steps.

    Raises:
        ReadError, HostileError: where the file cannot be read.
        GraphError: where something has no equal in today's Keras, or weights were lost (repair first); it names layer and setting.
        VerifyError: where the written file does not predict what it should; nothing is published.
        WriteError, UsageError: as their names say.
    """
    sources = tuple(python_sources(Path(file) for file in layers))
    if model is not None:
        from layerfix.commands.migrate_code import migrate_code

        shapes = [tuple(shape) for shape in input_shape]
        return migrate_code(
            Path(path), Path(output), model, layers=sources, shapes=shapes, samples=samples, partial=partial, force=force, progress=progress
        )
    require_tensorflow("A migration")
    beside = Beside(sources, Path(architecture) if architecture else None, Path(samples) if samples else None)
    target = target_of(older) if older is not None else None
    emitted, python = (Path(file) if file else None for file in (emit_layers, prove_with))
    order = _Order(Path(path), Path(output), beside, arguments or {}, read_lambdas, emitted, target, python, force)
    return _migrated(order, watched(progress))


def _migrated(order: _Order, progress: Progress) -> MigrationResult:
    order.refuse_names()
    inputs = guarded_inputs(order.source, order.beside, (order.target, order.emit_layers), force=order.force)
    progress("reading", 0, 4)
    sources = order.beside.layers
    vetted = vet(order.source, architecture=order.beside.architecture, do="graph")
    taken = take_in(order.source, order.beside, inputs, vetted)
    checkpoint = taken.checkpoint
    if checkpoint.config is None:
        raise without_architecture(checkpoint)
    checkpoint = _with_expressions(checkpoint, taken.lambdas if order.read_lambdas else {})
    refuse_obstacles(checkpoint, sources, corrected(), order.arguments)
    progress("rebuilding the graph", 1, 4)
    live = live_model(checkpoint, sources, order.arguments)
    return (_down if order.older is not None else _up)(order, replace(taken, checkpoint=checkpoint), live, progress)


def _down(order: _Order, taken: Intake, live: Live, progress: Progress) -> MigrationResult:
    """Writes a file of an older Keras."""
    assert order.older is not None
    progress("writing", 2, 4)
    brought = bring_down(
        taken.checkpoint,
        live.model,
        order.target,
        order.older,
        lambda written: live_model(written, order.beside.layers, {}).model,
        samples=taken.samples,
        python=order.python,
        force=order.force,
        inputs=taken.inputs,
    )
    return account(taken.checkpoint, order.target, order.older, brought, rules=live.rules, custom=live.custom)


def _up(order: _Order, taken: Intake, live: Live, progress: Progress) -> MigrationResult:
    """Writes a file of today's Keras."""
    checkpoint, sources = taken.checkpoint, order.beside.layers
    plain, refusal = plain_or_live(checkpoint, live, sources)
    optimizer, notes = compile_as_saved(checkpoint, plain.model, plain.architecture)
    progress("writing", 2, 4)
    with publish(order.target, force=order.force, inputs=taken.inputs) as temp:
        save(plain.model, temp, suffix_of(order.target))
        progress("verifying", 3, 4)
        loaded = reloaded(plain.model, plain.classes, temp, suffix_of(order.target))
        proof = _proven(checkpoint, live, loaded, taken.samples)
        notes += _as_it_is(checkpoint, loaded)
    if order.emit_layers is not None:
        wanted = Wanted(checkpoint, sources, "keras3", order.target)
        emit_corrected(wanted, order.emit_layers, inputs=taken.inputs, force=order.force)
    progress("done", 4, 4)
    return MigrationResult(
        order.source,
        order.target,
        checkpoint.keras_version,
        checkpoint.backend,
        plain.rules,
        len(checkpoint.weights),
        plain.relaid,
        optimizer,
        tuple(find_lambdas(checkpoint.config or {}, plain.classes)),
        plain.custom,
        proof,
        (*notes, *([refusal] if refusal else [])),
    )


def _with_expressions(checkpoint: Checkpoint, readings: Readings) -> Checkpoint:
    """The checkpoint, whose Lambda layers state what a child read in their bytecode."""
    if checkpoint.config is None or not readings:
        return checkpoint
    generation = tensorflow_generation(checkpoint.keras_version, written_by_tensorflow1(checkpoint.config))
    return replace(checkpoint, config=with_expressions(checkpoint.config, readings, generation))


def _as_it_is(checkpoint: Checkpoint, loaded: keras.Model) -> tuple[str, ...]:
    from layerfix.graph.as_it_is import told_as_it_is

    return told_as_it_is(checkpoint, loaded, predict)


def _proven(checkpoint: Checkpoint, live: Live, loaded: keras.Model, given: Samples | None) -> Proof:
    proof = prove(checkpoint, live.model, loaded, given)
    if not proof.difference <= proof.tolerance:
        raise VerifyError(
            f"the migrated model differs from {_WORDS[proof.kind]} by {proof.difference:.1e} of its scale; nothing was written.",
            where=str(checkpoint.path),
        )
    return proof


_WORDS = {
    "predictions": "the recorded predictions",
    "reference": "an independent evaluation of the legacy model",
    "reload": "its own written file",
}
