"""Numbers of numpy in YAML, read as what they are: Keras wrote a setting such as `np.float32(0.9)` by the function that unpickles it."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

DTYPE = "tag:yaml.org,2002:python/object/apply:numpy.dtype"
SCALAR = "tag:yaml.org,2002:python/object/apply:numpy.core.multiarray.scalar"
_FORMATS = {
    "b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f2": "e", "f4": "f", "f8": "d",
}  # fmt: skip
"""Of `struct`, by the codes of numpy."""


def layout(stated: Mapping[str, Any]) -> str:
    """The format of a dtype, stated as {"args": [code, ...], "state": [version, byte order, ...]} (numpy, `dtype.__reduce__`).

    Raises:
        ValueError: for one that is no plain number's.
    """
    code, state = stated["args"][0], stated.get("state")
    order = state[1] if isinstance(state, Sequence) and len(state) > 1 else "|"
    if code not in _FORMATS or order not in ("<", ">", "|", "="):
        raise ValueError(f"numbers of the dtype {code!r}")
    return f"{order if order in '<>' else '='}{_FORMATS[code]}"


def number(stated: Sequence[Any]) -> int | float | bool:
    """The value of [format, bytes].

    Raises:
        ValueError: where the bytes are not one number's.
    """
    try:
        value: int | float | bool = struct.unpack(stated[0], stated[1])[0]
    except (struct.error, TypeError, IndexError) as error:
        raise ValueError(f"bytes that are no number ({error})") from error
    return value
