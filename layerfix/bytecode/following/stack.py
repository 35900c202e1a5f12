"""Instructions that move what is on the stack."""

from __future__ import annotations

from layerfix.bytecode.following.registry import on, peek
from layerfix.bytecode.frame import Follower, Frame
from layerfix.bytecode.instructions import Instruction
from layerfix.bytecode.values import NULL


@on("NOP", "CACHE", "RESUME", "PRECALL", "COPY_FREE_VARS", "TO_BOOL", "NOT_TAKEN")
def nothing(machine: Follower, frame: Frame, item: Instruction) -> None:
    """COPY_FREE_VARS is done where the frame is made."""


@on("POP_TOP", "END_FOR")
def drop(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.pop()


@on("PUSH_NULL")
def null(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(NULL)


@on("ROT_TWO", "ROT_THREE", "ROT_FOUR", "ROT_N")
def rotate(machine: Follower, frame: Frame, item: Instruction) -> None:
    count = {"ROT_TWO": 2, "ROT_THREE": 3, "ROT_FOUR": 4}.get(item.name, item.argument)
    *below, top = frame.pop_many(count)
    frame.stack += [top, *below]


@on("DUP_TOP", "DUP_TOP_TWO", "COPY")
def duplicate(machine: Follower, frame: Frame, item: Instruction) -> None:
    if item.name == "COPY":
        frame.push(peek(frame, item.argument))
        return
    taken = frame.pop_many(2 if item.name == "DUP_TOP_TWO" else 1)
    frame.stack += taken + taken


@on("SWAP")
def swap(machine: Follower, frame: Frame, item: Instruction) -> None:
    other = peek(frame, item.argument)
    frame.stack[-item.argument], frame.stack[-1] = frame.stack[-1], other


@on("LOAD_CONST")
def constant(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(frame.constant(item.argument))
