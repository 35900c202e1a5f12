"""Rules on models: the shapes that `model_config` has had."""

from __future__ import annotations

from typing import Any

from layerfix.containers.config import MODEL_CLASSES, layer_list, layer_name
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.legacy.packages import plain_class


def is_model(entry: Entry) -> bool:
    """Whether an entry is a model: by its class, or because it has a model's keys (a subclass of Model)."""
    if layer_class(entry) in MODEL_CLASSES:
        return layer_list(entry) is not None
    config = entry.get("config")
    return isinstance(config, dict) and {"layers", "input_layers", "output_layers"} <= config.keys()


def list_config(source: Source, entry: Entry) -> str | None:
    """Keras before 2.2.3 wrote a Sequential's config as a bare list of layers (keras 2.2.2, models.py, get_config)."""
    if not isinstance(entry["config"], list):
        return None
    entry["config"] = {"name": entry.get("name") or "sequential", "layers": entry["config"]}
    return "the bare list of layers became a config with a name"


def model_class(source: Source, entry: Entry) -> str | None:
    """A functional model was called `Model`, `Container` or `Network` before TF 2.3, `Functional` since (tf.keras 2.3, functional.py)."""
    known = layer_class(entry)
    today = "Sequential" if known == "Sequential" else "Functional"
    entry["class_name"] = today
    for place, inner in enumerate(entry["config"]["layers"]):
        nameless = isinstance(inner["config"], list) and not inner.get("name")  # a Sequential inside another, before Keras 2.2.3
        inner["name"] = f"sequential_in_{place}" if nameless else layer_name(inner)
    entry["name"] = entry.get("name") or entry["config"].get("name") or today.lower()
    return None if known == today else f"{known} is called {today} today"


def sequential_input(source: Source, entry: Entry) -> str | None:
    """A Sequential's input shape stood in its first layer (`batch_input_shape`) or in `build_input_shape`; today it is a layer."""
    layers = entry["config"]["layers"]
    if entry["class_name"] != "Sequential" or not layers or layer_class(layers[0]) == "InputLayer":
        return None
    found = first_shape(entry)
    if found is None:
        return None
    shape, dtype, name = found
    config = {"batch_input_shape": shape, "dtype": dtype, "name": name}
    layers.insert(0, {"class_name": "InputLayer", "name": name, "config": config})
    return f"its input shape {tuple(shape)} became an explicit InputLayer"


def first_shape(entry: Entry) -> tuple[list[Any], str, str] | None:
    """(batch shape, dtype, name) of the input that a Sequential's first layer asks for, or None where the file does not say."""
    first = entry["config"]["layers"][0]
    config = first["config"]
    embedding = layer_class(first) == "Embedding"
    name = f"{layer_name(first)}_input"
    if is_model(first):
        return _model_input(first, name)
    for holder in (config, config["layer"].get("config") if isinstance(config.get("layer"), dict) else None):
        shape = (holder.get("batch_input_shape") or holder.get("batch_shape")) if holder else None
        if holder and shape:
            dtype = holder.get("input_dtype") or ("int32" if embedding else plain_dtype(holder.get("dtype")))
            return list(shape), dtype, name
    shape = entry["config"].get("build_input_shape")
    if isinstance(shape, list) and shape and not isinstance(shape[0], list):
        return list(shape), "int32" if embedding else "float32", name
    return None


def _model_input(entry: Entry, name: str) -> tuple[list[Any], str, str] | None:
    """The input of a nested model that leads a Sequential."""
    inner = layer_list(entry) or []
    wanted = None
    config = entry["config"]
    if isinstance(config, dict) and config.get("input_layers"):
        reference = config["input_layers"][0]
        wanted = reference[0] if isinstance(reference, list) else reference
    for layer in inner:
        settings = layer["config"]
        if layer_class(dict(layer)) == "InputLayer" and wanted in (None, layer_name(layer)):
            return list(settings.get("batch_input_shape") or settings.get("batch_shape")), plain_dtype(settings.get("dtype")), name
    return first_shape(entry if isinstance(config, dict) else {"config": {"layers": config}}) if inner else None


def plain_dtype(dtype: object) -> str:
    """The name in a dtype or a dtype policy; "float32" where there is none."""
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name")
    return str(dtype) if dtype else "float32"


def node_indices(source: Source, entry: Entry) -> str | None:
    """Calls of a nested model were counted from 1, call 0 being its own inputs (keras 2.2.4, network.py, get_config, `kept_nodes`).

    Keras 3 counts so in the model's inputs and outputs alone, and there those of functional models
    (keras 3.15, functional.py, `get_config` and `functional_from_config`); Keras 3.0 counts the
    calls of any layer over all models that it is in (keras 3.0.5, functional.py, `serialize_node`).
    """
    if entry["class_name"] != "Functional":
        return None
    config = entry["config"]
    shifted = _ends_from_zero(config) if source.is_keras3 else []
    for layer in config["layers"] if not source.is_keras3 or source.release < (3, 3) else ():
        if not is_model(layer) and not source.is_keras3:
            continue
        calls = len(layer.get("inbound_nodes") or ())
        parts = [one.get("inbound_nodes") for one in config["layers"]] if source.is_keras3 else None
        references = [node for node in _references(config, parts) if node[0] == layer["name"]]
        stated = sorted({node[1] for node in references})
        offset = max(stated, default=0) - (calls - 1)
        if calls and offset > 0:
            for node in references:
                node[1] = stated.index(node[1]) if len(stated) == calls else node[1] - offset
            shifted.append(layer["name"])
    return f"calls of {', '.join(shifted)} are counted from 0" if shifted else None


