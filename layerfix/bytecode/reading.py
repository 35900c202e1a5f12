"""One function of a file, read: its expression, or the reason why not; which Python wrote it is found by trying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layerfix.bytecode.arithmetic import usable
from layerfix.bytecode.consistency import check
from layerfix.bytecode.errors import Inconsistent, Unreadable
from layerfix.bytecode.instructions import decode, disassembly
from layerfix.bytecode.machine import Machine
from layerfix.bytecode.marshalled import VERSIONS, Code, layouts
from layerfix.bytecode.modules import unsafe
from layerfix.bytecode.tree import Input, encode
from layerfix.bytecode.values import Absent, Cell, Function
from layerfix.bytecode.windows import doubt

_ARITHMETIC = frozenset({"tensorflow", "keras", "numpy", "math", "tf_keras"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one function's code.

    Attributes:
        name: the function's own, "<lambda>" for one without.
        arguments: names of its arguments.
        pythons: the versions that it may be of; one, or several that read it alike.
        expression: as `tree.encode` gives it, or None.
        problem: why there is no expression, one clause; "" where there is one.
        listing: the instructions, as text.
        unsafe: names in it that reach beyond arithmetic.
        globals: every name that it uses.
    """

    name: str
    arguments: tuple[str, ...]
    pythons: tuple[str, ...]
    expression: list[Any] | None
    problem: str
    listing: str
    unsafe: tuple[str, ...]
    globals: tuple[str, ...]


Readings = Mapping[str, Reading | str]
"""By path of a Lambda layer: what its code says, or why its bytes are no code."""


def as_readings(told: Mapping[str, object]) -> dict[str, Reading | str]:
    """Readings as a child told them in JSON."""
    return {path: _as_reading(item) if isinstance(item, Mapping) else str(item) for path, item in told.items()}


def _as_reading(told: Mapping[str, Any]) -> Reading:
    arguments, pythons, unsafe, names = (tuple(map(str, told[key])) for key in ("arguments", "pythons", "unsafe", "globals"))
    return Reading(str(told["name"]), arguments, pythons, told["expression"], str(told["problem"]), str(told["listing"]), unsafe, names)


def read_function(
    data: bytes,
    *,
    defaults: Sequence[object] | None = None,
    closure: Sequence[object] | None = None,
    inputs: int | None = None,
    arguments: Mapping[str, object] | None = None,
) -> Reading:
    """Reads a function's marshalled code. Nothing in it is run.

    Args:
        data: the marshal stream of a code object.
        defaults: values of its last arguments.
        closure: values of the variables that it shares with the function around it.
        inputs: None where it is called with one tensor, or how many tensors are in the list.
        arguments: further arguments that it is called with.

    Raises:
        Inconsistent: where the bytes are no code object of any Python known here.
    """
    attempts: list[tuple[str, Code, Any, str]] = []
    problem = ""
    for layout, code in layouts(data).items():
        for version in VERSIONS[layout]:
            try:
                check(code, version, decode(code.code, version))
                expression = _followed(code, version, defaults, closure, inputs, arguments or {})
                uncertain = doubt(code, version)
                attempts.append((version, code, None if uncertain else expression, uncertain))
            except Unreadable as error:
                attempts.append((version, code, None, str(error)))
            except RecursionError:
                attempts.append((version, code, None, "a value holds itself"))
            except Inconsistent as error:
                problem = str(error)
    if not attempts:
        raise Inconsistent(f"its instructions are those of no Python known here: {problem}")
    return _settled(attempts)


def _followed(
    code: Code,
    version: str,
    defaults: Sequence[object] | None,
    closure: Sequence[object] | None,
    inputs: int | None,
    arguments: Mapping[str, object],
) -> list[Any]:
    """The expression that one version of Python would compute.

    Raises:
        Unreadable, Inconsistent: see there.
    """
    cells = tuple(Cell(value, True) for value in closure or ())
    late = tuple(defaults or ())
    names = code.locals[: code.arguments]
    if len(late) > len(names):
        raise Unreadable("it has more defaults than arguments")
    given: Any = Input() if inputs is None else [Input(index) for index in range(inputs)]
    told: dict[str, Any] = {name: Absent(name) for name in ("mask", "training") if name in names[1:]}
    known = dict(zip(names[len(names) - len(late) :], late, strict=True)) if late else {}
    told = {name: value for name, value in told.items() if known.get(name) is None}
    result = Machine(version).call(Function(code, late, cells=cells), [given], {**told, **arguments})
    return encode(usable(result))


def _settled(attempts: Sequence[tuple[str, Code, Any, str]]) -> Reading:
    """One reading of those by several versions, which must agree."""
    _, code, expression, problem = attempts[0]
    expression = attempts[0][2]
    if any(other[2] != expression for other in attempts):
        read = ", ".join(version for version, *_ in attempts)
        expression, problem = None, f"Pythons {read} read it differently, and the file does not say which"
    names = _names(code)
    return Reading(
        code.name,
        code.locals[: code.arguments],
        tuple(version for version, *_ in attempts),
        expression,
        problem,
        disassembly(code, attempts[0][0]),
        (*unsafe(names), *(f"import {name}" for name in sorted(_imports(code, attempts[0][0])))),
        tuple(sorted(names)),
    )


def _imports(code: Code, version: str) -> set[str]:
    """Modules beyond those of arithmetic that it imports."""
    inner = [constant for constant in code.constants if isinstance(constant, Code)]
    own = {code.names[item.argument] for item in decode(code.code, version) if item.name == "IMPORT_NAME"}
    return {name for name in own if name.split(".")[0] not in _ARITHMETIC}.union(*(_imports(part, version) for part in inner))


def _names(code: Code) -> set[str]:
    found = set(code.names)
    for constant in code.constants:
        if isinstance(constant, Code):
            found |= _names(constant)
    return found
