"""Tuples, lists, dicts."""

from __future__ import annotations

from typing import Any

from layerfix.bytecode.arithmetic import usable
from layerfix.bytecode.calls import items
from layerfix.bytecode.errors import Inconsistent, Unreadable
from layerfix.bytecode.following.registry import on, peek
from layerfix.bytecode.frame import Follower, Frame
from layerfix.bytecode.instructions import Instruction
from layerfix.bytecode.tree import SYMBOLIC, Input, Item


@on("UNPACK_SEQUENCE")
def unpack(machine: Follower, frame: Frame, item: Instruction) -> None:
    value = usable(frame.pop())
    if isinstance(value, Input):
        raise Unreadable("it takes apart one tensor, where it had several")
    if isinstance(value, SYMBOLIC):
        found: list[Any] = [Item(value, place) for place in range(item.argument)]
    else:
        found = list(items(value))
    if len(found) != item.argument:
        raise Unreadable(f"it takes apart {len(found)} values into {item.argument}")
    frame.stack += reversed(found)


_DEEPEST = 12
"""Lists within lists: more than a tensor has dimensions, and few enough to look through."""


def _shallow(value: Any) -> Any:
    """The list or tuple, where it is not nested too deeply."""
    level, depth = {id(value): value}, 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise Unreadable(f"it nests lists more than {_DEEPEST} deep")
        level = {id(part): part for whole in level.values() for part in whole if isinstance(part, (list, tuple))}
    return value


@on("BUILD_TUPLE")
def make_tuple(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(_shallow(tuple(frame.pop_many(item.argument))))


@on("BUILD_LIST")
def make_list(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(_shallow(frame.pop_many(item.argument)))


@on("BUILD_MAP")
def make_map(machine: Follower, frame: Frame, item: Instruction) -> None:
    flat = [] if frame.version == "2.7" else frame.pop_many(2 * item.argument)
    frame.push(mapping(flat[::2], flat[1::2]))


@on("BUILD_CONST_KEY_MAP")
def make_map_of(machine: Follower, frame: Frame, item: Instruction) -> None:
    keys = frame.pop()
    if not isinstance(keys, tuple):
        raise Inconsistent("the keys of a dict are no tuple")
    frame.push(mapping(list(keys), frame.pop_many(item.argument)))


def mapping(keys: list[Any], values: list[Any]) -> dict[str, Any]:
    """A dict whose keys are texts."""
    if len(keys) != len(values):
        raise Inconsistent("a dict has as many keys as values")
    if not all(isinstance(key, str) for key in keys):
        raise Unreadable("it makes a dict whose keys are no texts")
    return dict(zip(keys, values, strict=True))


@on("STORE_MAP")
def fill_map(machine: Follower, frame: Frame, item: Instruction) -> None:
    key, value = frame.pop(), frame.pop()
    made = peek(frame, 1)
    if not isinstance(made, dict) or not isinstance(key, str):
        raise Unreadable("it makes a dict whose keys are no texts")
    made[key] = value


@on("LIST_APPEND")
def append(machine: Follower, frame: Frame, item: Instruction) -> None:
    value = frame.pop()
    made = peek(frame, item.argument)
    if not isinstance(made, list):
        raise Inconsistent("an item is added to what is no list")
    made.append(value)


@on("LIST_EXTEND")
def extend(machine: Follower, frame: Frame, item: Instruction) -> None:
    more = items(frame.pop())
    made = peek(frame, item.argument)
    if not isinstance(made, list):
        raise Inconsistent("items are added to what is no list")
    made.extend(more)


@on("LIST_TO_TUPLE")
def frozen_list(machine: Follower, frame: Frame, item: Instruction) -> None:
    frame.push(items(frame.pop()))


@on("DICT_MERGE", "DICT_UPDATE")
def merge(machine: Follower, frame: Frame, item: Instruction) -> None:
    more = frame.pop()
    made = peek(frame, item.argument)
    if not isinstance(made, dict) or not isinstance(more, dict):
        raise Unreadable("it joins what are no dicts")
    made.update(more)
