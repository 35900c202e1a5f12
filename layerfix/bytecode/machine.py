"""A symbolic machine: follows the instructions of one function and gives the expression that it returns.

Tensors are nodes, everything else is worked out; where a branch depends on what only a call tells, both ways are
followed. Nothing of Python's own is looked up, imported or called on behalf of the code.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from layerfix.bytecode import following  # noqa: F401 - what follows each instruction is registered there
from layerfix.bytecode.calls import called
from layerfix.bytecode.consistency import check
from layerfix.bytecode.errors import Inconsistent, Unreadable
from layerfix.bytecode.following.registry import handler
from layerfix.bytecode.frame import Frame
from layerfix.bytecode.instructions import Instruction, decode, release
from layerfix.bytecode.tree import Choice
from layerfix.bytecode.values import Cell, Function

STEPS, FORKS, DEPTH = 20_000, 64, 8
"""Instructions followed, branches taken both ways, and functions within functions."""
_RETURNS = frozenset({"RETURN_VALUE", "RETURN_CONST"})
_VARIADIC, _GENERATOR = 0x0C, 0x2A0


class Machine:
    """Follows one function for one version of Python."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.steps = self.forks = self.depth = 0

    def call(self, function: Function, arguments: Sequence[object], keywords: Mapping[str, object]) -> Any:
        """What a function of the code returns.

        Raises:
            Unreadable: where it goes beyond what is followed.
            Inconsistent: where it is no code of this version.
        """
        frame = self.frame(function, bind(function, arguments, keywords))
        self.depth += 1
        if self.depth > DEPTH:
            raise Unreadable("its functions call each other too deeply")
        result = self.run(frame)
        self.depth -= 1
        return result

    def invoke(self, callee: object, arguments: Sequence[object], keywords: Mapping[str, object]) -> Any:
        """Any call that the code makes."""
        if isinstance(callee, Function):
            return self.call(callee, arguments, keywords)
        return called(callee, arguments, keywords)

    def frame(self, function: Function, given: dict[str, Any]) -> Frame:
        code = function.code
        instructions = decode(code.code, self.version)
        check(code, self.version, instructions)
        # Before 3.11 the instruction that opens a `try` is none that is followed; since then nothing opens it, and only its handler shows.
        if any(item.name == "PUSH_EXC_INFO" for item in instructions):
            raise Unreadable("it catches errors, and the file does not tell whether it met one")
        cells = {name: Cell() for name in code.cells}
        if release(self.version) < (3, 11):
            for name in cells.keys() & given.keys():
                cells[name] = Cell(given[name], True)
        else:
            cells = {}
        if len(code.free) != len(function.cells):
            raise Unreadable(f"it uses {', '.join(code.free)} of the function around it, which the file does not hold")
        cells |= dict(zip(code.free, function.cells, strict=True))
        places = {item.offset: index for index, item in enumerate(instructions)}
        return Frame(code, self.version, instructions, places, given, cells)

    def run(self, frame: Frame) -> Any:
        while True:
            self.steps += 1
            if self.steps > STEPS:
                raise Unreadable(f"it takes more than {STEPS} steps")
            if frame.at >= len(frame.instructions):
                raise Inconsistent("it goes on beyond its last instruction")
            item = frame.instructions[frame.at]
            frame.at += 1
            if item.name in _RETURNS:
                return self.returned(frame, item)
            test = handler(item.name)(self, frame, item)
            if test is not None:
                return self.both(frame, item, test)

    def returned(self, frame: Frame, item: Instruction) -> Any:
        if item.name == "RETURN_CONST":
            return frame.constant(item.argument)
        value = frame.pop()
        # Python 2, and before 3.8 a loop that is open, leave iterators; else what is left betrays
        # another version's code.
        if frame.stack and not frame.blocks and self.version != "2.7":
            raise Inconsistent("it returns with values left")
        return value

    def both(self, frame: Frame, item: Instruction, test: Any) -> Choice:
        """Follows a branch both ways: `test` is (value, what is pushed if true, whether true jumps)."""
        self.forks += 1
        if self.forks > FORKS:
            raise Unreadable(f"it has more than {FORKS} branches that only a call decides")
        # Both ways run to the end of this function alone: what they change in the one around it
        # would be seen by both.
        if self.depth > 1 and (frame.cells or any(isinstance(v, list) for v in frame.locals.values())):
            raise Unreadable("a function within it branches on what only a call tells")
        value, jumps_if, kept = test
        other = copy.deepcopy(frame)  # lists and shared variables too: what one way changes the other must not see
        taken = other
        taken.jump(item.target)
        if kept:
            taken.stack.append(value)
        jumped, went_on = self.run(taken), self.run(frame)
        return Choice(value, jumped, went_on) if jumps_if else Choice(value, went_on, jumped)


def bind(function: Function, arguments: Sequence[object], keywords: Mapping[str, object]) -> dict[str, Any]:
    """Values of a function's arguments by name.

    Raises:
        Unreadable: where they do not fit.
    """
    code = function.code
    if code.flags & _VARIADIC:
        raise Unreadable("it takes any number of arguments")
    if code.flags & _GENERATOR:
        raise Unreadable("it is a generator")
    names = code.locals[: code.arguments]
    only = code.locals[code.arguments : code.arguments + code.keyword_only]
    given = dict(zip(names, arguments, strict=False))
    if len(arguments) > len(names) or keywords.keys() - {*names, *only} or keywords.keys() & given.keys():
        raise Unreadable("its arguments are not those that it is called with")
    late = names[len(names) - len(function.defaults) :] if function.defaults else ()
    defaults = dict(zip(late, function.defaults, strict=True)) | function.keyword_defaults
    given = {**defaults, **given, **keywords}
    missing = [name for name in (*names, *only) if name not in given]
    if missing:
        raise Unreadable(f"nothing tells its argument {missing[0]!r}")
    return given
