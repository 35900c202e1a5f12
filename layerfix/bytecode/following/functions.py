"""Calls and functions within functions."""

from __future__ import annotations

from typing import Any

from layerfix.bytecode.calls import items
from layerfix.bytecode.errors import Inconsistent, Unreadable
from layerfix.bytecode.following.collections import mapping
from layerfix.bytecode.following.registry import on
from layerfix.bytecode.frame import Follower, Frame
from layerfix.bytecode.instructions import Instruction
from layerfix.bytecode.marshalled import Code
from layerfix.bytecode.values import NULL, Cell, Function


@on("CALL_FUNCTION")
def call_positional(machine: Follower, frame: Frame, item: Instruction) -> None:
    """Before 3.6 the upper byte counts keywords, each a name and a value."""
    named: list[Any] = []
    count = item.argument
    if frame.release < (3, 6):
        named = frame.pop_many(2 * (count >> 8))
        count &= 255
    arguments = frame.pop_many(count)
    frame.push(machine.invoke(frame.pop(), arguments, mapping(named[::2], named[1::2])))


@on("CALL_FUNCTION_KW")
def call_keywords(machine: Follower, frame: Frame, item: Instruction) -> None:
    if frame.release < (3, 6):
        raise Unreadable("a call with ** is not followed")
    names = frame.pop()
    arguments = frame.pop_many(item.argument)
    frame.push(_named_call(machine, frame.pop(), arguments, names))


def _named_call(machine: Follower, callee: object, arguments: list[Any], names: object) -> Any:
    if not isinstance(names, tuple) or len(names) > len(arguments):
        raise Inconsistent("the names of a call are no tuple")
    split = len(arguments) - len(names)
    return machine.invoke(callee, arguments[:split], mapping(list(names), arguments[split:]))


@on("CALL_METHOD")
def call_method(machine: Follower, frame: Frame, item: Instruction) -> None:
    arguments = frame.pop_many(item.argument)
    callee, null = frame.pop(), frame.pop()
    if null is not NULL:
        raise Inconsistent("a method is called that was not loaded")
    frame.push(machine.invoke(callee, arguments, {}))


@on("KW_NAMES")
def names_for_call(machine: Follower, frame: Frame, item: Instruction) -> None:
    names = frame.constant(item.argument)
    if not isinstance(names, tuple):
        raise Inconsistent("the names of a call are no tuple")
    frame.keyword_names = names


@on("CALL", "CALL_KW")
def call(machine: Follower, frame: Frame, item: Instruction) -> None:
    names, frame.keyword_names = frame.keyword_names, ()
    if item.name == "CALL_KW":
        names = frame.pop()
    arguments = frame.pop_many(item.argument)
    first, second = frame.pop_many(2)
    callee, own = (first, second) if frame.release >= (3, 13) else (second, first)
    if own is not NULL:
        # The compiler calls a comprehension of 3.11 with its iterator where `self` stands.
        callee, arguments = (callee, [own, *arguments]) if frame.release >= (3, 13) else (own, [callee, *arguments])
    frame.push(_named_call(machine, callee, arguments, names))


@on("CALL_FUNCTION_EX")
def call_spread(machine: Follower, frame: Frame, item: Instruction) -> None:
    keywords = frame.pop() if item.argument & 1 else {}
    arguments = list(items(frame.pop()))
    callee = frame.pop()
    if frame.release >= (3, 11):
        below = frame.pop()
        callee = below if frame.release >= (3, 13) else callee
    if not isinstance(keywords, dict):
        raise Inconsistent("the keywords of a call are no dict")
    frame.push(machine.invoke(callee, arguments, keywords))


@on("MAKE_FUNCTION", "MAKE_CLOSURE")
def make_function(machine: Follower, frame: Frame, item: Instruction) -> None:
    if (3, 5) <= frame.release < (3, 11):
        frame.pop()
    code = frame.pop()
    made = Function(_code(code))
    flags = item.argument if frame.release >= (3, 6) else 0
    if frame.release < (3, 6):
        if item.name == "MAKE_CLOSURE":
            made.cells = _cells(frame.pop())
        if item.argument >> 8:
            raise Unreadable("a function within it has keyword-only arguments")
        made.defaults = tuple(frame.pop_many(item.argument))
    for flag in (8, 4, 2, 1):
        if flags & flag:
            _give(made, flag, frame.pop())
    frame.push(made)


@on("SET_FUNCTION_ATTRIBUTE")
def function_attribute(machine: Follower, frame: Frame, item: Instruction) -> None:
    made, value = frame.pop(), frame.pop()
    if not isinstance(made, Function):
        raise Inconsistent("an attribute is set of what is no function")
    _give(made, item.argument, value)
    frame.push(made)


def _give(made: Function, flag: int, value: object) -> None:
    if flag == 8:
        made.cells = _cells(value)
    elif flag == 2 and isinstance(value, dict):
        made.keyword_defaults = value
    elif flag == 1 and isinstance(value, tuple):
        made.defaults = value


def _code(value: object) -> Any:
    if not isinstance(value, Code):
        raise Inconsistent("a function is made of what is no code")
    return value


def _cells(value: object) -> tuple[Cell, ...]:
    if not isinstance(value, tuple) or not all(isinstance(cell, Cell) for cell in value):
        raise Inconsistent("a function is made with what are no shared variables")
    return value
