"""The model that the user's own code makes. Only source that the user gives is run."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from layerfix.arrays import Array
from layerfix.dialects.keras2.settings import legacy_hard_sigmoid
from layerfix.errors import LayersError, UsageError, reason
from layerfix.graph.shim.loader import load_layers
from layerfix.legacy.names import auto_name
from layerfix.legacy.recurrent import CLASSES, recurrent_defaults

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
    """By class, the defaults of a release; "2.2.4-tf" is taken for the one of TensorFlow 2 here, and `uncertain_defaults` says so."""
    if version is None:
        return {}
    recurrent, old = recurrent_defaults(version, tensorflow1=False), legacy_hard_sigmoid()
    classes = {name: getattr(keras.layers, name) for name in CLASSES if hasattr(keras.layers, name)}
    return {
        cls: {argument: old if value == "hard_sigmoid" else value for argument, value in recurrent.of(name).items()}
        for name, cls in classes.items()
    }


def automatic_stems() -> frozenset[str]:
    """Stems of the names that Keras gives by itself."""
    classes = [name for name in dir(keras.layers) if isinstance(getattr(keras.layers, name), type)]
    return frozenset(map(auto_name, classes)) | {"cell", "query", "key", "value", "attention_output", "model", "functional"}


def uncertain_defaults(model: keras.Model, version: str | None, kind: str) -> str:
    """What in a model depends on a release that the file does not tell, as one sentence; "" for nothing.

    "2.2.4-tf" is TensorFlow 1.13 to 2.1, whose recurrent layers had different defaults; `hard_sigmoid` was another function before Keras 3.
    """
    classes = {type(layer).__name__ for layer in model._flatten_layers()}
    recurrent = sorted(classes & CLASSES)
    open_release = ((version or "").startswith("2.2") and (version or "").endswith("-tf")) or (version is None and kind == "npz")
    if recurrent and open_release:
        return f"{', '.join(recurrent)} had other defaults in older releases, and the file does not tell which release wrote it"
    legacy = version is not None and not version.startswith("3")
    used = {id(getattr(layer, key, None)) for layer in model._flatten_layers() for key in ("activation", "recurrent_activation")}
    if legacy and id(keras.activations.hard_sigmoid) in used:
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
            return _made(spec, load_layers([*layers, split_spec(spec)[0]], plain=True))
    except LayersError as error:
        try:
            recurrent = recurrent_defaults(version, tensorflow1=False)
            return _made(spec, load_layers([*layers, split_spec(spec)[0]], recurrent=recurrent))
        except LayersError:
            raise error from None


def _made(spec: str, found: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    file, name = split_spec(spec)
    if name not in found:
        raise LayersError(f"defines no function or class {name!r}.", where=str(file), hint=f"It has: {', '.join(sorted(found)) or 'none'}.")
    needed = [p.name for p in inspect.signature(found[name]).parameters.values() if p.default is p.empty and p.kind < 2]
    if needed:
        hint = "Write a function without arguments that calls it, and name that."
        raise LayersError(f"{name} cannot be called without {', '.join(needed)}.", where=str(file), hint=hint)
    try:
        model = found[name]()
    except Exception as error:  # the user's code raises anything
        raise LayersError(f"{name}() fails: {reason(error)}", where=str(file)) from error
    if not isinstance(model, keras.Model):
        raise LayersError(f"{name}() gives a {type(model).__name__}, which is no Keras model.", where=str(file))
    return model, found


Spec = tuple[tuple[int | None, ...], str]
"""Shape and dtype of an input."""


def built(
    model: keras.Model, inputs: Sequence[Array] | None, shapes: Sequence[tuple[int, ...]], stored: Sequence[tuple[int, ...]]
) -> list[Spec]:
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
            failure = reason(error).removesuffix(".")
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
