"""One function at work: its instructions, stack and variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from layerfix.bytecode.errors import Inconsistent
from layerfix.bytecode.instructions import Instruction, release
from layerfix.bytecode.marshalled import Code
from layerfix.bytecode.values import Cell


class Follower(Protocol):
    """Whoever follows a frame, for calls that its code makes."""

    def invoke(self, callee: object, arguments: Sequence[object], keywords: Mapping[str, object]) -> Any: ...


@dataclass(slots=True)
class Frame:
    """One function at work.

    Attributes:
        names: of its shared variables, in the order that 3.10 and earlier count them.
        keyword_names: what KW_NAMES left for the next CALL.
        blocks: (where a loop ends, height of the stack there), for 3.7 and earlier.
    """

    code: Code
    version: str
    instructions: tuple[Instruction, ...]
    places: Mapping[int, int]
    locals: dict[str, Any]
    cells: dict[str, Cell]
    stack: list[Any] = field(default_factory=list)
    at: int = 0
    keyword_names: tuple[str, ...] = ()
    blocks: list[tuple[int, int]] = field(default_factory=list)

    @property
    def release(self) -> tuple[int, int]:
        return release(self.version)

    def pop(self) -> Any:
        if not self.stack:
            raise Inconsistent("an instruction takes more than there is")
        return self.stack.pop()

    def pop_many(self, count: int) -> list[Any]:
        if count < 0 or count > len(self.stack):
            raise Inconsistent("an instruction takes more than there is")
        taken = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return taken

    def push(self, value: object) -> None:
        if len(self.stack) >= self.code.stacksize + 1:
            raise Inconsistent("the stack grows higher than the code says")
        self.stack.append(value)

    def constant(self, index: int) -> Any:
        value = _item(self.code.constants, index)
        # Python 2 has one type for text and bytes.
        text = self.version == "2.7" and isinstance(value, bytes)
        return value.decode("latin-1") if text else value

    def name(self, index: int) -> str:
        return str(_item(self.code.names, index))

    def local(self, index: int) -> str:
        return str(_item(self.code.locals, index))

    def shared(self, index: int) -> str:
        """The name of a shared variable by its number."""
        order = self.code.locals if self.release >= (3, 11) else self.code.cells + self.code.free
        return str(_item(order, index))

    def jump(self, target: int | None) -> None:
        if target is None or target not in self.places:
            raise Inconsistent("a jump ends nowhere")
        self.at = self.places[target]


def _item(values: Sequence[object], index: int) -> Any:
    if not 0 <= index < len(values):
        raise Inconsistent("an instruction names what the code does not hold")
    return values[index]
