"""Lambda layers: where they sit, a fingerprint of their code, and the code itself as bytes. It is never run or unmarshalled."""

from __future__ import annotations

import base64
import binascii
import hashlib
import keyword
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.dialects.records import FoundLambda
from layerfix.legacy.packages import plain_class


def find_lambdas(model_config: Mapping[str, object], given: Collection[str] = (), prefix: str = "") -> Iterator[FoundLambda]:
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


def described(path: str, name: str, config: Mapping[str, object], given: Collection[str]) -> FoundLambda:
    """A Lambda layer's fingerprint, from its config."""
    stated = _stated(config)
    text = stated[0] if isinstance(stated, list) and stated else stated
    known = bool({name, python_name(name), str(text), own_name(config)} & set(given))
    if isinstance(stated, list) or config.get("function_type") == "lambda" or stated_function(config)[0] is not None:
        code = decoded_code(str(text))
        return FoundLambda(path, "code", hashlib.sha256(code).hexdigest(), len(code), known)
    return FoundLambda(path, "name", hashlib.sha256(str(text).encode()).hexdigest(), len(str(text)), known)


MODULES = frozenset({"keras", "math", "np", "ops", "random"})
"""What a file of functions for Lambdas imports."""


def python_name(name: str) -> str:
    """A layer's name as a function can have it: tf.keras calls the first Lambda "lambda", which Python keeps for itself; "lambda_" then.

    The modules that a file of such functions imports keep their names too.
    """
    plain = re.sub(r"\W", "_", name)
    plain = plain if plain.isidentifier() else f"_{plain}"
    return f"{plain}_" if keyword.iskeyword(plain) or plain in MODULES else plain


_NAMED = re.compile(rb"(?:\.py|>)(?:[\xda\xfaZz](.)|[tsu\xf4\xf3\xf5](.)\0\0\0)([A-Za-z_][A-Za-z0-9_]*)", re.DOTALL)
"""In code that `marshal` wrote, the name of its file and, with its length before it, the function's own name."""


def own_name(config: Mapping[str, Any]) -> str | None:
    """The name that a Lambda's function had in the user's source, where its code shows one; only searched for, the code stays closed.

    Keras stores functions made with `def` as code too, so the config alone names none (keras 2.2.4, layers/core.py, Lambda.get_config).
    """
    stated = _stated(config)
    if isinstance(stated, str) and isinstance(config.get("function"), Mapping) and config["function"].get("class_name") == "function":
        return stated
    if not isinstance(stated, list) or not stated or not isinstance(stated[0], str):
        return None
    names = [
        match[3][:length].decode()
        for match in _NAMED.finditer(decoded_code(stated[0]))
        for length in [(match[1] or match[2])[0]]
        if length <= len(match[3])
    ]
    return names[-1] if names else None


def _stated(config: Mapping[str, object]) -> Any:
    """What a config gives as the function: its name, or a list that begins with its code."""
    stated = config.get("function")
    if isinstance(stated, Mapping):
        inner = stated.get("config")
        return inner.get("code") if isinstance(inner, Mapping) else inner
    return stated


def stated_function(config: Mapping[str, object]) -> tuple[str | None, list[Any] | None, list[Any] | None]:
    """(code, defaults, closure) as a config states them; code is None where it names a function alone.

    Keras 2 writes a list, SavedModels {"class_name": "__tuple__", "items": [...]}, Keras 3 {"class_name": "__lambda__", "config": {...}}.
    """
    stated = config.get("function")
    if isinstance(stated, Mapping) and stated.get("class_name") == "__tuple__":
        stated = stated.get("items")
    if isinstance(stated, Mapping):
        inner = stated.get("config")
        if stated.get("class_name") != "__lambda__" or not isinstance(inner, Mapping):
            return None, None, None
        stated = [inner.get("code"), inner.get("defaults"), inner.get("closure")]
    if not isinstance(stated, list) or not stated or not isinstance(stated[0], str):
        code = stated if isinstance(stated, str) and config.get("function_type") == "lambda" else None
        return code, None, None
    defaults, closure = ([_plain(item) for item in part] if isinstance(part, list) else None for part in (*stated[1:3], None, None)[:2])
    return stated[0], defaults, closure


def _plain(value: object) -> Any:
    """A value as Keras gives it back: arrays and tuples as lists."""
    if isinstance(value, Mapping) and value.get("class_name") in {"__tuple__", "__numpy__"}:
        inner = value.get("items", value.get("config"))
        return _plain(inner.get("value") if isinstance(inner, Mapping) else inner)
    if isinstance(value, Mapping) and value.get("type") == "ndarray":
        return value.get("value")
    return [_plain(item) for item in value] if isinstance(value, list) else value


def decoded_code(text: str) -> bytes:
    """The bytes of code: base64 since Keras 2.1, before that text whose characters are the bytes (keras 2.0.9, generic_utils.py)."""
    if not re.fullmatch(r"[A-Za-z0-9+/=\s]*", text):
        return text.encode("raw_unicode_escape")
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return text.encode()
