"""The pieces that an emitted file is put together from: the runtime's files, each from its mark on."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files

MARK = "# ---- emitted from here on ----\n"

HEAD = """\
# ---- Added by layerfix, from here to the end mark: whatever layers and variables a class below makes, wherever it keeps them,
# ---- are tracked, trained, saved and loaded with it, and its config holds all its arguments. Keras {keras}.
"""

END = "# ---- End of what layerfix added; below is the source as it was, but for its imports.\n"


@cache
def emitted(name: str) -> str:
    """What a file of the runtime hands on: all below its mark, and two empty lines."""
    return _text(name).partition(MARK)[2].strip("\n") + "\n\n\n"


ONLY_FOR = "# Only for: "
"""Before a method of the runtime: it comes along where the user's source speaks one of these names."""


def needed(text: str, spoken: Collection[str]) -> str:
    """Of a piece, the statements that a source which speaks these names reaches, each with two empty lines behind it."""
    lines = text.splitlines()
    statements = [_without_idle(lines, node, spoken) for node in ast.parse(text).body]
    bound = {name: number for number, statement in enumerate(statements) for name in _binds(statement)}
    waiting, found = [bound[name] for name in spoken if name in bound], set[int]()
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += [bound[name] for name in names_in(statements[number]) if name in bound]
    return "".join(f"{statement}\n\n\n" for number, statement in enumerate(statements) if number in found)


def names_in(text: str) -> set[str]:
    """Every name and attribute in a source, and the words that stand in it as text."""
    found = set[str]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found.add(node.value)
    return found


def _without_idle(lines: Sequence[str], node: ast.stmt, spoken: Collection[str]) -> str:
    """A statement of the runtime, without methods that the source has no use for."""
    left_out = set[int]()
    for inner in node.body if isinstance(node, ast.ClassDef) else ():
        first = _first(inner)
        mark = lines[first - 2].strip()
        if mark.startswith(ONLY_FOR):
            left_out.add(first - 1)
            if not {*mark.removeprefix(ONLY_FOR).split(", ")} & {*spoken}:
                left_out |= {*range(first, (inner.end_lineno or first) + 2)}
    kept = [
        line for number, line in enumerate(lines, start=1) if _first(node) <= number <= (node.end_lineno or 0) and number not in left_out
    ]
    return "\n".join(kept).rstrip()


def _first(node: ast.stmt) -> int:
    """The line that a statement begins in, decorators included."""
    return min([node.lineno, *(int(one.lineno) for one in getattr(node, "decorator_list", ()))])


def _binds(statement: str) -> list[str]:
    node = ast.parse(statement).body[0]
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    return [target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)]


def imports(*names: str) -> str:
    """The imports that files of the runtime need where they are emitted: those above their marks that are not layerfix' own."""
    above = [line for name in names for line in _text(name).partition(MARK)[0].rpartition('"""')[2].splitlines()]
    return "".join(f"{line}\n" for line in dict.fromkeys(above) if line and "layerfix" not in line) + "\n"


def _text(name: str) -> str:
    return files("layerfix.emit").joinpath("runtime", f"{name}.py").read_text(encoding="utf-8")
