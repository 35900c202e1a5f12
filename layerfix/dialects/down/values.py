"""Objects inside a config, said downwards: initializers, regularizers, constraints, dtype policies, activations."""

from __future__ import annotations

from typing import Any

from layerfix.dialects.down.hard_sigmoid import is_legacy
from layerfix.dialects.down.saying import Config, Saying
from layerfix.legacy.arguments import has_activation, taken

_KINDS = {f"keras.{kind}": kind for kind in ("initializers", "regularizers", "constraints")}
_SCALED = {
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "GlorotNormal": (1.0, "fan_avg", "normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "HeNormal": (2.0, "fan_in", "normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "normal"),
}
"""What multi-backend Keras 2 writes as VarianceScaling, whose "normal" is the truncated one (keras 2.2.4, initializers.py)."""
_NO_OP: dict[str, Any] = {"input_axes": None, "output_axes": None}


def plain(saying: Saying, value: object, where: str) -> Any:
    """A value without the module and registered name that Keras 3 writes beside each class, its classes said downwards."""
    if isinstance(value, list):
        return [plain(saying, item, where) for item in value]
    if not isinstance(value, dict):
        return value
    name, config = value.get("class_name"), value.get("config")
    if name == "__tuple__":
        return [plain(saying, item, where) for item in value.get("items") or (config or {}).get("value") or ()]
    if name == "DTypePolicy" and isinstance(config, dict):
        return policy(saying, value, where)
    if not isinstance(name, str) or not isinstance(config, dict):
        return {key: plain(saying, item, where) for key, item in value.items()}
    config = {key: plain(saying, item, where) for key, item in config.items()}
    kind = _KINDS.get(str(value.get("module")))
    if kind is not None:
        name, config = _stock(saying, kind, name, config, where)
        return {"class_name": name, "config": config}
    return {"class_name": value.get("registered_name") or name, "config": config}


def _stock(saying: Saying, kind: str, name: str, config: Config, where: str) -> tuple[str, Config]:
    """A class of Keras' own with the arguments that it has there."""
    if saying.multi and kind == "regularizers" and name in ("L1", "L2"):
        saying.fire("one_regularizer", where, f"{name} is L1L2")
        return "L1L2", {"l1": config.get("l1", 0.0), "l2": config.get("l2", 0.0)}
    if saying.multi and name in _SCALED:
        saying.fire("variance_scaling", where, f"{name} is VarianceScaling")
        drawn = dict(zip(("scale", "mode", "distribution"), _SCALED[name], strict=True))
        return "VarianceScaling", {**drawn, "seed": config.get("seed") if isinstance(config.get("seed"), int) else None}
    if saying.multi and config.get("distribution") == "truncated_normal":
        config["distribution"] = "normal"
    known = taken(saying.target.table, kind, name)
    if known is None:
        saying.refuse(where, f"the {kind[:-1]} {name}")
        return name, config
    kept = {}
    for key, item in config.items():
        if key in known:
            kept[key] = item
        elif key not in _NO_OP or item is not None:
            saying.refuse(where, f"{key}={item!r} of the {kind[:-1]} {name}")
    return name, kept


def policy(saying: Saying, value: object, where: str) -> Any:
    """A dtype policy as older Keras writes it: tf.keras by name or as a Policy (tensorflow 2.4, policy.py), multi-backend as a dtype."""
    name = value["config"].get("name") if isinstance(value, dict) and isinstance(value.get("config"), dict) else value
    if isinstance(value, dict) and value.get("class_name") != "DTypePolicy":
        saying.refuse(where, f"the dtype policy {value.get('class_name')}")
        return "float32"
    if str(name).startswith("mixed_"):
        if saying.multi:
            saying.refuse(where, f"the dtype policy {name}")
        saying.fire("dtype_policy", where, f"{name} is a Policy")
        return {"class_name": "Policy", "config": {"name": name}}
    if isinstance(value, dict):
        saying.fire("dtype_policy", where, f"the policy is its name, {name}")
    return name


def activation(saying: Saying, value: Any, where: str) -> Any:
    """The name of an activation; `silu` was `swish` until Keras 3 (tensorflow 2.15, activations.py)."""
    if is_legacy(value):
        saying.fire("legacy_hard_sigmoid", where, "Rescaling(0.2, 0.5) and ReLU(1) are hard_sigmoid, as it was")
        return "hard_sigmoid"
    if isinstance(value, dict):
        saying.refuse(where, f"the activation {value.get('config') if value.get('class_name') == 'function' else value.get('class_name')}")
        return value
    if value is None:
        return "linear"
    if value == "silu" and has_activation(saying.target.table, "swish") and saying.target.dialect == "tf_keras":
        saying.fire("silu", where, "silu is swish")
        return "swish"
    if not has_activation(saying.target.table, value) or (saying.target.dialect == "tfjs" and value in ("gelu", "exponential", "swish")):
        saying.refuse(where, f"the activation {value}")
    return value
