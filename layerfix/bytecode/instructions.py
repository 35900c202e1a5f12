"""Code bytes as instructions, for one version of Python."""

from __future__ import annotations

from dataclasses import dataclass

from layerfix.bytecode.errors import Inconsistent
from layerfix.bytecode.marshalled import Code
from layerfix.bytecode.opcodes import COMPARISONS, caches, names, takes_argument

REPLACED = 0x2F
"""What Keras on Windows makes of the byte 0x5C, UNPACK_SEQUENCE (see `windows`); no Python before 3.13 has an instruction of it."""
_RELATIVE = frozenset(["FOR_ITER", "JUMP_FORWARD", "SETUP_LOOP", "SETUP_EXCEPT", "SETUP_FINALLY", "SETUP_WITH"])
_ABSOLUTE = frozenset(
    ["JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP", "JUMP_ABSOLUTE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE", "CONTINUE_LOOP"]
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: where it is, its name, its argument (0 without one), and where it may jump."""

    offset: int
    name: str
    argument: int
    target: int | None


def release(version: str) -> tuple[int, int]:
    """ "3.10" as (3, 10)."""
    major, minor = version.split(".")
    return int(major), int(minor)


def decode(code: bytes, version: str) -> tuple[Instruction, ...]:
    """All instructions, inline caches and EXTENDED_ARG folded in.

    Raises:
        Inconsistent: where a byte is no instruction of that version, or a jump ends within one.
    """
    words = release(version) >= (3, 6)
    table, behind = names(version), caches(version)
    found: list[Instruction] = []
    at = extended = 0
    start: int | None = None
    while at < len(code):
        offset, number = at, as_written(code[at], version)
        name = table.get(number)
        if name is None:
            raise Inconsistent(f"byte {at} is no instruction of Python {version}")
        at, argument = _argument(code, at, words or takes_argument(version, number), words)
        argument |= extended << (8 if words else 16)
        if argument >= 1 << 31:
            raise Inconsistent("an argument is larger than any")
        start = offset if start is None else start
        if name == "EXTENDED_ARG":
            extended = argument
            continue
        at = _behind_cache(code, at, 2 * behind.get(name, 0))
        target = _target(name, argument, at, version)
        found.append(Instruction(start, name, argument, target))
        extended, start = 0, None
    starts = {instruction.offset for instruction in found}
    if at != len(code) or not found or start is not None:
        raise Inconsistent("its last instruction is cut off")
    if any(i.target is not None and i.target not in starts for i in found):
        raise Inconsistent("a jump ends within an instruction")
    return tuple(found)


def as_written(number: int, version: str) -> int:
    """The instruction that a byte was before Keras on Windows stored it."""
    return 0x5C if number == REPLACED and version != "3.13" else number


def _argument(code: bytes, at: int, has: bool, words: bool) -> tuple[int, int]:
    """(where the next instruction begins, argument): two bytes each since 3.6, before one or three."""
    size = 2 if words else 3 if has else 1
    if at + size > len(code):
        raise Inconsistent("its last instruction is cut off")
    return at + size, int.from_bytes(code[at + 1 : at + size], "little")


def _behind_cache(code: bytes, at: int, size: int) -> int:
    """Where an inline cache ends; in a file it is empty (marshal.c writes code as it was before it ran)."""
    if any(code[at : at + size]):
        raise Inconsistent("an inline cache is not empty")
    return at + size


def _target(name: str, argument: int, following: int, version: str) -> int | None:
    """Jumps count bytes before 3.10, from there instructions; all are relative since 3.11 (dis.py)."""
    scale = 2 if release(version) >= (3, 10) else 1
    if release(version) >= (3, 11):
        if "JUMP" in name or name in _RELATIVE or name == "SEND":
            return following + scale * (-argument if "BACKWARD" in name else argument)
        return None
    if name in _RELATIVE:
        return following + scale * argument
    return scale * argument if name in _ABSOLUTE else None


def disassembly(code: Code, version: str) -> str:
    """Instructions as text for a person, one a line."""
    lines = []
    for item in decode(code.code, version):
        shown = _shown(code, item, version)
        lines.append(f"{item.offset:5} {item.name:24} {shown}".rstrip())
    return "\n".join(lines)


def _shown(code: Code, item: Instruction, version: str) -> str:
    new, number = release(version) >= (3, 11), item.argument
    if item.target is not None:
        return f"to {item.target}"
    if item.name in {"LOAD_CONST", "RETURN_CONST", "KW_NAMES"}:
        return _constant(code, number)
    if item.name == "LOAD_GLOBAL" and new:
        number >>= 1
    if item.name == "LOAD_ATTR" and release(version) >= (3, 12):
        number >>= 1
    if item.name == "COMPARE_OP":
        number >>= {"3.12": 4, "3.13": 5}.get(version, 0)
        return COMPARISONS[number] if number < len(COMPARISONS) else str(number)
    if item.name.endswith(("_GLOBAL", "_NAME", "_ATTR", "_METHOD", "IMPORT_FROM")):
        return code.names[number] if number < len(code.names) else str(number)
    if item.name.endswith("_FAST"):
        return code.locals[number] if number < len(code.locals) else str(number)
    return str(item.argument) if item.argument else ""


def _constant(code: Code, number: int) -> str:
    if number >= len(code.constants):
        return str(number)
    value = code.constants[number]
    return f"<code {value.name}>" if isinstance(value, Code) else repr(value)[:80]
