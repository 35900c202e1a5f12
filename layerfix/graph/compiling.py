"""Compiles a rebuilt model as its file says, and gives the optimizer its stored state, role by role."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from layerfix.arrays import Array
from layerfix.dialects.relay import relaid
from layerfix.dialects.slots import State
from layerfix.dialects.training import Training
from layerfix.errors import reason
from layerfix.graph.assign import Named, Slot, fitting_order, legacy_order, owners
from layerfix.graph.values import set_value
from layerfix.legacy.optimizers import OPTIMIZERS
from layerfix.model import Model

_NOT_LINEAR = frozenset(
    ["cudnn_lstm", "flattened", "weight_normalization", "spectral_normalization", "pruned", "channel_scale", "attention_product",
     "keras1_deviation"]
)  # fmt: skip
"""Layouts that add stored arrays up, or put trained ones beside untrained ones: their slots cannot be carried over."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of the training settings: "kept", "fresh" (settings without state) or "none", and why."""

    status: str
    why: str


def compile_model(model: keras.Model, architecture: Model, training: Training, state: State | None, names: Named | None = None) -> Compiled:
    """Compiles the model; the optimizer continues where the stored one stopped.

    Args:
        model: built from `architecture`, with its stored weights.
        architecture: `Upgraded.model`.
        training: what the file says.
        state: the stored optimizer tensors by role, or None.
        names: the file's weights by owner, where the optimizer took them by name (Keras 1) and not in their order.
    """
    # Before the optimizer makes its slots: a nested model that was not trained is set so here.
    placed = _placed(architecture, model, state, names) if state is not None else None
    optimizer = _optimizer(training)
    refused = _compiled(model, optimizer, training)
    if refused is not None:
        return refused
    if state is None:
        return Compiled("fresh", "the file holds no optimizer state, or one in an unknown layout")
    if placed is None:
        return Compiled("fresh", "the stored optimizer state does not fit the trainable weights")
    if state.iterations is not None:
        set_value(optimizer.iterations, state.iterations)
    index = {id(variable): at for at, variable in enumerate(optimizer._trainable_variables)}
    homes = OPTIMIZERS[training.optimizer].today
    for role, pairs in placed.items():
        slots: list[keras.Variable] = getattr(optimizer, homes.get(role, ""), None) or []
        for variable, value in pairs if slots else ():
            if id(variable) in index:
                set_value(slots[index[id(variable)]], value)
    missing = f"; the file does not hold the number of steps (Keras before 2.3 left it out for {training.optimizer})"
    return Compiled("kept", f"{', '.join(placed) or 'no slots'}{'' if state.iterations is not None else missing}")


def compile_with_numbered(model: keras.Model, training: Training, stored: Sequence[Array]) -> Compiled:
    """Compiles a model of a v3 file; the optimizer continues where the stored one stopped.

    Args:
        model: with its stored weights.
        training: what the file says.
        stored: the optimizer's variables in their order: steps, in Keras 3 the learning rate, then the slots of each trained weight (keras
            2.15, optimizer.py, `save_own_variables`; 3.15, base_optimizer.py).
    """
    optimizer = _optimizer(training)
    refused = _compiled(model, optimizer, training)
    if refused is not None:
        return refused
    if not stored:
        return Compiled("fresh", "the file holds no optimizer state")
    steps, slots = optimizer.variables[0], _slots(optimizer)
    values = stored[-len(slots) :] if slots else []
    unused = training.optimizer == "SGD" and not training.arguments.get("momentum")  # TensorFlow 2.11 to 2.15 keep zeros all the same
    if (
        not _same_order(training)
        or not (unused or len(stored) - len(slots) in (1, 2))
        or any(tuple(slot.shape) != value.shape for slot, value in zip(slots, values, strict=True))
    ):
        return Compiled("fresh", "the stored optimizer state does not fit the trainable weights")
    set_value(steps, stored[0])
    for slot, value in zip(slots, values, strict=True):
        set_value(slot, value)
    return Compiled("kept", "m, v" if training.optimizer == "Adam" else "its slots" if slots else "no slots")


def _same_order(training: Training) -> bool:
    """Whether all releases since 2.12 keep an optimizer's variables in one order, as tried in 2.13, 2.15, 3.3, 3.9 and 3.15.

    Nadam's product of momentums stood first until Keras 3.9, and nowhere in TensorFlow; averages and sums of gradients were not tried.
    """
    return training.optimizer != "Nadam" and not any(training.arguments.get(key) for key in ("use_ema", "gradient_accumulation_steps"))


def _compiled(model: keras.Model, optimizer: keras.Optimizer, training: Training) -> Compiled | None:
    """Compiles the model; what keeps today's Keras from it, or None."""
    try:
        loss = objectives(training.loss)
        model.compile(optimizer=optimizer, loss=loss, loss_weights=training.loss_weights, metrics=training.metrics)
    except Exception as error:
        return Compiled("none", f"today's Keras does not take the stored losses and metrics: {reason(error)}")
    optimizer.build(model.trainable_variables)
    return None


