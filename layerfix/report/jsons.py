"""JSON that every parser takes: no NaN, no numpy, ASCII only, so that no name in it can steer anything."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any


def dumps(value: object, *, indent: int | None = 2) -> str:
    """JSON text; one line where `indent` is None."""
    return json.dumps(plain(value), indent=indent, ensure_ascii=True, allow_nan=False)


def plain(value: object) -> Any:
    """Records, mappings, numpy scalars and arrays, paths and sets as plain JSON values; NaN and infinities as their names.

    Names that are no Unicode (lone surrogates) keep their code as a visible escape, since strict parsers refuse them.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value) if not field.name.startswith("_")}
    if isinstance(value, Mapping):
        return {str(plain(str(key))): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (str, Path, bytes)):
        return _text(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return plain(value.tolist()) if hasattr(value, "tolist") else _text(str(value))


def _text(value: str | Path | bytes) -> str:
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
