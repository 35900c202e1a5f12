"""What a file says about training, in today's terms: optimizer and settings, losses, metrics, state by role. No TensorFlow here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from layerfix.containers.config import plain_class
from layerfix.dialects.objectives import losses, metrics
from layerfix.dialects.records import Source
from layerfix.legacy.optimizers import OPTIMIZERS, ROLES

Array = NDArray[Any]

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
_SHARED = ("clipnorm", "clipvalue", "global_clipnorm", "weight_decay", "loss_scale_factor", "gradient_accumulation_steps")
_AVERAGED = ("use_ema", "ema_momentum", "ema_overwrite_frequency")
"""Of weights over the steps, since Keras 2.11."""
SCHEDULES = frozenset(
    {"ExponentialDecay", "PiecewiseConstantDecay", "PolynomialDecay", "InverseTimeDecay", "CosineDecay", "CosineDecayRestarts"}
)
"""Learning rates that follow the steps, of one meaning since tensorflow 2.4 (keras 3.15, learning_rate_schedule.py)."""


@dataclass(frozen=True, slots=True)
class Training:
    """How a model was trained.

    Attributes:
        optimizer: class name of today's optimizer.
        arguments: its constructor arguments; the learning rate as a number, or {"class_name", "config"} of a schedule.
        decay: of the learning rate per step, rate / (1 + decay * step); 0 for none.
        loss: as `objectives.losses` gives it.
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


@dataclass(frozen=True, slots=True)
class State:
    """An optimizer's stored state: steps done (None where not stored), and by role one array per trained weight, in legacy order."""

    iterations: int | None
    slots: Mapping[str, tuple[Array, ...]]


def training(config: Mapping[str, Any] | None, source: Source) -> Training | str:
    """The training settings of a file, or a clause that says why there are none."""
    if not config:
        return "the file has no training settings"
    stated = config.get("optimizer_config") or _compiled_with(config.get("optimizer"))
    if plain_class(stated.get("class_name")).startswith("LossScaleOptimizer"):  # around the optimizer of a model of mixed precision
        stated = (stated.get("config") or {}).get("inner_optimizer") or stated
    name = plain_class(stated.get("class_name"))
    name = {"SGDW": "SGD", "Adam_v2": "Adam"}.get(name, name)
    if not name or stated.get("class_name") is None:
        return "the file names no optimizer"
    if name not in _ARGUMENTS or (name == "AdamW" and str(stated.get("class_name")).startswith("Addons>")):
        return f"optimizer {name} is not one of Keras' own"
    notes: list[str] = []
    loss = losses(config.get("loss"))
    if loss is None:
        return f"loss {config.get('loss')!r} is the user's own"
    named = metrics(config.get("metrics"), notes)
    if config.get("weighted_metrics"):
        notes.append("the weighted metrics are left out")
    arguments, decay = _optimizer_arguments(name, stated.get("config") or {}, source, notes)
    if decay is None:
        return "its learning rate schedule is not carried over"
    return Training(name, arguments, decay, loss, config.get("loss_weights"), named, tuple(notes))


def _compiled_with(optimizer: Any) -> Mapping[str, Any]:
    """The optimizer of a `compile_config` (Keras 2.12 and later), where `compile("adam")` leaves a name alone."""
    if isinstance(optimizer, str):
        name = next((known for known in _ARGUMENTS if known.lower() == optimizer.lower()), optimizer)
        return {"class_name": name, "config": {"use_ema": False}}
    return optimizer if isinstance(optimizer, Mapping) else {}


def _optimizer_arguments(name: str, stated: Mapping[str, Any], source: Source, notes: list[str]) -> tuple[dict[str, Any], float | None]:
    averaged = _AVERAGED if stated.get("use_ema") else ()
    arguments = {key: stated[key] for key in (*_ARGUMENTS[name].split(), *_SHARED, *averaged) if stated.get(key) is not None}
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
    if not isinstance(config, Mapping) or stated.get("class_name") not in SCHEDULES:
        return None
    return {"class_name": stated["class_name"], "config": dict(config)}


def _new_optimizer(stated: Mapping[str, Any]) -> bool:
    """Whether the optimizer is of Keras 2.11 or later (keras 2.11, optimizer.py), whose arithmetic is today's."""
    return "jit_compile" in stated or "use_ema" in stated


def state(optimizer: str, weights: Sequence[tuple[str, Array]]) -> State | None:
    """Stored optimizer tensors sorted by role, or None where their layout is not known.

    Args:
        optimizer: today's class name.
        weights: (name, array) as stored.
    """
    scalars = [(name, array) for name, array in weights if array.shape == ()]
    arrays = [(name, array) for name, array in weights if array.shape != ()]
    steps = next((int(array) for name, array in scalars if "iter" in name), None)
    if steps is None and scalars and "Variable" in scalars[0][0]:
        steps = int(scalars[0][1])
    slots = OPTIMIZERS[optimizer]
    named = {role: tuple(array for name, array in arrays if _role(name) == role) for role in slots.roles}
    named = {role: found for role, found in named.items() if found}
    if sum(map(len, named.values())) == len(arrays):
        return State(steps, named) if arrays or scalars else None
    if optimizer == "Adam" and len(arrays) % 3 == 0 and all(array.shape == (1,) for _, array in arrays[2 * len(arrays) // 3 :]):
        arrays = arrays[: 2 * len(arrays) // 3]  # keras 2.1.3 to 2.3: placeholders where amsgrad is off
    # Nameless slots are told apart by their number; RMSprop's further ones came with names alone (tf.keras).
    unnamed = slots.roles if optimizer == "Adam" else slots.always
    groups = 2 if optimizer == "Adam" and not _same_shapes(arrays, 3) else len(unnamed)
    if not _same_shapes(arrays, groups):
        return None
    size = len(arrays) // groups
    return State(
        steps, {role: tuple(array for _, array in arrays[at * size : (at + 1) * size]) for at, role in enumerate(unnamed[:groups])}
    )


def _role(name: str) -> str:
    """The role in a slot's name: "Adam/dense/kernel/m:0" (tf.keras), "Adam/m/dense/kernel:0" (Keras 2.11 and later)."""
    parts = name.rsplit(":", 1)[0].split("/")
    later = {"velocity": "v", "momentums": "momentum", "accumulated_grad": "accum_grad", "accumulated_delta_var": "accum_var", "u": "v"}
    last, second = parts[-1], parts[1] if len(parts) > 2 else ""
    second = later.get(second, second)
    return last if last in ROLES else second if second in ROLES else ""


def _same_shapes(arrays: Sequence[tuple[str, Array]], groups: int) -> bool:
    size = len(arrays) // groups
    shapes = [array.shape for _, array in arrays]
    return len(arrays) == size * groups and all(shapes[at * size : (at + 1) * size] == shapes[:size] for at in range(groups))
