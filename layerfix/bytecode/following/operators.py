"""Arithmetic, comparison, subscription."""

from __future__ import annotations

from layerfix.bytecode.arithmetic import binary, subscript, unary, usable
from layerfix.bytecode.calls import items
from layerfix.bytecode.errors import Inconsistent, Unreadable
from layerfix.bytecode.following.registry import Handler, on
from layerfix.bytecode.frame import Follower, Frame
from layerfix.bytecode.instructions import Instruction
from layerfix.bytecode.opcodes import BINARY, COMPARISONS
from layerfix.bytecode.tree import Cut

_OPERATORS = {
    "ADD": "add", "SUBTRACT": "sub", "MULTIPLY": "mul", "TRUE_DIVIDE": "truediv", "DIVIDE": "div",
    "FLOOR_DIVIDE": "floordiv", "MODULO": "mod", "POWER": "pow", "MATRIX_MULTIPLY": "matmul",
    "AND": "and", "OR": "or", "XOR": "xor", "LSHIFT": "lshift", "RSHIFT": "rshift",
}  # fmt: skip


def _binary(frame: Frame, name: str) -> None:
    right, left = frame.pop(), frame.pop()
    frame.push(binary(name, left, right))


@on("BINARY_OP")
def binary_operation(machine: Follower, frame: Frame, item: Instruction) -> None:
    if item.argument >= 2 * len(BINARY):
        raise Inconsistent("there is no such operator")
    _binary(frame, BINARY[item.argument % len(BINARY)])


@on("COMPARE_OP")
def comparison(machine: Follower, frame: Frame, item: Instruction) -> None:
    number = item.argument >> {(3, 12): 4, (3, 13): 5}.get(frame.release, 0)
    if number >= len(COMPARISONS):
        raise Inconsistent("there is no such comparison")
    _binary(frame, COMPARISONS[number])


@on("IS_OP")
def identity(machine: Follower, frame: Frame, item: Instruction) -> None:
    _binary(frame, "is not" if item.argument else "is")


@on("CONTAINS_OP")
def containment(machine: Follower, frame: Frame, item: Instruction) -> None:
    _binary(frame, "not in" if item.argument else "in")


@on("UNARY_NEGATIVE", "UNARY_POSITIVE", "UNARY_INVERT", "UNARY_NOT")
def one_operand(machine: Follower, frame: Frame, item: Instruction) -> None:
    name = {"NEGATIVE": "neg", "POSITIVE": "pos", "INVERT": "invert", "NOT": "not"}
    frame.push(unary(name[item.name[6:]], frame.pop()))


@on("CALL_INTRINSIC_1")
def intrinsic(machine: Follower, frame: Frame, item: Instruction) -> None:
    if item.argument == 5:
        frame.push(unary("pos", frame.pop()))
    elif item.argument == 6:
        frame.push(tuple(items(frame.pop())))
    else:
        raise Unreadable("an inner function of Python is not followed")


@on("BINARY_SUBSCR")
def subscription(machine: Follower, frame: Frame, item: Instruction) -> None:
    index, value = frame.pop(), frame.pop()
    frame.push(subscript(value, index))


@on("BINARY_SLICE")
def slicing(machine: Follower, frame: Frame, item: Instruction) -> None:
    value, start, stop = frame.pop_many(3)
    frame.push(subscript(value, Cut(start, stop, None)))


@on("SLICE+0", "SLICE+1", "SLICE+2", "SLICE+3")
def old_slicing(machine: Follower, frame: Frame, item: Instruction) -> None:
    form = int(item.name[-1])
    stop = frame.pop() if form & 2 else None
    start = frame.pop() if form & 1 else None
    frame.push(subscript(frame.pop(), Cut(start, stop, None)))


@on("BUILD_SLICE")
def slice_object(machine: Follower, frame: Frame, item: Instruction) -> None:
    if item.argument not in (2, 3):
        raise Inconsistent("a slice has two or three parts")
    parts = [*map(usable, frame.pop_many(item.argument)), None]
    frame.push(Cut(*parts[:3]))


def _operator(name: str) -> Handler:
    return lambda machine, frame, item: _binary(frame, name)


for _spelt, _name in _OPERATORS.items():
    on(f"BINARY_{_spelt}", f"INPLACE_{_spelt}")(_operator(_name))
