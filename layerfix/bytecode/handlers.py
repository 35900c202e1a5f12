"""What each instruction does to the machine's frame, for every version at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerfix.bytecode.arithmetic import binary, subscript, truth, unary, usable
from layerfix.bytecode.calls import attribute, items
from layerfix.bytecode.errors import Inconsistent, Unreadable
from layerfix.bytecode.instructions import Instruction
from layerfix.bytecode.machine import Frame, Machine
from layerfix.bytecode.modules import BUILTINS, ROOTS
from layerfix.bytecode.opcodes import BINARY, COMPARISONS
from layerfix.bytecode.tree import SYMBOLIC, Cut, Input, Item
from layerfix.bytecode.values import NULL, Builtin, Cell, Function, Loop, Module

Handler = Callable[[Machine, Frame, Instruction], Any]
_HANDLERS: dict[str, Handler] = {}
RETURNS = frozenset({"RETURN_VALUE", "RETURN_CONST"})
_OPERATORS = {
    "ADD": "add", "SUBTRACT": "sub", "MULTIPLY": "mul", "TRUE_DIVIDE": "truediv", "DIVIDE": "div",
    "FLOOR_DIVIDE": "floordiv", "MODULO": "mod", "POWER": "pow", "MATRIX_MULTIPLY": "matmul",
    "AND": "and", "OR": "or", "XOR": "xor", "LSHIFT": "lshift", "RSHIFT": "rshift",
}  # fmt: skip


def handler(name: str) -> Handler:
    """What follows an instruction.

    Raises:
        Unreadable: where that kind is not followed.
    """
    if name in _HANDLERS:
        return _HANDLERS[name]
    kind, _, rest = name.partition("_")
    if kind in {"BINARY", "INPLACE"} and rest in _OPERATORS:
        return lambda machine, frame, item: _binary(frame, _OPERATORS[rest])
    raise Unreadable(f"the instruction {name} is not followed")


def on(*names: str) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        _HANDLERS.update(dict.fromkeys(names, function))
        return function

    return register


def _binary(frame: Frame, name: str) -> None:
    right, left = frame.pop(), frame.pop()
    frame.push(binary(name, left, right))


@on("BINARY_OP")
def binary_operation(machine: Machine, frame: Frame, item: Instruction) -> None:
    if item.argument >= 2 * len(BINARY):
        raise Inconsistent("there is no such operator")
    _binary(frame, BINARY[item.argument % len(BINARY)])


@on("COMPARE_OP")
def comparison(machine: Machine, frame: Frame, item: Instruction) -> None:
    number = item.argument >> {(3, 12): 4, (3, 13): 5}.get(frame.release, 0)
    if number >= len(COMPARISONS):
        raise Inconsistent("there is no such comparison")
    _binary(frame, COMPARISONS[number])


@on("IS_OP")
def identity(machine: Machine, frame: Frame, item: Instruction) -> None:
    _binary(frame, "is not" if item.argument else "is")


@on("CONTAINS_OP")
def containment(machine: Machine, frame: Frame, item: Instruction) -> None:
    _binary(frame, "not in" if item.argument else "in")


@on("UNARY_NEGATIVE", "UNARY_POSITIVE", "UNARY_INVERT", "UNARY_NOT")
def one_operand(machine: Machine, frame: Frame, item: Instruction) -> None:
    name = {"NEGATIVE": "neg", "POSITIVE": "pos", "INVERT": "invert", "NOT": "not"}
    frame.push(unary(name[item.name[6:]], frame.pop()))


@on("CALL_INTRINSIC_1")
def intrinsic(machine: Machine, frame: Frame, item: Instruction) -> None:
    if item.argument == 5:
        frame.push(unary("pos", frame.pop()))
    elif item.argument == 6:
        frame.push(tuple(items(frame.pop())))
    else:
        raise Unreadable("an inner function of Python is not followed")


@on("BINARY_SUBSCR")
def subscription(machine: Machine, frame: Frame, item: Instruction) -> None:
    index, value = frame.pop(), frame.pop()
    frame.push(subscript(value, index))


@on("BINARY_SLICE")
def slicing(machine: Machine, frame: Frame, item: Instruction) -> None:
    value, start, stop = frame.pop_many(3)
    frame.push(subscript(value, Cut(start, stop, None)))


@on("SLICE+0", "SLICE+1", "SLICE+2", "SLICE+3")
def old_slicing(machine: Machine, frame: Frame, item: Instruction) -> None:
    form = int(item.name[-1])
    stop = frame.pop() if form & 2 else None
    start = frame.pop() if form & 1 else None
    frame.push(subscript(frame.pop(), Cut(start, stop, None)))


@on("BUILD_SLICE")
def slice_object(machine: Machine, frame: Frame, item: Instruction) -> None:
    if item.argument not in (2, 3):
        raise Inconsistent("a slice has two or three parts")
    parts = [*map(usable, frame.pop_many(item.argument)), None]
    frame.push(Cut(*parts[:3]))


@on("NOP", "CACHE", "RESUME", "PRECALL", "COPY_FREE_VARS", "TO_BOOL", "NOT_TAKEN")
def nothing(machine: Machine, frame: Frame, item: Instruction) -> None:
    """COPY_FREE_VARS is done where the frame is made."""


@on("POP_TOP", "END_FOR")
def drop(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.pop()


@on("PUSH_NULL")
def null(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(NULL)


@on("ROT_TWO", "ROT_THREE", "ROT_FOUR", "ROT_N")
def rotate(machine: Machine, frame: Frame, item: Instruction) -> None:
    count = {"ROT_TWO": 2, "ROT_THREE": 3, "ROT_FOUR": 4}.get(item.name, item.argument)
    *below, top = frame.pop_many(count)
    frame.stack += [top, *below]


@on("DUP_TOP", "DUP_TOP_TWO", "COPY")
def duplicate(machine: Machine, frame: Frame, item: Instruction) -> None:
    if item.name == "COPY":
        frame.push(_peek(frame, item.argument))
        return
    taken = frame.pop_many(2 if item.name == "DUP_TOP_TWO" else 1)
    frame.stack += taken + taken


def _peek(frame: Frame, depth: int) -> Any:
    if not 1 <= depth <= len(frame.stack):
        raise Inconsistent("an instruction takes more than there is")
    return frame.stack[-depth]


@on("SWAP")
def swap(machine: Machine, frame: Frame, item: Instruction) -> None:
    other = _peek(frame, item.argument)
    frame.stack[-item.argument], frame.stack[-1] = frame.stack[-1], other


@on("LOAD_CONST")
def constant(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(frame.constant(item.argument))


@on("LOAD_GLOBAL", "LOAD_NAME")
def global_name(machine: Machine, frame: Frame, item: Instruction) -> None:
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
def member(machine: Machine, frame: Frame, item: Instruction) -> None:
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
def module(machine: Machine, frame: Frame, item: Instruction) -> None:
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
def imported(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(attribute(_peek(frame, 1), frame.name(item.argument)))


@on("LOAD_FAST", "LOAD_FAST_CHECK")
def local(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(_local(frame, item.argument))


def _local(frame: Frame, index: int) -> Any:
    name = frame.local(index)
    if name in frame.cells and frame.release >= (3, 11):
        return frame.cells[name]
    if name not in frame.locals:
        raise Unreadable(f"its variable {name} has no value yet")
    return frame.locals[name]


@on("LOAD_FAST_LOAD_FAST")
def two_locals(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(_local(frame, item.argument >> 4))
    frame.push(_local(frame, item.argument & 15))


@on("LOAD_FAST_AND_CLEAR")
def cleared(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(frame.locals.pop(frame.local(item.argument), NULL))


@on("STORE_FAST")
def store(machine: Machine, frame: Frame, item: Instruction) -> None:
    _store(frame, item.argument)


def _store(frame: Frame, index: int) -> None:
    name, value = frame.local(index), frame.pop()
    if value is NULL:
        frame.locals.pop(name, None)
    else:
        frame.locals[name] = value


@on("STORE_FAST_STORE_FAST")
def store_two(machine: Machine, frame: Frame, item: Instruction) -> None:
    _store(frame, item.argument >> 4)
    _store(frame, item.argument & 15)


@on("STORE_FAST_LOAD_FAST")
def store_and_load(machine: Machine, frame: Frame, item: Instruction) -> None:
    _store(frame, item.argument >> 4)
    frame.push(_local(frame, item.argument & 15))


@on("DELETE_FAST")
def forget(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.locals.pop(frame.local(item.argument), None)


@on("MAKE_CELL")
def new_cell(machine: Machine, frame: Frame, item: Instruction) -> None:
    name = frame.shared(item.argument)
    frame.cells[name] = Cell(frame.locals.get(name), name in frame.locals)


@on("LOAD_CLOSURE")
def shared(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(_cell(frame, item.argument))


def _cell(frame: Frame, index: int) -> Cell:
    name = frame.shared(index)
    if name not in frame.cells:
        raise Inconsistent("an instruction names a shared variable that is none")
    return frame.cells[name]


@on("LOAD_DEREF")
def from_cell(machine: Machine, frame: Frame, item: Instruction) -> None:
    cell = _cell(frame, item.argument)
    if not cell.filled:
        raise Unreadable("a shared variable has no value yet")
    frame.push(cell.value)


@on("STORE_DEREF")
def into_cell(machine: Machine, frame: Frame, item: Instruction) -> None:
    cell = _cell(frame, item.argument)
    cell.value, cell.filled = frame.pop(), True


@on("UNPACK_SEQUENCE")
def unpack(machine: Machine, frame: Frame, item: Instruction) -> None:
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


@on("GET_ITER")
def iterate(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(Loop(items(frame.pop())))


@on("FOR_ITER")
def advance(machine: Machine, frame: Frame, item: Instruction) -> None:
    loop = _peek(frame, 1)
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
def loop_begins(machine: Machine, frame: Frame, item: Instruction) -> None:
    if item.target is None:
        raise Inconsistent("a loop has no end")
    frame.blocks.append((item.target, len(frame.stack)))


@on("POP_BLOCK")
def loop_ends(machine: Machine, frame: Frame, item: Instruction) -> None:
    if not frame.blocks:
        raise Inconsistent("a block ends that never began")
    frame.blocks.pop()


@on("BREAK_LOOP")
def loop_breaks(machine: Machine, frame: Frame, item: Instruction) -> None:
    if not frame.blocks:
        raise Inconsistent("a block ends that never began")
    target, height = frame.blocks.pop()
    del frame.stack[height:]
    frame.jump(target)


@on("JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "CONTINUE_LOOP")
def jump(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.jump(item.target)


def _branch(when: bool) -> Handler:
    def branch(machine: Machine, frame: Frame, item: Instruction) -> Any:
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

    def branch(machine: Machine, frame: Frame, item: Instruction) -> Any:
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
    def branch(machine: Machine, frame: Frame, item: Instruction) -> None:
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


@on("BUILD_TUPLE")
def make_tuple(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(tuple(frame.pop_many(item.argument)))


@on("BUILD_LIST")
def make_list(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(frame.pop_many(item.argument))


@on("BUILD_MAP")
def make_map(machine: Machine, frame: Frame, item: Instruction) -> None:
    flat = [] if frame.version == "2.7" else frame.pop_many(2 * item.argument)
    frame.push(_mapping(flat[::2], flat[1::2]))


@on("BUILD_CONST_KEY_MAP")
def make_map_of(machine: Machine, frame: Frame, item: Instruction) -> None:
    keys = frame.pop()
    if not isinstance(keys, tuple):
        raise Inconsistent("the keys of a dict are no tuple")
    frame.push(_mapping(list(keys), frame.pop_many(item.argument)))


def _mapping(keys: list[Any], values: list[Any]) -> dict[str, Any]:
    if len(keys) != len(values):
        raise Inconsistent("a dict has as many keys as values")
    if not all(isinstance(key, str) for key in keys):
        raise Unreadable("it makes a dict whose keys are no texts")
    return dict(zip(keys, values, strict=True))


@on("STORE_MAP")
def fill_map(machine: Machine, frame: Frame, item: Instruction) -> None:
    key, value = frame.pop(), frame.pop()
    made = _peek(frame, 1)
    if not isinstance(made, dict) or not isinstance(key, str):
        raise Unreadable("it makes a dict whose keys are no texts")
    made[key] = value


@on("LIST_APPEND")
def append(machine: Machine, frame: Frame, item: Instruction) -> None:
    value = frame.pop()
    made = _peek(frame, item.argument)
    if not isinstance(made, list):
        raise Inconsistent("an item is added to what is no list")
    made.append(value)


@on("LIST_EXTEND")
def extend(machine: Machine, frame: Frame, item: Instruction) -> None:
    more = items(frame.pop())
    made = _peek(frame, item.argument)
    if not isinstance(made, list):
        raise Inconsistent("items are added to what is no list")
    made.extend(more)


@on("LIST_TO_TUPLE")
def frozen_list(machine: Machine, frame: Frame, item: Instruction) -> None:
    frame.push(items(frame.pop()))


@on("DICT_MERGE", "DICT_UPDATE")
def merge(machine: Machine, frame: Frame, item: Instruction) -> None:
    more = frame.pop()
    made = _peek(frame, item.argument)
    if not isinstance(made, dict) or not isinstance(more, dict):
        raise Unreadable("it joins what are no dicts")
    made.update(more)


@on("CALL_FUNCTION")
def call_positional(machine: Machine, frame: Frame, item: Instruction) -> None:
    """Before 3.6 the upper byte counts keywords, each a name and a value."""
    named: list[Any] = []
    count = item.argument
    if frame.release < (3, 6):
        named = frame.pop_many(2 * (count >> 8))
        count &= 255
    arguments = frame.pop_many(count)
    frame.push(machine.invoke(frame.pop(), arguments, _mapping(named[::2], named[1::2])))


@on("CALL_FUNCTION_KW")
def call_keywords(machine: Machine, frame: Frame, item: Instruction) -> None:
    if frame.release < (3, 6):
        raise Unreadable("a call with ** is not followed")
    names = frame.pop()
    arguments = frame.pop_many(item.argument)
    frame.push(_named_call(machine, frame.pop(), arguments, names))


def _named_call(machine: Machine, callee: Any, arguments: list[Any], names: Any) -> Any:
    if not isinstance(names, tuple) or len(names) > len(arguments):
        raise Inconsistent("the names of a call are no tuple")
    split = len(arguments) - len(names)
    return machine.invoke(callee, arguments[:split], _mapping(list(names), arguments[split:]))


@on("CALL_METHOD")
def call_method(machine: Machine, frame: Frame, item: Instruction) -> None:
    arguments = frame.pop_many(item.argument)
    callee, null = frame.pop(), frame.pop()
    if null is not NULL:
        raise Inconsistent("a method is called that was not loaded")
    frame.push(machine.invoke(callee, arguments, {}))


@on("KW_NAMES")
def names_for_call(machine: Machine, frame: Frame, item: Instruction) -> None:
    names = frame.constant(item.argument)
    if not isinstance(names, tuple):
        raise Inconsistent("the names of a call are no tuple")
    frame.keyword_names = names


@on("CALL", "CALL_KW")
def call(machine: Machine, frame: Frame, item: Instruction) -> None:
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
def call_spread(machine: Machine, frame: Frame, item: Instruction) -> None:
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
def make_function(machine: Machine, frame: Frame, item: Instruction) -> None:
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
def function_attribute(machine: Machine, frame: Frame, item: Instruction) -> None:
    made, value = frame.pop(), frame.pop()
    if not isinstance(made, Function):
        raise Inconsistent("an attribute is set of what is no function")
    _give(made, item.argument, value)
    frame.push(made)


def _give(made: Function, flag: int, value: Any) -> None:
    if flag == 8:
        made.cells = _cells(value)
    elif flag == 2 and isinstance(value, dict):
        made.keyword_defaults = value
    elif flag == 1 and isinstance(value, tuple):
        made.defaults = value


def _code(value: Any) -> Any:
    from layerfix.bytecode.marshalled import Code

    if not isinstance(value, Code):
        raise Inconsistent("a function is made of what is no code")
    return value


def _cells(value: Any) -> tuple[Cell, ...]:
    if not isinstance(value, tuple) or not all(isinstance(cell, Cell) for cell in value):
        raise Inconsistent("a function is made with what are no shared variables")
    return value
