"""A file that today's Keras opens as it is: whether it does, and whether it then predicts the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from layerfix.containers.records import Checkpoint
from layerfix.graph.feeding import made_inputs
from layerfix.legacy.versions import release
from layerfix.predictions import agree, difference


def told_as_it_is(checkpoint: Checkpoint, migrated: keras.Model, predict: Any) -> tuple[str, ...]:
    """One sentence for a `.keras` file of Keras 3 that today's Keras loads by itself; none for others.

    Only a file whose every object is of Keras' own modules is given to Keras' loader, which imports what a file names.

    Args:
        checkpoint: the source.
        migrated: the model as loaded from the written file.
        predict: outputs of a model for inputs, as lists of arrays.
    """
    stated = release(checkpoint.keras_version)
    is_keras3 = stated is not None and stated.family == "keras3"
    if not is_keras3 or checkpoint.path.suffix != ".keras" or not all(map(_is_keras_own, _objects(checkpoint.config))):
        return ()
    try:
        opened = keras.saving.load_model(checkpoint.path, compile=False, safe_mode=True)
        inputs = made_inputs(migrated)
        found, expected = predict(opened, inputs), predict(migrated, inputs)
    except Exception:  # whatever keeps Keras from it, the file was brought over without
        return ()
    if agree(found, expected):
        return ("Today's Keras opens the old file as it is, and predicts the same.",)
    return (f"Today's Keras opens the old file as it is, and predicts something else: by {difference(found, expected):.1e} of its scale.",)


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    """Everything in a config that names a class."""
    if isinstance(value, Mapping):
        if "class_name" in value or "module" in value:
            yield value
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _objects(item)


def _is_keras_own(item: Mapping[str, object]) -> bool:
    module = item.get("module")
    own = module is None or (isinstance(module, str) and module.split(".")[0] in ("keras", "builtins"))
    named = item.get("registered_name") in (None, item.get("class_name"))
    return own and named and item.get("class_name") not in ("__lambda__", "Lambda", "function")
