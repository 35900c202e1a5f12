"""Loops and branches."""

from __future__ import annotations

from typing import Any

from layerfix.bytecode.arithmetic import truth, usable
from layerfix.bytecode.calls import items
from layerfix.bytecode.errors import Inconsistent
from layerfix.bytecode.following.registry import Handler, on, peek
from layerfix.bytecode.frame import Follower, Frame
from layerfix.bytecode.instructions import Instruction
from layerfix.bytecode.values import Loop


@on("GET_ITER")
def iterate(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(Loop(items(frame.pop())))


@on("FOR_ITER")
def advance(machine: Follower, frame: Frame, item: Instruction) -> None:
    loop = peek(frame, 1)
    if not isinstance(loop, Loop):
        raise Inconsistent("a loop goes over what is no iterator")
    for value in loop:
        frame.push(value)
        return
    frame.pop()
    frame.jump(item.target)
    if frame.release >= (3, 12):  # past END_FOR, and 3.13's POP_TOP behind it (ceval.c)
        frame.at += 2 if frame.release >= (3, 13) else 1


@on("SETUP_LOOP")
def loop_begins(machine: Follower, frame: Frame, item: Instruction) -> None:
    if item.target is None:
        raise Inconsistent("a loop has no end")
    frame.blocks.append((item.target, len(frame.stack)))


@on("POP_BLOCK")
def loop_ends(machine: Follower, frame: Frame, item: Instruction) -> None:
    if not frame.blocks:
        raise Inconsistent("a block ends that never began")
    frame.blocks.pop()


@on("BREAK_LOOP")
def loop_breaks(machine: Follower, frame: Frame, item: Instruction) -> None:
    if not frame.blocks:
        raise Inconsistent("a block ends that never began")
    target, height = frame.blocks.pop()
    del frame.stack[height:]
    frame.jump(target)


@on("JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "CONTINUE_LOOP")
def jump(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.jump(item.target)


def _branch(when: bool) -> Handler:
    def branch(machine: Follower, frame: Frame, item: Instruction) -> Any:
        value = frame.pop()
        known = truth(value)
        if known is None:
            return value, when, False
        if known is when:
            frame.jump(item.target)
        return None

    return branch


def _keeping_branch(when: bool) -> Handler:
    """`and` and `or`: a branch that keeps the value where it jumps."""

    def branch(machine: Follower, frame: Frame, item: Instruction) -> Any:
        value = frame.pop()
        known = truth(value)
        if known is None:
            return value, when, True
        if known is when:
            frame.stack.append(value)
            frame.jump(item.target)
        return None

    return branch


def _none_branch(when: bool) -> Handler:
    def branch(machine: Follower, frame: Frame, item: Instruction) -> None:
        if (usable(frame.pop()) is None) is when:
            frame.jump(item.target)

    return branch


for _way in ("", "FORWARD_", "BACKWARD_"):
    on(f"POP_JUMP_{_way}IF_TRUE")(_branch(True))
    on(f"POP_JUMP_{_way}IF_FALSE")(_branch(False))
    on(f"POP_JUMP_{_way}IF_NONE")(_none_branch(True))
    on(f"POP_JUMP_{_way}IF_NOT_NONE")(_none_branch(False))
on("JUMP_IF_TRUE_OR_POP")(_keeping_branch(True))
on("JUMP_IF_FALSE_OR_POP")(_keeping_branch(False))
