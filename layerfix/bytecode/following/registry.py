"""What follows an instruction, by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerfix.bytecode.errors import Inconsistent, Unreadable
from layerfix.bytecode.frame import Follower, Frame
from layerfix.bytecode.instructions import Instruction

Handler = Callable[[Follower, Frame, Instruction], Any]
"""Gives None, or where a branch depends on what only a call tells: (value, whether true jumps, whether the value stays)."""
_HANDLERS: dict[str, Handler] = {}


def handler(name: str) -> Handler:
    """What follows an instruction.

    Raises:
        Unreadable: where that kind is not followed.
    """
    if name not in _HANDLERS:
        raise Unreadable(f"the instruction {name} is not followed")
    return _HANDLERS[name]


def on(*names: str) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        _HANDLERS.update(dict.fromkeys(names, function))
        return function

    return register


def peek(frame: Frame, depth: int) -> Any:
    """What stands so deep in the stack, 1 for the top."""
    if not 1 <= depth <= len(frame.stack):
        raise Inconsistent("an instruction takes more than there is")
    return frame.stack[-depth]
