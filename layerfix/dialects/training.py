"""What a file says about training, in today's terms: optimizer and settings, losses, metrics. No TensorFlow here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layerfix.dialects.objectives import loss_of, metrics_of
from layerfix.dialects.records import Source
from layerfix.legacy.packages import plain_class

_ARGUMENTS = {
    "SGD": "momentum nesterov",
    "RMSprop": "rho momentum epsilon centered",
    "Adagrad": "epsilon initial_accumulator_value",
    "Adadelta": "rho epsilon",
    "Adam": "beta_1 beta_2 epsilon amsgrad",
    "AdamW": "weight_decay beta_1 beta_2 epsilon amsgrad",
    "Adamax": "beta_1 beta_2 epsilon",
    "Nadam": "beta_1 beta_2 epsilon",
    "Lion": "beta_1 beta_2",
    "Ftrl": "learning_rate_power initial_accumulator_value l1_regularization_strength l2_regularization_strength "
    "l2_shrinkage_regularization_strength beta",
}
_SHARED = ("clipnorm", "clipvalue", "global_clipnorm")
_SWITCHED = {
    "weight_decay": ("weight_decay",),
    "use_ema": ("use_ema", "ema_momentum", "ema_overwrite_frequency"),
    "gradient_accumulation_steps": ("gradient_accumulation_steps",),
    "loss_scale_factor": ("loss_scale_factor",),
}
"""Arguments that optimizers have since Keras 2.11 and 3.0, by the one of them that switches them on."""

_SCHEDULES = frozenset(
    ["CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay", "PiecewiseConstantDecay", "PolynomialDecay"]
)
"""Learning rates that follow the steps, of one meaning since tensorflow 2.4 (keras 3.15, learning_rate_schedule.py)."""


_LATER = frozenset({"Adafactor", "Lamb", "Muon", "ScheduleFreeAdamW"})
"""Keras' own, of later releases, whose state no rule carries over."""


@dataclass(frozen=True, slots=True)
class Training:
    """How a model was trained.

    Attributes:
        optimizer: class name of today's optimizer.
        arguments: its constructor arguments; the learning rate as a number, or {"class_name", "config"} of a schedule.
        decay: of the learning rate per step, rate / (1 + decay * step); 0 for none.
        loss: as `objectives.loss_of` gives it.
        loss_weights: as stored.
        metrics: names, in the structure that `compile` takes.
        notes: what could not be carried over, one clause each.
    """

    optimizer: str
    arguments: Mapping[str, Any]
    decay: float
    loss: Any
    loss_weights: Any
    metrics: Any
    notes: tuple[str, ...]


def training(config: Mapping[str, Any] | None, source: Source) -> Training | str:
    """The training settings of a file, or a clause that says why there are none."""
    if not config:
        return "the file has no training settings"
    stated = config.get("optimizer_config") or _compiled_with(config.get("optimizer"))
    if plain_class(stated.get("class_name")).startswith("LossScaleOptimizer"):  # around the optimizer of a model of mixed precision
        stated = (stated.get("config") or {}).get("inner_optimizer") or stated
    name = plain_class(stated.get("class_name"))
    name = {"Adam_v2": "Adam"}.get(name, name)
    if not name or stated.get("class_name") is None:
        return "the file names no optimizer"
    if name not in _ARGUMENTS or (name == "AdamW" and str(stated.get("class_name")).startswith("Addons>")):
        return f"optimizer {name} is not carried over" if name in _LATER else f"optimizer {name} is not one of Keras' own"
    notes: list[str] = []
    loss = loss_of(config.get("loss"))
    if loss is None:
        return f"loss {config.get('loss')!r} is the user's own, or has settings that are not known"
    metrics = metrics_of(config.get("metrics"), notes)
    if config.get("weighted_metrics"):
        notes.append("the weighted metrics are left out")
    arguments, decay = _optimizer_arguments(name, stated.get("config") or {}, source, notes)
    if decay is None:
        return "its learning rate schedule is not carried over"
    return Training(name, arguments, decay, loss, config.get("loss_weights"), metrics, tuple(notes))


def _compiled_with(optimizer: object) -> Mapping[str, Any]:
    """The optimizer of a `compile_config` (Keras 2.12 and later), where `compile("adam")` leaves a name alone."""
    if isinstance(optimizer, str):
        name = next((known for known in _ARGUMENTS if known.lower() == optimizer.lower()), optimizer)
        return {"class_name": name, "config": {"use_ema": False}}
    return optimizer if isinstance(optimizer, Mapping) else {}


def _optimizer_arguments(name: str, stated: Mapping[str, Any], source: Source, notes: list[str]) -> tuple[dict[str, Any], float | None]:
    switched = [key for switch, keys in _SWITCHED.items() if stated.get(switch) for key in keys]
    arguments = {key: stated[key] for key in (*_ARGUMENTS[name].split(), *_SHARED, *switched) if stated.get(key) is not None}
    rate = _rate(stated.get("learning_rate", stated.get("lr", 0.001)))
    if rate is None:
        return arguments, None
    arguments["learning_rate"] = rate
    if not source.is_tf_keras and "clipnorm" in arguments:  # keras 2.2.4, optimizers.py: the norm over all gradients
        arguments["global_clipnorm"] = arguments.pop("clipnorm")
    if name in {"RMSprop", "Adagrad"} and not _new_optimizer(stated) and not (name == "RMSprop" and arguments.get("momentum")):
        # legacy: sqrt(v) + epsilon; today: sqrt(v + epsilon), so that epsilon squared is its like
        arguments["epsilon"] = float(arguments.get("epsilon") or 1e-7) ** 2
    if name == "Nadam" and not _new_optimizer(stated):
        schedule = "0.96 to the power of step, not of 0.004 step"
        notes.append(f"Nadam's momentum schedule differs from legacy Keras' ({schedule}): its next steps are other ones")
        return arguments, 0.0
    return arguments, float(stated.get("decay") or 0.0)


def _rate(stated: Any) -> float | dict[str, Any] | None:
    """A learning rate in today's words, or None where it is of no known kind."""
    if isinstance(stated, (int, float)):
        return float(stated)
    config = stated.get("config") if isinstance(stated, Mapping) else None
    if not isinstance(config, Mapping) or stated.get("class_name") not in _SCHEDULES:
        return None
    given = {key: value for key, value in config.items() if value is not None}  # tf.keras writes a name of None, which today's refuses
    return {"class_name": stated["class_name"], "config": given}


def _new_optimizer(stated: Mapping[str, object]) -> bool:
    """Whether the optimizer is of Keras 2.11 or later (keras 2.11, optimizer.py), whose arithmetic is today's."""
    return "jit_compile" in stated or "use_ema" in stated
