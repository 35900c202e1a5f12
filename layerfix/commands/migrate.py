"""`migrate`: a legacy checkpoint becomes a file of today's Keras, checked before it gets its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.commands.down import account, bring_down, check_output
from layerfix.commands.proof import predict, prove
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint
from layerfix.containers.samples import Samples, read_samples
from layerfix.containers.tensors import open_tensors
from layerfix.dialects.down.targets import target_of
from layerfix.dialects.lambdas import find_lambdas
from layerfix.dialects.obstacles import refuse_obstacles, without_architecture
from layerfix.dialects.origin import backend_of, with_input_shape
from layerfix.dialects.readings import tensorflow_generation, with_expressions
from layerfix.dialects.records import FiredRule
from layerfix.dialects.upgrade import written_by_tensorflow1
from layerfix.disk.folders import parts, whole
from layerfix.disk.paths import python_sources
from layerfix.disk.publish import publish, refuse_output, seen
from layerfix.errors import GraphError, LostError, UsageError, VerifyError, require_tensorflow
from layerfix.graph.compiled import compile_as_saved
from layerfix.graph.written import reloaded, save, suffix_of
from layerfix.isolation.vet import vet
from layerfix.layers import corrected
from layerfix.progress import Progress, silent, watched
from layerfix.results.migrate import MigrationResult, Proof

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class _Live:
    """The migrated model in memory."""

    model: keras.Model
    config: Mapping[str, Any]
    rules: tuple[FiredRule, ...]
    classes: Mapping[str, Any]
    custom: tuple[str, ...]


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
    layers = sources = python_sources(Path(file) for file in layers)
    if model is not None:
        from layerfix.commands.migrate_code import migrate_code

        shapes = [tuple(shape) for shape in input_shape]
        return migrate_code(
            Path(path), Path(output), model, layers=sources, shapes=shapes, samples=samples, partial=partial, force=force, progress=progress
        )
    require_tensorflow("A migration")
    progress = watched(progress)
    source, target = Path(path), Path(output)
    wanted_keras = target_of(older) if older is not None else None
    suffix = suffix_of(target) if wanted_keras is None else ""
    if wanted_keras is not None:
        check_output(target, wanted_keras)
    elif prove_with is not None:
        raise UsageError("--prove-with needs --for.", hint="Today's Keras loads what migrate writes in every run.")
    inputs = [*parts(whole(source)), *(Path(file) for file in (*layers, architecture, samples) if file is not None)]
    for wanted in filter(None, (target, Path(emit_layers) if emit_layers else None)):
        refuse_output(wanted, force=force, inputs=inputs)
    progress("reading", 0, 4)
    vetted = vet(source, architecture=architecture, do="graph")
    before = seen(inputs)
    given = read_samples(Path(samples)) if samples is not None else None
    checkpoint = read(source, architecture=architecture)
    if checkpoint.config is None:
        raise without_architecture(checkpoint)
    checkpoint = _with_expressions(checkpoint, vetted.get("lambdas", {}) if read_lambdas else {})
    refuse_obstacles(checkpoint, sources, corrected(), arguments)
    progress("rebuilding the graph", 1, 4)
    live = _rebuilt(checkpoint, sources, arguments or {})
    if wanted_keras is not None:
        progress("writing", 2, 4)
        brought = bring_down(
            checkpoint,
            live.model,
            target,
            wanted_keras,
            lambda written: _rebuilt(written, sources, {}).model,
            samples=given,
            python=None if prove_with is None else Path(prove_with),
            force=force,
            inputs=before,
        )
        return account(checkpoint, target, wanted_keras, brought, rules=live.rules, custom=live.custom)
    plain, refusal = _plain(checkpoint, live, sources)
    live, shim = plain, live
    optimizer, notes = compile_as_saved(checkpoint, live.model, live.config)
    progress("writing", 2, 4)
    with publish(target, force=force, inputs=before) as temp:
        save(live.model, temp, suffix)
        progress("verifying", 3, 4)
        loaded = reloaded(live.model, live.classes, temp, suffix)
        proof = _proven(checkpoint, shim, loaded, given)
        notes += _as_it_is(checkpoint, loaded)
    if emit_layers:
        from layerfix.commands.repair import emit_corrected

        emit_corrected(checkpoint, sources, Path(emit_layers), "keras3", inputs=before, force=force)
    progress("done", 4, 4)
    return MigrationResult(
        source,
        target,
        checkpoint.keras_version,
        checkpoint.backend,
        live.rules,
        len(checkpoint.weights),
        tuple(_relaid(live.config)),
        optimizer,
        tuple(find_lambdas(checkpoint.config or {}, live.classes)),
        live.custom,
        proof,
        (*notes, *([refusal] if refusal else [])),
    )


def _with_expressions(checkpoint: Checkpoint, readings: Mapping[str, Any]) -> Checkpoint:
    """The checkpoint, whose Lambda layers state what a child read in their bytecode."""
    if checkpoint.config is None or not readings:
        return checkpoint
    generation = tensorflow_generation(checkpoint.keras_version, written_by_tensorflow1(checkpoint.config))
    return replace(checkpoint, config=with_expressions(checkpoint.config, readings, generation))


def _plain(checkpoint: Checkpoint, live: _Live, layers: Sequence[Path]) -> tuple[_Live, str]:
    """The model as plain Keras gives it with the user's own source; where it cannot, the one at hand, and a sentence that says so."""
    from layerfix.graph.plain import plain_model

    if not live.custom:
        return live, ""
    needed = (
        f"custom classes {', '.join(live.custom)}: open the file with layerfix.load_model, or in plain Keras with what --emit-layers writes"
    )
    if not layers:
        return live, f"{needed}."
    try:
        model, config, classes = plain_model(live.model, live.config, checkpoint.keras_version, layers)
    except GraphError as error:
        return live, f"{needed} ({error})"
    return _Live(model, config, live.rules, {**live.classes, **classes}, live.custom), ""


