"""The model that the user's own code makes, and its layers with weights. Only source that the user gives is run."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
from keras.src.saving import saving_lib
from numpy.typing import NDArray

from layerfix.dialects.keras2.settings import legacy_hard_sigmoid
from layerfix.errors import LayersError, UsageError
from layerfix.graph.shim.loader import load_layers
from layerfix.legacy.names import auto_name
from layerfix.matching.records import Leaf, outside_cells

Array = NDArray[Any]
SIDE, STEPS = 64, 16
"""Sizes of open dimensions in an input that is made up."""


@contextmanager
def legacy_defaults(version: str | None) -> Iterator[None]:
    """While it lasts, recurrent layers of today's Keras have the defaults of a legacy release.

    Multi-backend Keras before 2.3, and tf.keras in TensorFlow 1, had the recurrent activation hard_sigmoid (keras 2.2.4, recurrent.py), as
    ConvLSTM2D had everywhere; GRU had reset_after=False before TensorFlow 2.
    """
    changes = _changed_defaults(version)
    kept = {cls: cls.__init__.__defaults__ for cls in changes}
    try:
        for cls, new in changes.items():
            names = list(inspect.signature(cls.__init__).parameters)
            defaults = list(cls.__init__.__defaults__)
            for name, value in new.items():
                defaults[names.index(name) - (names.index("kwargs") if "kwargs" in names else len(names))] = value
            cls.__init__.__defaults__ = tuple(defaults)
        yield
    finally:
        for cls, defaults in kept.items():
            cls.__init__.__defaults__ = defaults


def _changed_defaults(version: str | None) -> dict[Any, dict[str, Any]]:
    if version is None or version.startswith("3"):
        return {}
    release = tuple(int(part) for part in version.split("-")[0].split(".")[:2] if part.isdigit())
    old = legacy_hard_sigmoid()
    changed: dict[Any, dict[str, Any]] = {keras.layers.ConvLSTM2D: {"recurrent_activation": old}}
    if release < (2, 2) or (release == (2, 2) and not version.endswith("-tf")):
        changed |= {keras.layers.LSTM: {"recurrent_activation": old}, keras.layers.GRU: {"recurrent_activation": old, "reset_after": False}}
    elif release == (2, 3) and not version.endswith("-tf"):
        changed |= {keras.layers.GRU: {"reset_after": False}}
    return changed


def automatic_stems() -> frozenset[str]:
    """Stems of the names that Keras gives by itself."""
    classes = [name for name in dir(keras.layers) if isinstance(getattr(keras.layers, name), type)]
    return frozenset(map(auto_name, classes)) | {"cell", "query", "key", "value", "attention_output", "model", "functional"}


def uncertain_defaults(model: Any, version: str | None, kind: str) -> str:
    """What in a model depends on a release that the file does not tell, as one sentence; "" for nothing.

    "2.2.4-tf" is TensorFlow 1.13 to 2.1, whose recurrent layers had different defaults; `hard_sigmoid` was another function before Keras 3.
    """
    classes = {type(layer).__name__ for layer in model._flatten_layers()}
    recurrent = sorted(classes & {"LSTM", "GRU", "ConvLSTM2D", "LSTMCell", "GRUCell"})
    open_release = ((version or "").startswith("2.2") and (version or "").endswith("-tf")) or (version is None and kind == "npz")
    if recurrent and open_release:
        return f"{', '.join(recurrent)} had other defaults in older releases, and the file does not tell which release wrote it"
    legacy = version is not None and not version.startswith("3")
    if legacy and any(getattr(layer, "activation", None) is keras.activations.hard_sigmoid for layer in model._flatten_layers()):
        return "hard_sigmoid is another function in Keras 3 than in the release that wrote the weights"
    return ""


def split_spec(spec: str) -> tuple[Path, str]:
    """ "build.py:make_model" as file and name.

    Raises:
        UsageError: where it has no name.
    """
    file, colon, name = spec.rpartition(":")
    if not colon or not name.isidentifier():
        raise UsageError(f"{spec!r} names no function or class.", hint="Write it as --model build.py:make_model.")
    return Path(file), name


def made_model(spec: str, layers: Sequence[Path], version: str | None) -> tuple[Any, dict[str, Any]]:
    """What the user's function or class gives, and all classes and functions of the sources.

    The source gets today's Keras, with the defaults of the release that wrote the weights; where it does not run so, legacy Keras' names.

    Args:
        spec: "build.py:make_model".
        layers: further sources.
        version: of the Keras that wrote the weights, or None.

    Raises:
        LayersError: where the file has no such name, it needs arguments, or what it gives is no model.
    """
    try:
        with legacy_defaults(version):
            return _made(spec, layers, plain=True)
    except LayersError as error:
        try:
            return _made(spec, layers, plain=False)
        except LayersError:
            raise error from None


def _made(spec: str, layers: Sequence[Path], *, plain: bool) -> tuple[Any, dict[str, Any]]:
    file, name = split_spec(spec)
    found = load_layers([*layers, file], plain=plain)
    if name not in found:
        raise LayersError(f"defines no function or class {name!r}.", where=str(file), hint=f"It has: {', '.join(sorted(found)) or 'none'}.")
    needed = [p.name for p in inspect.signature(found[name]).parameters.values() if p.default is p.empty and p.kind < 2]
    if needed:
        hint = "Write a function without arguments that calls it, and name that."
        raise LayersError(f"{name} cannot be called without {', '.join(needed)}.", where=str(file), hint=hint)
    try:
        model = found[name]()
    except Exception as error:  # the user's code raises anything
        reason = " ".join(str(error).split())[:300]
        raise LayersError(f"{name}() fails: {type(error).__name__}: {reason}", where=str(file)) from error
    if not isinstance(model, keras.Model):
        raise LayersError(f"{name}() gives a {type(model).__name__}, which is no Keras model.", where=str(file))
    return model, found


Spec = tuple[tuple[int | None, ...], str]
"""Shape and dtype of an input."""


def built(model: Any, inputs: Sequence[Array] | None, shapes: Sequence[tuple[int, ...]], stored: Sequence[tuple[int, ...]]) -> list[Spec]:
    """Builds a model by calling it: on what the user states, or on inputs such as the first stored weights can take.

    Args:
        inputs: the user's, or None.
        shapes: of inputs without their batch, as the user states them, or ().
        stored: shapes of the stored tensors in order.

    Returns:
        What the model takes.

    Raises:
        LayersError: where nothing that was tried builds it.
    """
    if model.built and model.weights and getattr(model, "inputs", None):
        return [(tuple(tensor.shape), str(tensor.dtype)) for tensor in model.inputs]
    failure = "nothing tells the shape of its input"
    for specs in _candidates(inputs, shapes, stored):
        tensors = [keras.KerasTensor(shape, dtype) for shape, dtype in specs]
        try:
            model(tensors[0] if len(tensors) == 1 else tensors, training=False)
        except Exception as error:
            failure = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            continue
        if model.weights:
            return list(specs)
    raise LayersError(
        f"the model that your code makes could not be built: {failure}.",
        hint="State the shape of its input with --input-shape, or give recorded inputs with --samples.",
    )


def _candidates(
    inputs: Sequence[Array] | None, shapes: Sequence[tuple[int, ...]], stored: Sequence[tuple[int, ...]]
) -> Iterator[tuple[Spec, ...]]:
    if inputs is not None:
        yield tuple(((None, *array.shape[1:]), str(array.dtype)) for array in inputs)
    elif shapes:
        yield tuple(((None, *shape), "float32") for shape in shapes)
    else:
        yield from ((spec,) for shape in dict.fromkeys(stored[:8]) for spec in _taken_by(shape))


def _taken_by(kernel: tuple[int, ...]) -> Iterator[Spec]:
    """Inputs that a first layer with such a kernel could take: Dense, a recurrent layer, an Embedding; convolutions by their rank."""
    if len(kernel) == 2:
        yield (None, kernel[0]), "float32"
        yield (None, STEPS, kernel[0]), "float32"
        yield (None, STEPS), "int32"
    elif 3 <= len(kernel) <= 5:
        side = {3: STEPS * 4, 4: SIDE, 5: SIDE // 4}[len(kernel)]
        yield (None, *[side] * (len(kernel) - 2), kernel[-2]), "float32"


class _Places(saving_lib.H5IOStore):  # type: ignore[misc]
    """Notes where Keras would store each layer's variables."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}

    def __bool__(self) -> bool:
        return True

    def make(self, path: str, metadata: Any = None) -> dict[str, Any]:
        return self.made.setdefault(path, {})


