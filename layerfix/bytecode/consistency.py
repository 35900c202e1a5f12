"""Whether code can be that of one version of Python: what its compiler always does, and another's never."""

from __future__ import annotations

from collections.abc import Sequence

from layerfix.bytecode.errors import Inconsistent
from layerfix.bytecode.instructions import Instruction, release
from layerfix.bytecode.marshalled import Code
from layerfix.bytecode.opcodes import COMPARISONS

_BEFORE_RESUME = frozenset({"COPY_FREE_VARS", "MAKE_CELL", "RETURN_GENERATOR", "POP_TOP"})
_NAMED = frozenset(
    ["LOAD_GLOBAL", "STORE_GLOBAL", "LOAD_NAME", "STORE_NAME", "LOAD_ATTR", "STORE_ATTR", "LOAD_METHOD", "IMPORT_NAME", "IMPORT_FROM"]
)
_LOCAL = frozenset(["LOAD_FAST", "STORE_FAST", "DELETE_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_AND_CLEAR"])
_ENDS = frozenset(
    ["RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_FORWARD", "END_FINALLY"]
)


def check(code: Code, version: str, instructions: Sequence[Instruction]) -> None:
    """Holds the whole code, followed or not, against what this version's compiler writes.

    Raises:
        Inconsistent: where it never writes that.
    """
    for item in instructions:
        _check_argument(code, item, version)
    if instructions[-1].name not in _ENDS:
        raise Inconsistent("it does not end with a return")
    if release(version) >= (3, 11):
        first = next((item.name for item in instructions if item.name not in _BEFORE_RESUME), "")
        if first != "RESUME":
            raise Inconsistent("it does not begin with RESUME")
    names = {item.name for item in instructions}
    if "CALL_FINALLY" in names and "SETUP_FINALLY" not in names:
        raise Inconsistent("it calls a `finally` that it has not")
    if release(version) >= (3, 11) and "CACHE" in names:
        raise Inconsistent("an inline cache stands alone")
    if release(version) == (3, 11) and ("CALL" in names) != ("PRECALL" in names):
        raise Inconsistent("a call is not prepared")
    _check_lines(code, version)


def _check_argument(code: Code, item: Instruction, version: str) -> None:
    number = item.argument
    if item.name == "LOAD_GLOBAL" and release(version) >= (3, 11):
        number >>= 1
    if item.name == "LOAD_ATTR" and release(version) >= (3, 12):
        number >>= 1
    if item.name == "COMPARE_OP":
        number >>= {"3.12": 4, "3.13": 5}.get(version, 0)
        most = len(COMPARISONS) if release(version) < (3, 9) else 6
    elif item.name in {"LOAD_CONST", "RETURN_CONST", "KW_NAMES"}:
        most = len(code.constants)
    elif item.name in _NAMED:
        most = len(code.names)
    elif item.name in _LOCAL:
        most = len(code.locals)
    else:
        return
    if number >= most:
        raise Inconsistent("an instruction names what the code does not hold")


def _check_lines(code: Code, version: str) -> None:
    """The line table covers all of the code since 3.10, before it names the beginning of each line alone."""
    if release(version) >= (3, 11) or not code.lines:
        return
    covered = sum(code.lines[::2])
    if version == "3.10" and covered != len(code.code):
        raise Inconsistent("its line table does not cover its instructions")
    if version != "3.10" and covered >= len(code.code):
        raise Inconsistent("its line table reaches beyond its instructions")
