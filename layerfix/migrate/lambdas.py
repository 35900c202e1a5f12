"""Lambda layers: where they sit, and a fingerprint of their code. The code is never run, unmarshalled or disassembled."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from layerfix.config import layer_list, layer_name, plain_class
from layerfix.migrate.records import FoundLambda


def find_lambdas(model_config: Mapping[str, Any], given: Collection[str] = (), prefix: str = "") -> Iterator[FoundLambda]:
    """Every Lambda layer of a legacy `model_config`, nested models included.

    Args:
        given: names of functions that the user gives.
    """
    for entry in layer_list(model_config) or ():
        name = layer_name(entry)
        path = f"{prefix}/{name}" if prefix else name
        yield from find_lambdas(entry, given, path)
        inner = entry["config"].get("layer") if isinstance(entry["config"], Mapping) else None
        for candidate in (entry, inner):
            if isinstance(candidate, Mapping) and plain_class(candidate.get("class_name")) == "Lambda":
                yield described(path, name, candidate["config"], given)


def described(path: str, name: str, config: Mapping[str, Any], given: Collection[str]) -> FoundLambda:
    """A Lambda layer's fingerprint, from its config."""
    stated = config.get("function")
    if isinstance(stated, Mapping):
        stated = (stated.get("config") or {}).get("code") if isinstance(stated.get("config"), Mapping) else stated.get("config")
    text = stated[0] if isinstance(stated, list) and stated else stated
    if isinstance(stated, list) or config.get("function_type") == "lambda":
        code = _decoded(str(text))
        return FoundLambda(path, "code", hashlib.sha256(code).hexdigest(), len(code), name in given)
    return FoundLambda(path, "name", hashlib.sha256(str(text).encode()).hexdigest(), len(str(text)), bool({name, str(text)} & set(given)))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return text.encode()