def live_leaves(model: Any) -> tuple[list[Leaf], dict[str, Any]]:
    """Layers of a built model with weights of their own, in the model's order, and each variable by its key in them."""
    places = _stored_places(model)
    attributes = dict(_attributes(model))
    leaves: list[Leaf] = []
    variables: dict[str, Any] = {}
    seen: set[int] = set()
    for layer in _ordered(model):
        own = [v for v in (*layer._trainable_variables, *layer._non_trainable_variables) if id(v) not in seen]
        if not own:
            continue
        seen |= {id(variable) for variable in own}
        place = frozenset(name for name in (*places.get(id(own[0]), ()), *attributes.get(id(layer), ())) if name)
        keys = tuple(f"{len(leaves)}/{position}" for position in range(len(own)))
        variables |= dict(zip(keys, own, strict=True))
        path = outside_cells(tuple(str(own[0].path).split("/")[:-1])) or (layer.name,)
        leaves.append(Leaf(path, tuple(v.name for v in own), tuple(tuple(v.shape) for v in own), place, len(leaves), keys))
    return leaves, variables


def _ordered(layer: Any) -> Iterator[Any]:
    """A layer and those within it, in the order in which its author made them known to it."""
    yield layer
    for inner in layer._layers:
        yield from _ordered(inner)


