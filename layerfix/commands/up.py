"""A legacy checkpoint, taken in and found to have an equal, becomes a file of today's Keras, checked before it gets its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerfix.commands.emission import Emission
from layerfix.commands.live import Live, live_model, plain_or_live
from layerfix.commands.proof import doubts, predict, prove
from layerfix.dialects.lambdas import find_lambdas
from layerfix.disk.publish import Destination
from layerfix.errors import VerifyError
from layerfix.graph.compiled import compile_as_saved
from layerfix.graph.written import reloaded, save, suffix_of
from layerfix.results.migrate import MigrationResult, Proof

if TYPE_CHECKING:
    import keras

    from layerfix.commands.intake import Intake
    from layerfix.commands.order import Order
    from layerfix.containers.records import Checkpoint
    from layerfix.containers.samples import Samples
    from layerfix.progress import Progress


def bring_up(order: Order, taken: Intake, progress: Progress) -> MigrationResult:
    """Writes a file of today's Keras.

    Args:
        order: what is asked for.
        taken: what was read; its checkpoint has an architecture without obstacles.
        progress: told between the steps.

    Raises:
        GraphError: where something has no equal in today's Keras; LostError where weights were lost.
        VerifyError: where the written file does not predict what it should; nothing is published.
    """
    checkpoint, sources = taken.checkpoint, order.beside.layers
    emission = None if order.emit_layers is None else Emission.of(checkpoint, order.emit_layers, sources, "keras3")
    live = live_model(checkpoint, sources, order.arguments)
    plain, refusal = plain_or_live(checkpoint, live, sources)
    optimizer, notes = compile_as_saved(checkpoint, plain.model, plain.architecture)
    progress("writing", 2, 4)
    suffix = suffix_of(order.target)
    destination = Destination(order.target, taken.inputs, order.force)
    with destination.publish() as temp:
        save(plain.model, temp, suffix)
        progress("verifying", 3, 4)
        loaded = reloaded(plain.model, plain.classes, temp, suffix)
        proof = _proven(checkpoint, live, loaded, taken.samples)
        notes += _as_it_is(checkpoint, loaded)
    emitted = None if emission is None else emission.published(order.target, destination)
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
        doubts(checkpoint, proof, plain.rules),
        emitted=emitted,
    )


def _as_it_is(checkpoint: Checkpoint, loaded: keras.Model) -> tuple[str, ...]:
    from layerfix.graph.as_it_is import told_as_it_is

    return told_as_it_is(checkpoint, loaded, predict)


def _proven(checkpoint: Checkpoint, live: Live, loaded: keras.Model, given: Samples | None) -> Proof:
    proof = prove(checkpoint, live.model, loaded, given, live.custom)
    if not proof.difference <= proof.tolerance:
        gap = f"differs from {_WORDS[proof.kind]} by {proof.difference:.1e} of its scale"
        raise VerifyError(f"the migrated model {gap}; nothing was written.", where=str(checkpoint.path))
    return proof


_WORDS = {
    "predictions": "the recorded predictions",
    "reference": "an independent evaluation of the legacy model",
    "reload": "its own written file",
}