def objectives(loss: object) -> Any:
    """Losses as `compile` takes them: those with settings of their own as objects of today's Keras."""
    if isinstance(loss, Mapping) and "class_name" in loss:
        return getattr(keras.losses, loss["class_name"])(**loss["config"])
    if isinstance(loss, Mapping):
        return {key: objectives(item) for key, item in loss.items()}
    return [objectives(item) for item in loss] if isinstance(loss, list) else loss


def _slots(optimizer: keras.Optimizer) -> list[keras.Variable]:
    """The variables behind the steps and the learning rate; one that follows a schedule is no variable."""
    scheduled = isinstance(optimizer._learning_rate, keras.optimizers.schedules.LearningRateSchedule)
    return list(optimizer.variables[1 if scheduled else 2 :])


def _optimizer(training: Training) -> keras.Optimizer:
    arguments = dict(training.arguments)
    rate = arguments["learning_rate"]
    if training.decay:
        arguments["learning_rate"] = keras.optimizers.schedules.InverseTimeDecay(rate, 1, training.decay)
    elif isinstance(rate, Mapping):
        arguments["learning_rate"] = getattr(keras.optimizers.schedules, rate["class_name"])(**rate["config"])
    return getattr(keras.optimizers, training.optimizer)(name=training.optimizer.lower(), **arguments)


def _placed(
    architecture: Model, model: keras.Model, state: State, names: Named | None
) -> dict[str, list[tuple[keras.Variable, Array]]] | None:
    """By role, (today's variable, value); None where the arrays do not fit. A nested model left out of training is set so, as it was."""
    frozen, slots = _trained(architecture, model, state, names)
    if slots is None:
        return None
    for layer in frozen:
        layer.trainable = False
    placed: dict[str, list[tuple[keras.Variable, Array]]] = {}
    for role, arrays in state.slots.items():
        placed[role] = []
        for _, group in itertools.groupby(zip(slots, arrays, strict=True), key=lambda pair: id(pair[0].leaf.layer)):
            pairs = list(group)
            own = pairs[0][0].leaf
            ordered = [array for _, array in sorted(pairs, key=lambda pair: pair[0].position)]
            if own.record.relay is None:
                placed[role] += [(own.weights[slot.position], array) for slot, array in pairs]
            elif own.record.relay.name not in _NOT_LINEAR:
                values = relaid(own.record, ordered, [tuple(weight.shape) for weight in own.weights])
                placed[role] += [(weight, value) for weight, value in zip(own.weights, values, strict=True) if weight.trainable]
            else:
                return None
    fits = all(tuple(variable.shape) == value.shape for pairs in placed.values() for variable, value in pairs)
    return placed if fits else None


def _trained(architecture: Model, model: keras.Model, state: State, names: Named | None) -> tuple[list[keras.Model], list[Slot] | None]:
    """(nested models that were not trained, places of the slots in legacy order: Keras 1 sorted the weights by name, training.py).

    Keras before 2.3 did not save that a nested model was frozen (`discriminator.trainable = False`): the optimizer state shows it.
    """
    layers = architecture.weighted
    nested = [layer.name for layer in layers if layer.model is not None][:8]  # each may be left out: 256 choices
    orders = {layer.name: legacy_order(layer, model.get_layer(layer.name), layer.name)[0] for layer in layers}
    stored = next(iter(state.slots.values()), ())
    sorting = _by_name(architecture, model, names) if names is not None else None
    for count in range(len(nested) + 1):
        for left_out in itertools.combinations(nested, count):
            frozen = set(left_out)
            slots = [slot for name, order in orders.items() if name not in frozen for slot in order]
            slots = sorted(slots, key=sorting) if sorting else slots
            if not state.slots or _all_fit(slots, stored):
                return [model.get_layer(name) for name in sorted(frozen)], slots
    return [], None


def _by_name(architecture: Model, model: keras.Model, names: Named) -> Callable[[Slot], str]:
    """The name that the file gives to what a slot belongs to."""
    found: dict[tuple[int, int], str] = {}
    for owner, record, layer in owners(model, architecture, names):
        arrays = names.get(owner, ())
        for slot, (name, _) in zip(fitting_order(owner, record, layer, arrays), arrays, strict=True):
            found[id(slot.leaf.layer), slot.position] = name
    return lambda slot: found[id(slot.leaf.layer), slot.position]


def _all_fit(slots: Sequence[Slot], arrays: Sequence[Array]) -> bool:
    return len(slots) == len(arrays) and all(
        slot.leaf.record.relay is not None or tuple(slot.leaf.weights[slot.position].shape) == array.shape
        for slot, array in zip(slots, arrays, strict=True)
    )
