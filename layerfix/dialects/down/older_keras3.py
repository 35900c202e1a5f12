"""Today's config in the words of an older Keras 3: the same form, with what its classes do not know taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerfix.dialects.down.layers import mirrored
from layerfix.dialects.down.saying import Config, Said, Saying
from layerfix.dialects.down.settings import does_nothing
from layerfix.dialects.down.targets import Target
from layerfix.dialects.tf_keras.preprocessing import UNCROPPED
from layerfix.legacy.arguments import COMMON, has_activation, taken

_KINDS = {f"keras.{kind}": kind for kind in ("layers", "initializers", "regularizers", "constraints")}
_INNER = frozenset({"layer", "backward_layer", "cell", "cells", "autocast", "activity_regularizer", "batch_shape"})


def say_older(config: Mapping[str, object], target: Target) -> Said:
    """Today's architecture as an older Keras 3 reads it.

    Args:
        config: as Keras 3.15 serialises it; it is not changed.
        target: of the dialect "keras3".

    Raises:
        GraphError: naming every layer and setting that has no equal there.
    """
    saying = Saying(target, lambda saying, entry, path: entry)
    found: Config = _object(saying, dict(config), "")
    found.pop("compile_config", None)
    found["config"]["name"] = saying.model_name(found["config"]["name"])
    return saying.said(found)


def _any(saying: Saying, value: object, where: str) -> Any:
    if isinstance(value, list):
        return [_any(saying, item, where) for item in value]
    if not isinstance(value, dict):
        return value
    return _object(saying, value, where)


def _object(saying: Saying, value: Config, where: str) -> Config | Any:
    name, config = value.get("class_name"), value.get("config")
    if name == "DTypePolicy" and isinstance(config, dict):
        saying.fire("dtype_policy", where, f"the policy is its name, {config['name']}")
        return config["name"]
    if not isinstance(name, str) or not isinstance(config, dict):
        return {key: _any(saying, item, where) for key, item in value.items()}
    own = str(value.get("name") or config.get("name") or "")
    path = where if value.get("module") in _KINDS and value["module"] != "keras.layers" else "/".join(filter(None, (where, own)))
    config = {key: _any(saying, item, path if name not in ("Functional", "Sequential") else where and path) for key, item in config.items()}
    if saying.target.numbers < (3, 3):
        value = _early(saying, value, config, path)
    kind = _KINDS.get(str(value.get("module")))
    if kind is not None:
        name, config = _stock(saying, kind, name, config, path)
    for key in ("input_layers", "output_layers"):
        if isinstance(config.get(key), list) and config[key] and isinstance(config[key][0], str):
            config[key] = [config[key]]
            saying.fire("listed_ends", path or "model", f"{key} is a list of lists")
    if str(value.get("module")).startswith("keras.src.ops") and config.pop("name", None) is not None:
        saying.fire("operation_name", path, "an operation takes no name")
    calls = {"inbound_nodes": value["inbound_nodes"]} if "inbound_nodes" in value else {}
    return {**value, "class_name": name, "config": config, **calls}


def _early(saying: Saying, value: Config, config: Config, path: str) -> Config:
    """What Keras 3.0 does not load although it knows the words, as tried in 3.0.5; 3.3 does. Changes `config`."""
    name = value["class_name"]
    if name == "Bidirectional":
        if config.get("backward_layer") and mirrored(config["layer"], config["backward_layer"]):
            del config["backward_layer"]
            saying.fire("backward_layer", path, "the backward layer is made of the forward one")
        config["layer"] = _unbuilt(config["layer"])  # built, it asks for weights beside those of the two made of it
    if name == "GetItem" and any(isinstance(key, int) for node in value["inbound_nodes"] for key in _keys(node)):
        saying.refuse(path, "a slice with whole numbers in it")
    for layer in config.get("layers") or () if name == "Functional" else ():
        calls = len(layer.get("inbound_nodes") or (None,))
        if any(number >= calls for number in _called(config, layer["name"])):
            saying.refuse(str(layer["name"]), "a model that was called before it became part of this one")
    return _unbuilt(value) if name == "Dot" else value


def _unbuilt(value: Config) -> Config:
    return {key: item for key, item in value.items() if key != "build_config"}


def _keys(node: Config) -> list[Any]:
    """What a GetItem takes out, beside slices."""
    return [key for argument in node["args"][1:] for key in (argument if isinstance(argument, list) else [argument])]


def _called(value: object, name: str) -> list[int]:
    """The numbers of the calls of a layer that tensors in a config come from."""
    if isinstance(value, dict):
        history = (value.get("config") or {}).get("keras_history") if value.get("class_name") == "__keras_tensor__" else None
        return [history[1]] if history and history[0] == name else [number for item in value.values() for number in _called(item, name)]
    if not isinstance(value, list):
        return []
    if len(value) == 3 and isinstance(value[0], str) and type(value[1]) is int:
        return [value[1]] if value[0] == name else []
    return [number for item in value for number in _called(item, name)]


def _stock(saying: Saying, kind: str, name: str, config: Config, path: str) -> tuple[str, Config]:
    """A class of Keras' own, without the arguments that it does not know and that do nothing."""
    if name == "Orthogonal" and kind == "initializers" and saying.target.numbers < (3, 6):
        saying.fire("orthogonal", path, "Orthogonal is OrthogonalInitializer")
        name = "OrthogonalInitializer"
    if name == "RandomCrop" and saying.target.numbers < UNCROPPED:
        saying.refuse(path, "RandomCrop, which resizes pictures there when it predicts")
    known = taken(saying.target.table, kind, name) if name != "Lambda" else None  # code is never written
    if known is None:
        saying.refuse(path, f"the class {name} of keras.{kind}")
        return name, config
    kept = {}
    for key, value in config.items():
        if key in known or (kind == "layers" and key in COMMON | _INNER):
            kept[key] = value
        elif does_nothing(key, value) or key in ("input_axes", "output_axes"):
            if value is not None and key in ("input_axes", "output_axes"):
                saying.refuse(path, f"{key}={value!r} of {name}")
            saying.fire("left_out", path, f"{key}={value!r} does nothing")
        else:
            saying.refuse(path, f"{key}={value!r} of {name}")
    for key in ("activation", "recurrent_activation"):
        if isinstance(kept.get(key), str) and not has_activation(saying.target.table, kept[key]):
            saying.refuse(path, f"the activation {kept[key]}")
    return name, kept
