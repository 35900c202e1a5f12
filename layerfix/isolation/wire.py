"""Messages between a parent and its children: JSON behind four bytes of length.

Never pickle: a child that read a hostile file is not trusted.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

LONGEST = 64 << 20


def send(stream: BinaryIO, message: object) -> None:
    """Writes one message."""
    payload = json.dumps(message).encode("ascii")
    stream.write(struct.pack("<I", len(payload)) + payload)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Reads one message.

    Raises:
        EOFError: where the other side is gone.
        ValueError: for what is no message.
    """
    (size,) = struct.unpack("<I", _exactly(stream, 4))
    if size > LONGEST:
        raise ValueError(f"a message of {size} bytes")
    return json.loads(_exactly(stream, size))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = b""
    while len(data) < size:
        block = stream.read(size - len(data))
        if not block:
            raise EOFError
        data += block
    return data