def _as_it_is(checkpoint: Checkpoint, loaded: keras.Model) -> tuple[str, ...]:
    from layerfix.graph.as_it_is import told_as_it_is

    return told_as_it_is(checkpoint, loaded, predict)


def _proven(checkpoint: Checkpoint, live: _Live, loaded: keras.Model, given: Samples | None) -> Proof:
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


def _rebuilt(checkpoint: Checkpoint, layers: Sequence[Path], arguments: Mapping[str, Mapping[str, Any]]) -> _Live:
    """Stock models are built directly; custom classes are adopted, which finds what they hide."""
    from layerfix.dialects.upgrade import upgrade
    from layerfix.graph.budget import bounded, bounded_sample
    from layerfix.graph.build import build_model
    from layerfix.graph.shim.loader import load_layers

    assert checkpoint.config is not None
    given = load_layers(list(layers))
    classes = {**{name: entry for name, entry in corrected().items() if name not in given}, **given}
    used = tuple(sorted(_class_names(checkpoint.config) & classes.keys()))
    if used:
        return _adopted(checkpoint, layers, arguments, used)
    upgraded = upgrade(with_input_shape(checkpoint), checkpoint.keras_version, backend_of(checkpoint), custom=frozenset(given))
    with bounded(checkpoint):
        model = build_model(upgraded.config, given)
    if not model.built:
        raise GraphError(
            "the file does not hold the shape of the model's input.",
            where=str(checkpoint.path),
            hint="Build the model in Keras with its input shape, and load the file's weights into that.",
        )
    bounded_sample(model, checkpoint)
    _assign(model, upgraded.config, checkpoint)
    return _Live(model, upgraded.config, upgraded.rules, given, ())


def _assign(model: keras.Model, config: Mapping[str, Any], checkpoint: Checkpoint) -> None:
    from layerfix.graph.assign import assign
    from layerfix.graph.groups import assign_groups

    if checkpoint.is_v3:
        assign_groups(model, config, checkpoint)
        return
    with open_tensors(checkpoint) as tensors:
        stored = {layer.name: [(weight.name, tensors.read(weight.key)) for weight in layer.weights] for layer in checkpoint.layers}
    assign(model, config, stored)


def _adopted(checkpoint: Checkpoint, layers: Sequence[Path], arguments: Mapping[str, Mapping[str, Any]], used: tuple[str, ...]) -> _Live:
    from layerfix.graph.rebuilt import rebuild

    rebuilt = rebuild(checkpoint, layers=list(layers), arguments=arguments)
    stored = {weight.key for weight in checkpoint.weights}
    lost = sorted({spec.layer for spec in rebuilt.blueprint.weights if spec.key not in stored and spec.value is None})
    if lost:
        raise LostError(
            f"{'layer' if len(lost) == 1 else 'layers'} {', '.join(lost)} {'has' if len(lost) == 1 else 'have'} lost weights in the save.",
            where=str(checkpoint.path),
            hint="Run layerfix repair first, with -o NEW.keras.",
        )
    return _Live(rebuilt.model, rebuilt.upgraded, rebuilt.rules, rebuilt.classes, used)


def _class_names(value: Any) -> set[str]:
    """Every class name in a config."""
    if isinstance(value, list):
        return set().union(*map(_class_names, value)) if value else set()
    if not isinstance(value, Mapping):
        return set()
    own = {value["class_name"].rsplit(">", 1)[-1]} if isinstance(value.get("class_name"), str) else set()
    return own.union(*map(_class_names, value.values()))


def _relaid(config: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for entry in config["config"]["layers"]:
        path = f"{prefix}{entry['name']}"
        if entry.get("relay"):
            found.append((path, entry["relay"]["name"]))
        elif "layers" in entry["config"]:
            found += _relaid(entry, f"{path}/")
    return found