def _stored_places(model: Any) -> Mapping[int, list[str]]:
    """By first variable: the path at which Keras 3 stores its layer ("layers/dense_1")."""
    places = _Places()
    saving_lib._save_state(model, weights_store=places, assets_store=None, inner_path="", visited_saveables=set())
    found: dict[int, list[str]] = {}
    for path, variables in places.made.items():
        first = next(iter(variables.values()), None)
        if first is not None and not path.startswith("optimizer"):
            found.setdefault(id(first), []).append(path)
    return found


def _attributes(model: Any) -> Iterator[tuple[int, list[str]]]:
    """Attribute paths of layers as object-based checkpoints of TensorFlow name them ("blocks/0", "layer_with_weights-1")."""
    found: dict[int, list[str]] = {}
    stack: list[tuple[str, Any, int]] = [("", model, 0)]
    seen: set[int] = set()
    while stack:
        path, value, depth = stack.pop(0)
        if isinstance(value, keras.layers.Layer):
            found.setdefault(id(value), []).append(path)
        if id(value) in seen or depth > 12:
            continue
        seen.add(id(value))
        stack += [(f"{path}/{name}".lstrip("/"), part, depth + 1) for name, part in _held(value)]
    yield from found.items()


def is_graph(model: Any) -> bool:
    """Whether a model is one of layers that were called on each other, and no class of the user's with a `call` of its own."""
    return isinstance(model, (keras.Sequential, keras.src.models.functional.Functional))


_HIDDEN = frozenset({"_layers", "_metrics", "_tracker", "_loss_tracker", "_functional"})
"""Attributes of Keras' own that hold what other attributes hold too."""


def _held(value: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, by the names that checkpoints have for it."""
    if is_graph(value):
        weighty = [layer for layer in value.layers if layer.weights]
        yield from ((f"layer_with_weights-{number}", layer) for number, layer in enumerate(weighty))
    elif isinstance(value, keras.layers.Layer):
        kinds = (keras.layers.Layer, list, tuple, dict)
        yield from ((name, part) for name, part in vars(value).items() if name not in _HIDDEN and isinstance(part, kinds))
    elif isinstance(value, (list, tuple)):
        yield from ((str(number), part) for number, part in enumerate(value))
    elif isinstance(value, dict):
        yield from ((str(name), part) for name, part in value.items())
