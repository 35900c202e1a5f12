"""What a file says about training, in today's terms: optimizer and settings, losses, metrics, state by role. No TensorFlow here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from layerfix.containers.config import plain_class
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
    "Ftrl": "learning_rate_power initial_accumulator_value l1_regularization_strength l2_regularization_strength "
    "l2_shrinkage_regularization_strength beta",
}
_SHARED = ("clipnorm", "clipvalue", "global_clipnorm")
_LOSSES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "bce": "binary_crossentropy",
    "logcosh": "log_cosh",
    "cosine_proximity": "cosine_similarity",
    "cosine": "cosine_similarity",
}
_KNOWN_LOSSES = frozenset(
    {
        "mean_squared_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "kl_divergence",
        "binary_crossentropy",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "hinge",
        "squared_hinge",
        "categorical_hinge",
        "poisson",
        "log_cosh",
        "cosine_similarity",
        "huber",
        "binary_focal_crossentropy",
        "categorical_focal_crossentropy",
    }
)
_KNOWN_METRICS = _KNOWN_LOSSES | {
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
}


@dataclass(frozen=True, slots=True)
class Training:
    """How a model was trained.

    Attributes:
        optimizer: class name of today's optimizer.
        arguments: its constructor arguments, the learning rate as a number.
        decay: of the learning rate per step, rate / (1 + decay * step); 0 for none.
        loss: name, or names by output or in order.
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
    loss = _mapped(config.get("loss"), _LOSSES, _KNOWN_LOSSES)
    if loss is None:
        return f"loss {config.get('loss')!r} is the user's own"
    metrics = _metrics(config.get("metrics"), notes)
    arguments, decay = _optimizer_arguments(name, stated.get("config") or {}, source, notes)
    if decay is None:
        return "its learning rate schedule is not carried over"
    return Training(name, arguments, decay, loss, config.get("loss_weights"), metrics, tuple(notes))


def _compiled_with(optimizer: Any) -> Mapping[str, Any]:
    """The optimizer of a `compile_config` (Keras 2.12 and later), where `compile("adam")` leaves a name alone."""
    if isinstance(optimizer, str):
        name = next((known for known in _ARGUMENTS if known.lower() == optimizer.lower()), optimizer)
        return {"class_name": name, "config": {"use_ema": False}}
    return optimizer if isinstance(optimizer, Mapping) else {}


def _optimizer_arguments(name: str, stated: Mapping[str, Any], source: Source, notes: list[str]) -> tuple[dict[str, Any], float | None]:
    arguments = {key: stated[key] for key in (*_ARGUMENTS[name].split(), *_SHARED) if stated.get(key) is not None}
    rate = stated.get("learning_rate", stated.get("lr", 0.001))
    if not isinstance(rate, (int, float)):
        return arguments, None
    arguments["learning_rate"] = float(rate)
    if not source.is_tf_keras and "clipnorm" in arguments:  # keras 2.2.4, optimizers.py: the norm over all gradients
        arguments["global_clipnorm"] = arguments.pop("clipnorm")
    if name in {"RMSprop", "Adagrad"} and not _new_optimizer(stated) and not (name == "RMSprop" and arguments.get("momentum")):
        # legacy: sqrt(v) + epsilon; today: sqrt(v + epsilon), so that epsilon squared is its like
        arguments["epsilon"] = float(arguments.get("epsilon") or 1e-7) ** 2
    if name == "Nadam":
        schedule = "0.96 to the power of step, not of 0.004 step"
        notes.append(f"Nadam's momentum schedule differs from legacy Keras' ({schedule}): its next steps are other ones")
        return arguments, 0.0
    return arguments, float(stated.get("decay") or 0.0)


def _new_optimizer(stated: Mapping[str, Any]) -> bool:
    """Whether the optimizer is of Keras 2.11 or later (keras 2.11, optimizer.py), whose arithmetic is today's."""
    return "jit_compile" in stated or "use_ema" in stated


def _mapped(value: Any, names: Mapping[str, str], known: frozenset[str]) -> Any:
    """Names in today's spelling, in their structure; None where one is unknown."""
    if isinstance(value, str):
        name = names.get(value.lower(), value.lower())
        return name if name in known else None
    if isinstance(value, Mapping) and "class_name" in value:
        config = value.get("config")
        stated = (config.get("fn") or config.get("name")) if isinstance(config, Mapping) else config
        plain = isinstance(config, Mapping) and not {key: v for key, v in config.items() if key in {"from_logits", "label_smoothing"} and v}
        return _mapped(stated, names, known) if isinstance(stated, str) and (plain or isinstance(config, str)) else None
    if isinstance(value, Mapping):
        mapped = {key: _mapped(item, names, known) for key, item in value.items()}
        return None if None in mapped.values() else mapped
    if isinstance(value, list):
        items = [_mapped(item, names, known) for item in value]
        return None if None in items else items
    return None


def _metrics(value: Any, notes: list[str]) -> Any:
    """Metric names in the structure that `compile` takes; unknown ones are left out and noted."""
    if isinstance(value, Mapping) and "class_name" not in value:
        return {key: _metrics(item, notes) for key, item in value.items()}
    if isinstance(value, list):
        found = [item for item in (_metrics(item, notes) for item in value) if item is not None]
        # tf.keras wraps the metrics of a single output once more; Keras 3.12 does not take that.
        return found[0] if len(found) == 1 and isinstance(found[0], list) else found
    name = _mapped(value, {**_LOSSES, "acc": "accuracy"}, _KNOWN_METRICS)
    if name is None and value is not None:
        notes.append(f"metric {value if isinstance(value, str) else value.get('class_name')} is left out")
    return name


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
