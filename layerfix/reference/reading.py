"""A stored config as records, read by the reference's own way: in the words of the release that wrote it, and by none of the rules
that the reference is to prove."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.legacy.operations import MODULES
from layerfix.legacy.packages import plain_class
from layerfix.model import Argument, Call, Expression, Layer, Model, Operation, StatedOperation, Tensor, tensors
from layerfix.reference.functions import Unsupported

_OPERATIONS = frozenset({"TFOpLambda", "SlicingOpLambda"})


def stated_model(config: Mapping[str, Any]) -> Model:
    """A `model_config` as it is stored. Settings of layers are as stored, the layers in them too.

    Raises:
        Unsupported: for calls on constants, or with structures of inputs.
    """
    entries = layer_list(config) or []
    name = layer_name(config)
    if plain_class(config["class_name"]) == "Sequential":
        return Model("Sequential", name, tuple(_layer(entry, ()) for entry in entries))
    names = frozenset(map(layer_name, entries))
    inputs, outputs = ([_tensor(reference) for reference in _listed(config["config"][key])] for key in ("input_layers", "output_layers"))
    layers, outputs = _from_zero([_layer(entry, names) for entry in entries], outputs)
    return Model("Functional", name, layers, inputs, outputs)


def _listed(references: object) -> list[list[Any]]:
    if not isinstance(references, list):
        raise Unsupported("the reference does not know models that take or give a structure")
    return [references] if references and isinstance(references[0], str) else references


def _layer(entry: Mapping[str, Any], names: Collection[str]) -> Layer:
    settings = entry["config"] if isinstance(entry["config"], Mapping) else {}
    inner, expression = settings.get("layer"), entry.get("expression")
    return Layer(
        _class(entry),
        layer_name(entry),
        settings,
        calls=tuple(_call(node, names) for node in entry.get("inbound_nodes") or []) if names else (),
        model=stated_model(entry) if layer_list(entry) else None,
        wrapped={"layer": _layer(inner, ())} if isinstance(inner, Mapping) and {"class_name", "config"} <= inner.keys() else {},
        operation=_operation(entry, settings),
        expression=expression if isinstance(expression, Expression) else None,
    )


def _class(entry: Mapping[str, object]) -> str:
    """A class of Keras' by its name; one that somebody registered, or whose module is not Keras', by a name that no table of ours has."""
    stated = str(entry["class_name"])
    registered = str(entry.get("registered_name") or stated)
    module = str(entry.get("module") or "keras").partition(".")[0]
    packages = {name.rpartition(">")[0] for name in (stated, registered)} - {"", "Addons"}
    foreign = packages or (module not in ("keras", "tf_keras", "tensorflow", "builtins") and "Addons>" not in registered)
    return f"{next(iter(packages), module)}>{plain_class(stated)}" if foreign else plain_class(stated)


def _operation(entry: Mapping[str, Any], settings: Mapping[str, Any]) -> Operation | StatedOperation | None:
    name, module = plain_class(entry["class_name"]), str(entry.get("module", ""))
    if name in _OPERATIONS:
        return Operation(str(settings["function"]), {})
    bare = not entry.get("module") and name in MODULES and "trainable" not in settings  # an .h5 of Keras 3 names no module
    stated = bare and any(isinstance(node, Mapping) for node in entry.get("inbound_nodes") or ())
    return StatedOperation(name, module, settings) if stated or module.startswith("keras.src.ops") else None


def _call(node: Any, names: Collection[str]) -> Call:
    """One call: before Keras 3 its tensors are its positional arguments, one by one."""
    if isinstance(node, Mapping):
        if node.keys() != {"args", "kwargs"}:
            raise Unsupported("the reference does not know calls with a structure of inputs")
        return Call(tuple(_argument(value, names) for value in node["args"]), _argument(node["kwargs"], names), complete=True)
    items = [node] if node and not isinstance(node[0], list) else list(node)
    if not all(isinstance(item, list) and len(item) >= 3 for item in items):
        raise Unsupported("the reference does not know calls with a structure of inputs")
    if not all(_is_tensor(item, names) for item in items):
        raise Unsupported("the reference does not know a call on a constant")
    keywords: dict[str, Any] = {}
    for item in items:
        keywords |= item[3] if len(item) > 3 and item[3] else {}
    return Call(tuple(_tensor(item) for item in items), _argument(keywords, names))


def _is_tensor(value: Any, names: Collection[str]) -> bool:
    """Whether a value refers to a tensor, as Keras 2 ([layer, call, tensor, ...]) or Keras 3 (`__keras_tensor__`) say."""
    if isinstance(value, Mapping):
        return value.get("class_name") == "__keras_tensor__"
    legacy = isinstance(value, list) and len(value) in (3, 4) and isinstance(value[0], str) and value[0] in names
    return legacy and type(value[1]) is int and type(value[2]) is int


def _tensor(value: Any) -> Tensor:
    name, call, place = value["config"]["keras_history"] if isinstance(value, Mapping) else value[:3]
    return Tensor(name, call, place)


def _argument(value: object, names: Collection[str]) -> Argument:
    if _is_tensor(value, names):
        return _tensor(value)
    if isinstance(value, Mapping):
        return {key: _argument(item, names) for key, item in value.items()}
    return [_argument(item, names) for item in value] if isinstance(value, list) else value


def _from_zero(layers: Sequence[Layer], outputs: Argument) -> tuple[tuple[Layer, ...], Argument]:
    """Calls counted from 0: Keras 2 counts those of a nested model from 1, call 0 is on the model's own inputs.

    Keras 3 counts those of a functional one so among outputs alone (keras 3.15, functional.py, `get_config`).
    """
    given = [argument for layer in layers for call in layer.calls for argument in (call.args, call.kwargs)]
    apart = any(call.complete for layer in layers for call in layer.calls)
    if apart:
        functional = [layer.name for layer in layers if layer.model is not None and layer.model.kind == "Functional"]
        outputs = _shifted(outputs, dict.fromkeys(functional, 1))
    last: dict[str, int] = {}
    for tensor in tensors(given if apart else [*given, outputs]):
        last[tensor.layer] = max(last.get(tensor.layer, 0), tensor.call)
    shifts = {layer.name: max(0, last.get(layer.name, 0) - len(layer.calls) + 1) for layer in layers if layer.model is not None}
    counted = [
        tuple(Call(_shifted(call.args, shifts), _shifted(call.kwargs, shifts), call.complete) for call in layer.calls) for layer in layers
    ]
    return tuple(replace(layer, calls=calls) for layer, calls in zip(layers, counted, strict=True)), outputs if apart else _shifted(
        outputs, shifts
    )


def _shifted(argument: Argument, shifts: Mapping[str, int]) -> Argument:
    if isinstance(argument, Tensor):
        return replace(argument, call=argument.call - shifts.get(argument.layer, 0))
    if isinstance(argument, Mapping):
        return {key: _shifted(item, shifts) for key, item in argument.items()}
    return type(argument)(_shifted(item, shifts) for item in argument) if isinstance(argument, list | tuple) else argument
