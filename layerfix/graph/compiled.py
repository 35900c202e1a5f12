"""A migrated model goes on training as its file says: optimizer, losses, metrics, and the optimizer's stored state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint
from layerfix.containers.tensors import open_tensors
from layerfix.dialects.losses import loss_notes
from layerfix.dialects.records import Source
from layerfix.dialects.slots import state
from layerfix.dialects.training import training
from layerfix.model import Model

if TYPE_CHECKING:
    import keras

    from layerfix.graph.assign import Named


@dataclass(frozen=True, slots=True)
class Held:
    """What a legacy file holds for training on.

    Attributes:
        names: (name, anything of its shape) of each weight, by owner.
        slots: the optimizer's tensors, in their order.
    """

    names: Named
    slots: Sequence[tuple[str, Array]]


def compile_as_saved(
    checkpoint: Checkpoint, model: keras.Model, architecture: Model, held: Held | None = None
) -> tuple[tuple[str, str], tuple[str, ...]]:
    """Compiles `model` with what the checkpoint says of its training.

    Args:
        checkpoint: the legacy file.
        model: built from `architecture`, with its weights.
        architecture: `Upgraded.model`.
        held: what the file would hold with the weights that a repair adds; None for what it holds.

    Returns:
        what became of the optimizer ("kept", "fresh" or "none", and why), and notes for the report.
    """
    from layerfix.graph.compiling import compile_model, compile_with_numbered

    source = Source(checkpoint.keras_version, checkpoint.backend)
    settings = training(checkpoint.training_config, source)
    if isinstance(settings, str):
        return ("none", settings), ()
    if source.is_keras3 or checkpoint.is_v3:
        outcome = compile_with_numbered(model, settings, _numbered_state(checkpoint))
        return (outcome.status, outcome.why), (*settings.notes, *loss_notes(architecture, settings.loss))
    held = held or _held(checkpoint)
    slots = state(settings.optimizer, held.slots) if held.slots else None
    outcome = compile_model(model, architecture, settings, slots, held.names if source.is_keras1 else None)
    return (outcome.status, outcome.why), (*settings.notes, *loss_notes(architecture, settings.loss))


def _numbered_state(checkpoint: Checkpoint) -> list[Array]:
    """The optimizer's own variables in their order, which an `.h5` of Keras 3 keeps too; those of the inner one behind a loss scale."""
    if checkpoint.optimizer is None:
        return []
    stored = checkpoint.optimizer.slots if checkpoint.is_v3 else checkpoint.optimizer.weights
    with open_tensors(checkpoint) as tensors:
        return [tensors.optimizer(weight.name) for weight in stored]


def _held(checkpoint: Checkpoint) -> Held:
    stored = checkpoint.optimizer.weights if checkpoint.optimizer else ()
    names = {layer.name: [(weight.name, weight) for weight in layer.weights] for layer in checkpoint.layers}
    with open_tensors(checkpoint) as tensors:
        return Held(names, [(weight.name, tensors.optimizer(weight.name)) for weight in stored])
