"""JSON from files of strangers: depth is checked before `json.loads` sees it."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

from layerfix.errors import HostileError, ReadError

MAX_DEPTH = 200
MAX_BYTES = 256 << 20
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
"""Fits at every quote, whatever follows: a pattern that could fail would be tried again at each quote behind."""
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def decode(data: bytes | str, place: str) -> Any:
    """The value of a JSON text.

    Args:
        data: the text, UTF-8.
        place: what it is, for messages: "old.h5: model_config".

    Raises:
        HostileError: where it nests deeper than 200 levels or is larger than 256 MiB.
        ReadError: where it is no JSON.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > MAX_BYTES:
        raise HostileError(f"its JSON is {len(raw)} bytes long; at most {MAX_BYTES} are read.", where=place)
    deepest = depth(raw)
    if deepest > MAX_DEPTH:
        raise HostileError(f"its JSON is nested {deepest} levels deep; at most {MAX_DEPTH} are read.", where=place)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ReadError(f"is no valid JSON ({error}).", where=place) from error


def depth(raw: bytes) -> int:
    """The deepest nesting of brackets outside of strings, without parsing."""
    brackets = _STRINGS.sub(b"", raw).translate(None, _NO_BRACKETS)
    return max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0)
