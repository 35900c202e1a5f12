"""A migrated model goes on training as its file says: optimizer, losses, metrics, and the optimizer's stored state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from layerfix.containers.records import Checkpoint
from layerfix.containers.tensors import open_tensors
from layerfix.dialects.losses import loss_notes
from layerfix.dialects.records import Source
from layerfix.dialects.training import State, state, training
from layerfix.model import Model

if TYPE_CHECKING:
    import keras

Array = NDArray[Any]


def compile_as_saved(checkpoint: Checkpoint, model: keras.Model, architecture: Model) -> tuple[tuple[str, str], tuple[str, ...]]:
    """Compiles `model` with what the checkpoint says of its training.

    Args:
        checkpoint: the legacy file.
        model: built from `architecture`, with its weights.
        architecture: `Upgraded.model`.

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
    names = {layer.name: [(weight.name, weight) for weight in layer.weights] for layer in checkpoint.layers} if source.is_keras1 else None
    outcome = compile_model(model, architecture, settings, _state(checkpoint, settings.optimizer), names)
    return (outcome.status, outcome.why), (*settings.notes, *loss_notes(architecture, settings.loss))


def _numbered_state(checkpoint: Checkpoint) -> list[Array]:
    """The optimizer's own variables in their order, which an `.h5` of Keras 3 keeps too; those of the inner one behind a loss scale."""
    if checkpoint.optimizer is None:
        return []
    stored = checkpoint.optimizer.slots if checkpoint.is_v3 else checkpoint.optimizer.weights
    with open_tensors(checkpoint) as tensors:
        return [tensors.optimizer(weight.name) for weight in stored]


def _state(checkpoint: Checkpoint, optimizer: str) -> State | None:
    if checkpoint.optimizer is None or not checkpoint.optimizer.weights:
        return None
    with open_tensors(checkpoint) as tensors:
        return state(optimizer, [(weight.name, tensors.optimizer(weight.name)) for weight in checkpoint.optimizer.weights])