def _ends_from_zero(config: dict[str, Any]) -> list[str]:
    """Counts the calls of functional models in Keras 3's inputs and outputs from 0; their names."""
    ends = [config.get("input_layers"), config.get("output_layers")]
    nested = {layer["name"] for layer in config["layers"] if "input_layers" in (layer.get("config") or {})}
    found = [node for node in _references(config, ends) if node[0] in nested and node[1] > 0]
    for node in found:
        node[1] -= 1
    return list(dict.fromkeys(node[0] for node in found))


def _references(config: dict[str, Any], parts: Any = None) -> list[list[Any]]:
    """Every [layer, call, tensor, ...] in a functional config, or in parts of it, as the very lists that can be changed."""
    found: list[list[Any]] = []
    names = {layer["name"] for layer in config["layers"]}

    def collect(value: object) -> None:
        if isinstance(value, list):
            if len(value) >= 3 and isinstance(value[0], str) and value[0] in names and all(type(index) is int for index in value[1:3]):
                found.append(value)
                collect(value[3:])
            else:
                for item in value:
                    collect(item)
        elif isinstance(value, dict):
            for item in value.values():
                collect(item)

    whole = [*(layer.get("inbound_nodes") for layer in config["layers"]), config.get("input_layers"), config.get("output_layers")]
    collect(whole if parts is None else parts)
    return found


def layer_names(source: Source, entry: Entry) -> str | None:
    """Names may not hold "/" in Keras 3 (keras 3.0, operation.py); legacy files use it for scopes."""
    config = entry["config"]
    taken = {layer["name"] for layer in config["layers"]}
    renamed: dict[str, str] = {}
    for layer in config["layers"]:
        if "/" not in layer["name"]:
            continue
        new = layer["name"].replace("/", "_")
        while new in taken:
            new += "_"
        taken.add(new)
        renamed[layer["name"]] = new
    for reference in _references(config) if renamed else ():
        reference[0] = renamed.get(reference[0], reference[0])
    for layer in config["layers"]:
        if layer["name"] in renamed:
            layer["legacy_name"] = layer["name"]
            layer["name"] = renamed[layer["name"]]
            if isinstance(layer["config"], dict):
                layer["config"]["name"] = layer["name"]
    if "/" in entry["name"]:
        entry["name"] = entry["name"].replace("/", "_")
    config["name"] = entry["name"]
    return f'"/" in {len(renamed)} layer names became "_"' if renamed else None


def input_layers(source: Source, entry: Entry) -> str | None:
    """`InputLayer` took `batch_input_shape`, `ragged` and a default `dtype`; today `batch_shape` (keras 3.0, input_layer.py)."""
    changed = 0
    for layer in entry["config"]["layers"]:
        if plain_class(layer["class_name"]) != "InputLayer":
            continue
        config = layer["config"]
        if "batch_input_shape" in config:
            config["batch_shape"] = config.pop("batch_input_shape")
            changed += 1
        config.pop("ragged", None)
        config.pop("input_dtype", None)
        config["dtype"] = plain_dtype(config.get("dtype"))
    return f"batch_input_shape of {changed} InputLayer" if changed else None


def training_terms(source: Source, entry: Entry) -> str | None:
    """`add_loss` and `add_metric` are layers in tf.keras files (tensorflow 2.4, base_layer.py, AddLoss, AddMetric). They act in training
    only: they are left out, and so are the functions that nothing else needs.
    """
    config = entry["config"]
    terms = [layer["name"] for layer in config["layers"] if layer_class(layer) in {"AddLoss", "AddMetric"}]
    gone = set(terms)
    while gone:
        config["layers"] = [layer for layer in config["layers"] if layer["name"] not in gone]
        used = {reference[0] for reference in _references(config)}
        gone = {layer["name"] for layer in config["layers"] if layer_class(layer) in _FUNCTIONS} - used
    return f"without {', '.join(terms)}, which acted in training only" if terms else None


_FUNCTIONS = frozenset({"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "Lambda"})


def nested_masks(source: Source, entry: Entry) -> str | None:
    """A nested model's outputs had no mask for the layers behind it in tf.keras of TensorFlow 1.12 and before (2.1.6-tf, base_layer.py,
    `_set_mask_metadata`): its mask was found, but never given to the call.
    """
    if not source.is_tf_keras or not source.masks or source.release >= (2, 2):
        return None
    nested = [layer for layer in entry["config"]["layers"] if is_model(layer)]
    for layer in nested:
        layer["mask_lost"] = True
    return "masks end with a nested model" if nested else None


MODEL_RULES = (model_class, training_terms, sequential_input, node_indices, layer_names, input_layers, nested_masks)
