"""`migrate`: a legacy checkpoint becomes a file of today's Keras, checked before it gets its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from layerfix.commands.intake import Beside, Intake, guarded_inputs, take_in
from layerfix.commands.order import CodeOrder, Order
from layerfix.dialects.obstacles import refuse_obstacles, without_architecture
from layerfix.dialects.readings import tensorflow_generation, with_expressions
from layerfix.dialects.spoken import written_by_tensorflow1
from layerfix.disk.hashing import file_sha256
from layerfix.disk.paths import python_sources
from layerfix.disk.publish import Destination
from layerfix.errors import UsageError, require_tensorflow
from layerfix.graph.written import suffix_of
from layerfix.isolation.vet import vet
from layerfix.layers import corrected
from layerfix.progress import Progress, silent, watched

if TYPE_CHECKING:
    from layerfix.bytecode.reading import Readings
    from layerfix.containers.records import Checkpoint
    from layerfix.dialects.down.targets import Target
    from layerfix.results.migrate import MigrationResult


def migrate(
    path: Path | str,
    output: Path | str,
    *,
    layers: Sequence[Path | str] = (),
    architecture: Path | str | None = None,
    arguments: Mapping[str, Mapping[str, object]] | None = None,
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
        _refuse_beside_model(older=older, emit_layers=emit_layers, architecture=architecture, arguments=arguments)
        from layerfix.commands.migrate_code import migrate_code

        shapes = tuple(tuple(shape) for shape in input_shape)
        given = Path(samples) if samples is not None else None
        code = CodeOrder(Path(path), Path(output), model, sources, shapes, given, partial, force)
        done = migrate_code(code, progress)
        return replace(done, sha256=(file_sha256(done.source), file_sha256(done.output)))
    require_tensorflow("A migration")
    beside = Beside(sources, Path(architecture) if architecture else None, Path(samples) if samples else None)
    emitted, python = (Path(file) if file else None for file in (emit_layers, prove_with))
    order = Order(
        Path(path),
        Path(output),
        beside,
        arguments or {},
        read_lambdas,
        emitted,
        _target(older),
        python,
        force,
    )
    return _migrated(order, watched(progress))


def _refuse_beside_model(**wishes: object) -> None:
    """Raises UsageError for what a model that the user's code builds has no use for."""
    words = {"older": "--for", "emit_layers": "--emit-layers", "architecture": "--architecture", "arguments": "--set"}
    given = next((words[name] for name, wish in wishes.items() if wish), None)
    if given is not None:
        raise UsageError(f"{given} does not go with --model, whose code builds the model for today's Keras.", hint=f"Leave {given} out.")


def _target(older: str | None) -> Target | None:
    if older is None:
        return None
    from layerfix.dialects.down.targets import target_of

    return target_of(older)


def _migrated(order: Order, progress: Progress) -> MigrationResult:
    """The order done. What stands in the way is told before anything is imported that builds."""
    _refuse_names(order)
    outputs = (order.target, order.emit_layers)
    inputs = guarded_inputs(order.source, order.beside, outputs, force=order.force)
    progress("reading", 0, 4)
    vetted = vet(order.source, architecture=order.beside.architecture, do="graph")
    taken = take_in(order.source, order.beside, inputs, vetted)
    checkpoint = taken.checkpoint
    if checkpoint.config is None:
        raise without_architecture(checkpoint)
    checkpoint = _with_expressions(checkpoint, taken.lambdas if order.read_lambdas else {})
    refuse_obstacles(checkpoint, order.beside.layers, corrected(), order.arguments)
    progress("rebuilding the graph", 1, 4)
    taken = replace(taken, checkpoint=checkpoint)
    done = _written(order, taken, progress)
    read = inputs.sha256(order.source) or file_sha256(order.source)
    return replace(done, sha256=(read, file_sha256(order.target)))


def _written(order: Order, taken: Intake, progress: Progress) -> MigrationResult:
    """The file of today's Keras, or of the older one that was asked for."""
    if order.older is not None:
        return _down(order, order.older, taken, progress)
    from layerfix.commands.up import bring_up

    return bring_up(order, taken, progress)


def _refuse_names(order: Order) -> None:
    """Raises UsageError for outputs that migrate does not write."""
    if order.older is not None:
        from layerfix.commands.down_files import suffix_of as older_suffix

        if order.emit_layers is not None:
            raise UsageError("--emit-layers writes classes for today's Keras, and --for a file for an older one.", hint="Leave one out.")
        older_suffix(order.target, order.older)
        return
    suffix_of(order.target)
    if order.python is not None:
        raise UsageError(
            "--prove-with needs --for.",
            hint="Today's Keras loads what migrate writes in every run.",
        )


def _down(order: Order, older: Target, taken: Intake, progress: Progress) -> MigrationResult:
    """Writes a file of an older Keras."""
    from layerfix.commands.down import Descent, account, bring_down
    from layerfix.commands.live import live_model

    checkpoint, sources = taken.checkpoint, order.beside.layers
    live = live_model(checkpoint, sources, order.arguments)
    progress("writing", 2, 4)
    descent = Descent(older, lambda written: live_model(written, sources, {}), taken.samples, order.python)
    brought = bring_down(checkpoint, live, Destination(order.target, taken.inputs, order.force), descent)
    return account(checkpoint, live, order.target, older, brought)


def _with_expressions(checkpoint: Checkpoint, readings: Readings) -> Checkpoint:
    """The checkpoint, whose Lambda layers state what a child read in their bytecode."""
    if checkpoint.config is None or not readings:
        return checkpoint
    generation = tensorflow_generation(checkpoint.keras_version, written_by_tensorflow1(checkpoint.config))
    return replace(checkpoint, config=with_expressions(checkpoint.config, readings, generation, checkpoint.keras_version))
