"""What each Lambda layer of a config computes, read from its bytecode; nothing is run."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from layerfix.bytecode.errors import Inconsistent
from layerfix.containers.config import layer_list, layer_name
from layerfix.dialects.lambdas import decoded_code, stated_function
from layerfix.legacy.packages import plain_class
from layerfix.legacy.versions import Numbers, release
from layerfix.model import Expression, Unread

if TYPE_CHECKING:
    from layerfix.bytecode.reading import Reading, Readings

MOST = 500
"""Lambda layers of one file that are read."""
_SINCE: Mapping[str, Numbers] = {"K.ctc_decode": (2, 5, 0)}
"""Functions that releases before these computed otherwise: this one gave as many columns as the longest label has (tf.keras 2.1,
backend.py); of 2.4.0, which two releases of TensorFlow say, that is not known."""
_WRAPPED = ("layer", "backward_layer")


def lambda_entries(model_config: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any], int | None]]:
    """Every Lambda layer: its path, its entry, and how many tensors it is called with (None for one alone)."""
    for entry in layer_list(model_config) or ():
        path = f"{prefix}/{layer_name(entry)}" if prefix else layer_name(entry)
        yield from lambda_entries(entry, path)
        if plain_class(entry.get("class_name")) == "Lambda":
            yield path, entry, _inputs(entry.get("inbound_nodes"))
        inner = entry.get("config")
        for key in _WRAPPED:
            wrapped = inner.get(key) if isinstance(inner, Mapping) else None
            if isinstance(wrapped, Mapping) and plain_class(wrapped.get("class_name")) == "Lambda":
                yield path, wrapped, None


def _inputs(nodes: object) -> int | None:
    """From a layer's first call; Keras 3 states it as {"args": [tensor or list of tensors], ...}."""
    first = nodes[0] if isinstance(nodes, list) and nodes else None
    if isinstance(first, Mapping):
        given = first.get("args") or [None]
        return len(given[0]) if isinstance(given[0], list) else None
    if isinstance(first, list) and first and isinstance(first[0], list) and len(first) > 1:
        return len(first)
    return None


def read_lambdas(model_config: Mapping[str, object]) -> dict[str, Reading | str]:
    """By path of each Lambda layer whose code the file holds: what it computes, or why its bytes are no code at all."""
    found: dict[str, Reading | str] = {}
    for path, entry, inputs in lambda_entries(model_config):
        code, defaults, closure = stated_function(entry.get("config") or {})
        if code is None or len(found) >= MOST:
            continue
        arguments = entry["config"].get("arguments") or {}
        try:
            found[path] = _read(
                code,
                defaults=defaults,
                closure=closure,
                inputs=inputs,
                arguments=arguments if isinstance(arguments, Mapping) else {},
            )
        except Inconsistent as error:
            found[path] = str(error)
    return found


def _read(code: str, **called: Any) -> Reading:
    from layerfix.bytecode.reading import read_function  # a machine that few files need

    return read_function(decoded_code(code), **called)


def beyond_arithmetic(config: Mapping[str, object]) -> tuple[str, ...]:
    """What the code of a Lambda layer names that no arithmetic needs: files, processes, imports, `eval`; sorted."""
    code, _, _ = stated_function(config)
    if code is None:
        return ()
    try:
        return _read(code).unsafe
    except Inconsistent:
        return ()


def with_expressions(
    model_config: Mapping[str, object], readings: Readings, generation: int | None, keras_version: str | None = None
) -> Mapping[str, Any]:
    """A copy of a config in which each Lambda layer states its `expression`, or why there is none, as a record that no file can hold.

    Args:
        model_config: as the file holds it.
        readings: of its Lambda layers.
        generation: of TensorFlow, 1 or 2, or None where the file does not tell.
        keras_version: as the file says.
    """
    changed = copy.deepcopy(dict(model_config))
    for path, entry, _ in lambda_entries(changed):
        reading = readings.get(path)
        if reading is None or not isinstance(entry, dict):
            continue
        if isinstance(reading, str) or reading.expression is None:
            entry["expression"] = Unread(reading if isinstance(reading, str) else reading.problem)
        elif older := _changed_since(reading.expression, keras_version):
            entry["expression"] = Unread(older)
        else:
            entry["expression"] = Expression(reading.expression, generation)
    return changed


def _changed_since(table: Any, keras_version: str | None) -> str:
    """Why a function that an expression calls is not known for the release that wrote it; empty where all are."""
    stated = release(keras_version)
    called = {str(rest[0]) for kind, *rest in table[:-1] if kind == "call"}
    for name, since in _SINCE.items():
        if name in called and (stated is None or stated.numbers < since):
            known = ".".join(map(str, since[:2]))
            return f"it calls {name}, which is known as Keras {known} and later compute it (this file: {keras_version})"
    return ""


def tensorflow_generation(keras_version: str | None, tensorflow1: bool | None) -> int | None:
    """Which TensorFlow a file's functions are of: 1, 2, or None where both wrote that version.

    Multi-backend Keras before 2.3 ran on TensorFlow 1 alone; tf.keras "2.2.4-tf" was in TensorFlow 1.13 to 2.1, and their
    initializers differ.
    """
    version = keras_version or ""
    release = tuple(int(part) for part in version.split("-")[0].split(".")[:2] if part.isdigit())
    if not release:
        return None
    if release < (2, 2) or (release == (2, 2) and not version.endswith("-tf")):
        return 1
    if release == (2, 2):
        return None if tensorflow1 is None else 1 if tensorflow1 else 2
    return 2 if version.endswith("-tf") or release >= (2, 4) else None
