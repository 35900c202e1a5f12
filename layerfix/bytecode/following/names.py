"""Globals, attributes, imports, local and shared variables."""

from __future__ import annotations

from typing import Any

from layerfix.bytecode.calls import attribute
from layerfix.bytecode.errors import Inconsistent, Unreadable
from layerfix.bytecode.following.registry import on, peek
from layerfix.bytecode.frame import Follower, Frame
from layerfix.bytecode.instructions import Instruction
from layerfix.bytecode.modules import BUILTINS, ROOTS
from layerfix.bytecode.values import NULL, Builtin, Cell, Module


@on("LOAD_GLOBAL", "LOAD_NAME")
def global_name(machine: Follower, frame: Frame, item: Instruction) -> None:
    new = frame.release >= (3, 11)
    name = frame.name(item.argument >> 1 if new else item.argument)
    null_too = new and item.argument & 1
    if null_too and frame.release < (3, 13):
        frame.push(NULL)
    frame.push(known_global(name))
    if null_too and frame.release >= (3, 13):
        frame.push(NULL)


def known_global(name: str) -> Any:
    """What a global name stands for, by custom."""
    if name in ROOTS:
        return Module(ROOTS[name])
    if name in BUILTINS:
        return Builtin(name)
    if name in {"True", "False", "None"}:
        return {"True": True, "False": False, "None": None}[name]
    raise Unreadable(f"it uses the global {name!r}, which the file does not hold")


@on("LOAD_ATTR", "LOAD_METHOD")
def member(machine: Follower, frame: Frame, item: Instruction) -> None:
    new = frame.release >= (3, 12) and item.name == "LOAD_ATTR"
    name = frame.name(item.argument >> 1 if new else item.argument)
    method = item.name == "LOAD_METHOD" or (new and bool(item.argument & 1))
    found = attribute(frame.pop(), name)
    if method and frame.release < (3, 13):
        frame.push(NULL)
    frame.push(found)
    if method and frame.release >= (3, 13):
        frame.push(NULL)


@on("IMPORT_NAME")
def module(machine: Follower, frame: Frame, item: Instruction) -> None:
    wanted, level = frame.pop(), frame.pop()
    name = frame.name(item.argument)
    root = name.split(".")[0]
    if root not in {"tensorflow", "keras", "numpy", "math", "tf_keras"} or level not in (0, -1):
        raise Unreadable(f"it imports {name}")
    whole = Module(ROOTS[root])
    for part in name.split(".")[1:] if wanted else ():
        whole = attribute(whole, part)
    frame.push(whole)


@on("IMPORT_FROM")
def imported(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(attribute(peek(frame, 1), frame.name(item.argument)))


@on("LOAD_FAST", "LOAD_FAST_CHECK")
def local(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(_local(frame, item.argument))


def _local(frame: Frame, index: int) -> Any:
    name = frame.local(index)
    if name in frame.cells and frame.release >= (3, 11):
        return frame.cells[name]
    if name not in frame.locals:
        raise Unreadable(f"its variable {name} has no value yet")
    return frame.locals[name]


@on("LOAD_FAST_LOAD_FAST")
def two_locals(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(_local(frame, item.argument >> 4))
    frame.push(_local(frame, item.argument & 15))


@on("LOAD_FAST_AND_CLEAR")
def cleared(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(frame.locals.pop(frame.local(item.argument), NULL))


@on("STORE_FAST")
def store(machine: Follower, frame: Frame, item: Instruction) -> None:
    _store(frame, item.argument)


def _store(frame: Frame, index: int) -> None:
    name, value = frame.local(index), frame.pop()
    if value is NULL:
        frame.locals.pop(name, None)
    else:
        frame.locals[name] = value


@on("STORE_FAST_STORE_FAST")
def store_two(machine: Follower, frame: Frame, item: Instruction) -> None:
    _store(frame, item.argument >> 4)
    _store(frame, item.argument & 15)


@on("STORE_FAST_LOAD_FAST")
def store_and_load(machine: Follower, frame: Frame, item: Instruction) -> None:
    _store(frame, item.argument >> 4)
    frame.push(_local(frame, item.argument & 15))


@on("DELETE_FAST")
def forget(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.locals.pop(frame.local(item.argument), None)


@on("MAKE_CELL")
def new_cell(machine: Follower, frame: Frame, item: Instruction) -> None:
    name = frame.shared(item.argument)
    frame.cells[name] = Cell(frame.locals.get(name), name in frame.locals)


@on("LOAD_CLOSURE")
def shared(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(_cell(frame, item.argument))


def _cell(frame: Frame, index: int) -> Cell:
    name = frame.shared(index)
    if name not in frame.cells:
        raise Inconsistent("an instruction names a shared variable that is none")
    return frame.cells[name]


@on("LOAD_DEREF")
def from_cell(machine: Follower, frame: Frame, item: Instruction) -> None:
    cell = _cell(frame, item.argument)
    if not cell.filled:
        raise Unreadable("a shared variable has no value yet")
    frame.push(cell.value)


@on("STORE_DEREF")
def into_cell(machine: Follower, frame: Frame, item: Instruction) -> None:
    cell = _cell(frame, item.argument)
    cell.value, cell.filled = frame.pop(), True
