"""How a model was trained, said downwards: the optimizer and its state, losses and metrics by the names of the older Keras.

What the older Keras has no word for is named, and where that changes the next step the optimizer does not go along at all. Sources: keras
2.2.4 and 2.3.1, optimizers.py; tensorflow 2.4 and 2.10, keras/optimizer_v2; tensorflow 2.11 to 2.15, keras/optimizers; and what each wrote.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layerfix.dialects.down.saying import words
from layerfix.dialects.down.targets import Target
from layerfix.dialects.objectives import LOSSES
from layerfix.dialects.training import Training
from layerfix.errors import GraphError

_KERAS2 = frozenset({"SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"})
_SINCE_2_11 = frozenset({"AdamW", "Lion"})
_SINCE_2_11_SETTINGS = frozenset({"weight_decay", "use_ema", "ema_momentum", "ema_overwrite_frequency"})
_LATEST = frozenset({"loss_scale_factor", "gradient_accumulation_steps"})
"""Settings of Keras 3 alone."""
_KERAS2_LACKS = frozenset({"huber", "binary_focal_crossentropy", "categorical_focal_crossentropy"})
_KERAS2_NAMES = {"kl_divergence": "kullback_leibler_divergence", "log_cosh": "logcosh", "cosine_similarity": "cosine_proximity"}
_LABELLED = frozenset({"hinge", "squared_hinge"})
"""Losses that turn labels 0 and 1 into -1 and 1 since Keras 2.3 (losses.py, `_maybe_convert_labels`)."""
_LATE_LOSSES = {"binary_focal_crossentropy": (2, 10), "categorical_focal_crossentropy": (2, 13)}
_LATE_SETTINGS = {"axis": (2, 10), "ignore_class": (2, 13)}


@dataclass(frozen=True, slots=True)
class SaidTraining:
    """Training settings in an older Keras' words.

    Attributes:
        config: `training_config` of an .h5, or `compile_config` of an archive.
        notes: what is left out, or computed otherwise there, one clause each.
    """

    config: Mapping[str, Any]
    notes: tuple[str, ...]


def say_training(training: Training, target: Target, *, archive: bool) -> SaidTraining:
    """Training settings in a target's words.

    Args:
        training: in today's words.
        target: of the dialect "keras2", "tf_keras" or "keras3".
        archive: whether they stand in a `.keras` archive, whose objects state modules.

    Raises:
        GraphError: naming the optimizer, setting or loss that has no equal there.
    """
    notes = list(training.notes)
    said = _Words(target, archive)
    optimizer = {**said.module("optimizers"), "class_name": said.optimizer(training.optimizer), "config": _optimizer(training, said, notes)}
    stated = {
        "loss": _objectives(training.loss, said),
        "metrics": _objectives(training.metrics, said),
        "weighted_metrics": None,
        "loss_weights": training.loss_weights,
    }
    if said.multi and target.numbers < (2, 3):
        notes += [
            f"{name} takes the labels 1 and -1 alone in {target.name}; today's takes 0 for -1"
            for name in _LABELLED.intersection(words(training.loss))
        ]
    if archive:
        run = {"run_eagerly": False, "steps_per_execution": 1, "jit_compile": False}
        return SaidTraining({"optimizer": optimizer, **stated, **run}, tuple(notes))
    return SaidTraining({"optimizer_config": optimizer, **stated, "sample_weight_mode": None}, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Words:
    """Whose words they are, and where they stand."""

    target: Target
    archive: bool

    @property
    def multi(self) -> bool:
        return self.target.dialect == "keras2"

    def is_before(self, release: tuple[int, int]) -> bool:
        """Whether a tf.keras is older than a release."""
        return self.target.dialect == "tf_keras" and self.target.numbers < release

    def optimizer(self, name: str) -> str:
        """An optimizer's class: in an .h5 of Keras 2.11 and later its plain name means the one of before (tensorflow 2.15, optimizers).

        Raises:
            GraphError: for TensorFlow 2.11 and 2.12, which were not tried.
        """
        if self.archive or self.target.dialect != "tf_keras" or self.target.is_early:
            return name
        if self.target.numbers < (2, 13):
            raise GraphError(f"what {self.target.name} reads of optimizers was not tried")
        return f"Custom>{name}"

    def module(self, name: str) -> dict[str, Any]:
        return {"module": f"keras.{name}", "registered_name": None} if self.archive else {}


def _optimizer(training: Training, said: _Words, notes: list[str]) -> dict[str, Any]:
    name, target = training.optimizer, said.target
    if (said.multi and name not in _KERAS2) or (target.is_early and name in _SINCE_2_11):
        raise GraphError(f"{target.name} has no optimizer {name}")
    given = {key: value for key, value in training.arguments.items() if value is not None and value is not False}
    rate = given.pop("learning_rate")
    unknown = [key for key in given if (target.is_early and key in _SINCE_2_11_SETTINGS) or (key in _LATEST and not _is_latest(target))]
    if said.multi:
        unknown += [key for key in ("clipnorm", "centered", *(["momentum"] if name == "RMSprop" else [])) if given.get(key)]
        for key in ("initial_accumulator_value", *(["momentum"] if name == "RMSprop" else [])):
            given.pop(key, None)  # the accumulators themselves go along
        if "global_clipnorm" in given:  # keras 2.2.4, optimizers.py: its clipnorm is that of all gradients
            given["clipnorm"] = given.pop("global_clipnorm")
    if unknown:
        raise GraphError(f"{target.name} has no {' and no '.join(sorted(unknown))} of {name}")
    if target.is_early and name in ("RMSprop", "Adagrad") and not given.get("momentum"):
        given["epsilon"] = math.sqrt(given.get("epsilon", 1e-7))
        told = f"{given['epsilon']:.1e}, so that its steps are never larger, and up to 30 % smaller where gradients are tiny"
        notes.append(f"{name} adds epsilon behind the root there: {told}")
    rated = _rate(rate, training.decay, said)
    if said.multi and name == "Nadam" and not rated["decay"]:
        del rated["decay"]  # it is the one that takes none (keras 2.2.4, optimizers.py)
    return {**({} if said.multi else {"name": name}), **given, **rated}


def _is_latest(target: Target) -> bool:
    return target.dialect == "keras3" and target.numbers >= (3, 9)


def _rate(rate: object, decay: float, said: _Words) -> dict[str, Any]:
    """The learning rate, with what makes it fall."""
    target = said.target
    key = "lr" if said.multi and target.numbers < (2, 3) else "learning_rate"
    if not isinstance(rate, Mapping):
        if target.is_early:
            return {key: rate, "decay": decay}
        settings = {"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": decay, "staircase": False, "name": "InverseTimeDecay"}
        return {key: _schedule("InverseTimeDecay", settings, said) if decay else rate}
    name, config = str(rate["class_name"]), dict(rate["config"])
    if said.multi:
        if name != "InverseTimeDecay" or config.get("staircase"):
            raise GraphError(f"{target.name} has no learning rate schedule {name}")
        return {key: config["initial_learning_rate"], "decay": config["decay_rate"] / config["decay_steps"]}
    if name == "CosineDecay" and said.is_before((2, 13)):
        if config.pop("warmup_steps", 0) or config.get("warmup_target") is not None:
            raise GraphError(f"{target.name} has no warmup of CosineDecay")
        config.pop("warmup_target", None)
    return {key: _schedule(name, config, said)}


def _schedule(name: str, config: Mapping[str, object], said: _Words) -> dict[str, Any]:
    return {**said.module("optimizers.schedules"), "class_name": name, "config": dict(config)}


def _objectives(value: object, said: _Words) -> Any:
    """Losses or metrics by the target's names, in their structure."""
    if isinstance(value, str):
        if (said.multi and value in _KERAS2_LACKS) or said.is_before(_LATE_LOSSES.get(value, (0, 0))):
            raise GraphError(f"{said.target.name} has no {value}")
        return _KERAS2_NAMES.get(value, value) if said.multi else value
    if isinstance(value, Mapping) and "class_name" in value:
        return _set(str(value["class_name"]), value["config"], said)
    if isinstance(value, Mapping):
        return {key: _objectives(item, said) for key, item in value.items()}
    return [_objectives(item, said) for item in value] if isinstance(value, list) else value


def _set(name: str, config: Mapping[str, object], said: _Words) -> dict[str, Any]:
    """A loss with settings of its own."""
    _objectives(next(function for function, (known, _) in LOSSES.items() if known == name), said)
    late = [key for key in config if said.is_before(_LATE_SETTINGS.get(key, (0, 0))) and name != "CosineSimilarity"]
    if said.multi or late:
        told = ", ".join(f"{key}={config[key]!r}" for key in late or config)
        raise GraphError(f"{said.target.name} has no {name} with {told}")
    return {**said.module("losses"), "class_name": name, "config": dict(config)}
