"""The architecture beside a weights-only file: what `model.to_json()`, `to_yaml()` or `get_config()` gave, each read as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from layerfix.containers.config import layer_list
from layerfix.containers.jsons import MAX_BYTES, decode
from layerfix.containers.scalars import DTYPE, SCALAR, layout, number
from layerfix.disk.files import open_regular
from layerfix.errors import HostileError, ReadError, UsageError

MODEL_CONFIG_KEYS = ("class_name", "config", "module", "registered_name", "build_config", "compile_config")
_HINT = "It should be the text that `model.to_json()` or `model.to_yaml()` wrote, or `model.get_config()` as JSON."
_TUPLE = "tag:yaml.org,2002:python/tuple"
_LIST = "tag:yaml.org,2002:python/object/apply:tensorflow.python.training.tracking.data_structures.ListWrapper"
"""How TF 2.1 wrote a layer's lists, such as the axis of BatchNormalization: the class by name, and in a list the list that it wraps."""
_TEXTS = ("tag:yaml.org,2002:python/unicode", "tag:yaml.org,2002:python/str")
_LONG = "tag:yaml.org,2002:python/long"
"""How Keras on Python 2 wrote text and large whole numbers."""
_MOST, _DEEPEST = 2_000_000, 200
"""Values that an architecture may hold with its aliases followed, and levels of them."""


def read_architecture(path: Path) -> Mapping[str, Any]:
    """The architecture as decoded JSON: {"class_name", "config", "keras_version"?, "backend"?}.

    Raises:
        ReadError: where it cannot be read or is no architecture.
        HostileError: where it asks for Python objects, or unfolds to more than any model.
    """
    try:
        with open_regular(path) as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ReadError(f"cannot be opened ({getattr(error, 'strerror', None) or error}).", where=str(path), hint=_HINT) from error
    if len(raw) > MAX_BYTES:
        raise ReadError("is too large for an architecture.", where=str(path), hint=_HINT)
    stated = _yaml(raw, path) if _is_yaml(raw) else decode(raw, str(path))
    if isinstance(stated, str):  # json.dump(model.to_json()) wraps the text once more
        stated = decode(stated, str(path))
    if isinstance(stated, Mapping) and "modelTopology" in stated:
        raise ReadError("is a TensorFlow.js model with weights of its own.", where=str(path), hint="Migrate it by itself.")
    stated = _of_its_config(stated)
    if not isinstance(stated, Mapping) or layer_list(stated) is None:
        raise ReadError("is readable, but no Keras architecture.", where=str(path), hint=_HINT)
    return stated


def _of_its_config(stated: object) -> Any:
    """The architecture around what `model.get_config()` gave, which many scripts store in its place; anything else as it is.

    A Sequential's was a list of layers in older releases, a mapping in later ones; only a graph names its inputs.
    """
    if isinstance(stated, list):
        return {"class_name": "Sequential", "config": stated}
    if isinstance(stated, Mapping) and "class_name" not in stated and isinstance(stated.get("layers"), list):
        return {"class_name": "Functional" if "input_layers" in stated else "Sequential", "config": stated}
    return stated


def _is_yaml(raw: bytes) -> bool:
    """Whether a text that is no JSON begins like the YAML of a Keras model."""
    head = raw.lstrip()[:1]
    return head not in (b"{", b"[", b'"') and (b"class_name:" in raw[: 1 << 20])


def _yaml(raw: bytes, path: Path) -> Any:
    """YAML read as plain data. Keras wrote tuples, wrapped lists, Python 2's text and numbers of numpy with tags of Python's; any other tag
    of Python's is refused."""
    try:
        import yaml
    except ImportError:
        raise UsageError("is YAML, and PyYAML is not installed.", where=str(path), hint="Install layerfix[yaml].") from None

    class Plain(yaml.SafeLoader):  # type: ignore[misc]
        """PyYAML's safe loader, with tuples as lists and numbers of numpy as numbers."""

    def read(reading: Callable[[Any], Any], construct: Callable[..., Any], node: Any) -> Any:
        try:
            return reading(construct(node, deep=True))
        except (ValueError, LookupError, TypeError) as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error

    Plain.add_constructor(_TUPLE, lambda loader, node: loader.construct_sequence(node, deep=True))
    Plain.add_constructor(_LIST, lambda loader, node: next(iter(loader.construct_sequence(node, deep=True)), []))
    for tag in _TEXTS:
        Plain.add_constructor(tag, lambda loader, node: loader.construct_scalar(node))
    Plain.add_constructor(_LONG, lambda loader, node: loader.construct_yaml_int(node))
    Plain.add_constructor(DTYPE, lambda loader, node: read(layout, loader.construct_mapping, node))
    Plain.add_constructor(SCALAR, lambda loader, node: read(number, loader.construct_sequence, node))
    try:
        value = yaml.load(raw, Loader=Plain)
    except yaml.constructor.ConstructorError as error:
        hint = "The model's JSON (`model.to_json()`) does as well."
        raise HostileError(f"refused: it asks for more than plain data ({_first(error)}).", where=str(path), hint=hint) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ReadError(f"is no valid YAML ({_first(error)}).", where=str(path), hint=_HINT) from error
    left = [_MOST]
    return _unfolded(value, path, left, 0)


def _unfolded(value: object, path: Path, left: list[int], depth: int) -> Any:
    """A copy without shared parts; aliases of aliases grow without end, so what they grow to is counted."""
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST:
        raise HostileError("refused: its aliases unfold to more than any architecture.", where=str(path))
    if isinstance(value, Mapping):
        return {str(key): _unfolded(item, path, left, depth + 1) for key, item in value.items()}
    return [_unfolded(item, path, left, depth + 1) for item in value] if isinstance(value, list) else value


def _first(error: Exception) -> str:
    return " ".join(str(getattr(error, "problem", None) or error).split())[:200]
