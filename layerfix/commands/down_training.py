"""`migrate --for`: what becomes of a model's training settings and of its optimizer's state, and whether they arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layerfix.commands.live import Live
from layerfix.containers.records import Checkpoint
from layerfix.dialects.down.slots import Tensors, slots
from layerfix.dialects.down.targets import Target
from layerfix.dialects.down.training import SaidTraining, say_training
from layerfix.dialects.records import Source
from layerfix.dialects.slots import State
from layerfix.dialects.training import training
from layerfix.errors import GraphError, VerifyError
from layerfix.graph.compiled import compile_as_saved

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes along.

    Attributes:
        outcome: "kept", "fresh" (settings without state) or "none", and why.
        notes: what is left out, or computed otherwise there, one clause each.
        said: the settings in the older Keras' words, or None.
        tensors: the state in its order; () for none, and in archives of Keras 3, which lay it out as today's do.
    """

    outcome: tuple[str, str]
    notes: tuple[str, ...] = ()
    said: SaidTraining | None = None
    tensors: Tensors = ()


def carried(checkpoint: Checkpoint, live: Live, older: Target, suffix: str) -> Carried:
    """Compiles the model as its file says, and says that in an older Keras' words.

    A model whose settings have no equal there is left uncompiled.

    Args:
        checkpoint: where the model came from.
        live: the model.
        older: the older Keras.
        suffix: of the file that is written.
    """
    if suffix == ".weights.h5":
        return Carried(("none", "weights alone are written"))
    settings = training(checkpoint.training_config, Source(checkpoint.keras_version, checkpoint.backend))
    if isinstance(settings, str):
        return Carried(("none", settings))
    if older.dialect == "tfjs":
        return Carried(("none", "training settings are not written for TensorFlow.js"))
    if "LossScaleOptimizer" in str(checkpoint.training_config):
        return Carried(("none", "the optimizer scales the loss (LossScaleOptimizer), and its scale is not carried"))
    archive = suffix == ".keras"
    try:
        if older.dialect == "keras3" and settings.optimizer == "Nadam":
            raise GraphError(f"{older.name} keeps the state of Nadam in another order")
        said = say_training(settings, older, archive=archive)
    except GraphError as error:
        return Carried(("none", str(error)))
    outcome, notes = compile_as_saved(checkpoint, live.model, live.architecture)
    if outcome[0] == "none":
        return Carried(outcome, notes)
    notes = tuple(dict.fromkeys((*said.notes, *notes, *_cautions(outcome[0], live, older))))
    if outcome[0] == "kept" and settings.optimizer == "Nadam":
        outcome = ("fresh", f"{older.name} keeps the momentums of Nadam in another way")
    return Carried(
        outcome, notes, said, _tensors(live, settings.optimizer, older) if outcome[0] == "kept" and older.dialect != "keras3" else ()
    )


def _cautions(outcome: str, live: Live, older: Target) -> Iterator[str]:
    """Where a release computes the next step otherwise, although the state arrives as it was.

    Measured: docs/going-back.md, "Training".
    """
    if outcome != "kept":
        return
    if older.dialect == "keras2":
        yield (
            f"on TensorFlow 1 {older.name} orders no updates: its own next step differs from run to run "
            "(by up to 3e-3 of the output's scale as measured), and is today's where they are in order"
        )
    ranks = {layer.input_spec.ndim for layer in live.model._flatten_layers() if _is_normalized(layer)}
    if older.dialect == "keras2" and older.numbers < (2, 3) and ranks:
        yield (
            f"BatchNormalization begins its moving statistics anew in every session of {older.name} "
            "(zero_debias): the first step behind a load sets them to that batch's mean and variance"
        )
    elif older.dialect in ("keras2", "tf_keras") and (4 in ranks or (ranks and older.dialect == "keras2")):
        variance = "BatchNormalization's moving variance is that of n / (n - 1)"
        yield f"{variance} in {older.name}, in training alone"


def _is_normalized(layer: keras.Layer) -> bool:
    """Whether a layer moves statistics as it trains."""
    return type(layer).__name__ == "BatchNormalization" and layer.trainable


def unlike(kept: Carried, layers: Sequence[str]) -> Carried:
    """The same where layers have other weights there: a state belongs to the weights that it was made with."""
    if kept.outcome[0] != "kept" or not layers:
        return kept
    why = f"the weights of {', '.join(layers)} are others there, so that the state of before does not fit"
    return Carried(("fresh", why), kept.notes, kept.said)


def _tensors(live: Live, optimizer: str, older: Target) -> Tensors:
    from layerfix.graph.trained import state_of, trained_weights

    trained = [(name, tuple(weight.shape)) for name, weight in trained_weights(live.model)]
    return slots(optimizer, state_of(live.model), trained, older)


def check_carried(kept: Carried, live: Live, written: Checkpoint, back: Live) -> None:
    """Reads the state back.

    Raises:
        VerifyError: where it is not what it was.
    """
    if kept.outcome[0] != "kept":
        return
    from layerfix.graph.trained import state_of

    (status, why), _ = compile_as_saved(written, back.model, back.architecture)
    if status != "kept" or not _same(
        state_of(live.model), state_of(back.model), counted="iter" in str(kept.tensors[:1]) or not kept.tensors
    ):
        raise VerifyError(f"the optimizer's state, read back, is not what was written ({status}: {why}); nothing was written.")


def _same(one: State, two: State, *, counted: bool) -> bool:
    if one.slots.keys() != two.slots.keys() or (counted and one.iterations != two.iterations):
        return False
    pairs = [pair for role, held in one.slots.items() for pair in zip(held, two.slots[role], strict=True)]
    return all(np.array_equal(a, b) for a, b in pairs)
