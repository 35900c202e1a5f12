"""The functions of `layerfix.graph.known` as source: read as text, so that no Keras is imported to print them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from layerfix.bytecode.errors import Unreadable

_KNOWN = Path(__file__).parents[1] / "graph" / "known"
_AS_DEFAULT = frozenset({"keepdims", "axis"})
"""Keywords of `keras.ops` that are left out where they are False or None."""


@cache
def known_sources() -> Mapping[str, ast.FunctionDef]:
    """By name, the functions of `layerfix.graph.known`: read as text, so that no Keras is imported."""
    found: dict[str, ast.FunctionDef] = {}
    for file in sorted(_KNOWN.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return found


def bound(source: ast.FunctionDef, name: str, arguments: Sequence[ast.expr], keywords: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
    """A known function's arguments by name.

    Raises:
        Unreadable: where it is called with others than it takes.
    """
    names = [argument.arg for argument in source.args.args]
    if source.args.vararg is not None:
        return {}
    if len(arguments) > len(names) or keywords.keys() - set(names[len(arguments) :]):
        extra = ", ".join(sorted(keywords.keys() - set(names))) or f"{len(arguments)} arguments"
        raise Unreadable(f"{name} is called with {extra}, which is not among what is known exactly")
    defaults = dict(zip(names[len(names) - len(source.args.defaults) :], source.args.defaults, strict=True))
    given = {**defaults, **dict(zip(names, arguments, strict=False)), **keywords}
    missing = [argument for argument in names if argument not in given]
    if missing:
        raise Unreadable(f"{name} is called without {missing[0]}")
    return given


def inlined(source: ast.FunctionDef, given: Mapping[str, ast.expr]) -> ast.expr | None:
    """A known function's one expression with its arguments put in; None where it takes more than one expression."""
    body = source.body[1:] if ast.get_docstring(source) else source.body
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None or source.args.vararg is not None:
        return None
    used = [node.id for node in ast.walk(body[0].value) if isinstance(node, ast.Name)]
    if any(used.count(name) > 1 and not _is_simple(value) for name, value in given.items()):
        return None
    copied = ast.parse(ast.unparse(body[0].value), mode="eval").body
    made = _Substituted(given).visit(copied)
    return made if isinstance(made, ast.expr) else None


def _is_simple(value: ast.expr) -> bool:
    """Whether an argument may stand twice: a name or a number."""
    return isinstance(value.operand if isinstance(value, ast.UnaryOp) else value, ast.Name | ast.Constant)


class _Substituted(ast.NodeTransformer):
    """Puts arguments in the place of their names, and leaves out keywords at their default."""

    def __init__(self, given: Mapping[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.given.get(node.id, node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """`0 if axis is None else axis`, with an axis that is known."""
        self.generic_visit(node)
        tested = node.test.left if isinstance(node.test, ast.Compare) and isinstance(node.test.ops[0], ast.Is) else None
        if isinstance(tested, ast.Constant):
            return node.body if tested.value is None else node.orelse
        return node.orelse if isinstance(tested, ast.UnaryOp) else node  # -1 is not None

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        node.keywords = [word for word in node.keywords if not _is_default(word)]
        return node


def _is_default(word: ast.keyword) -> bool:
    return word.arg in _AS_DEFAULT and isinstance(word.value, ast.Constant) and (word.value.value is None or word.value.value is False)


def called_names(node: ast.AST) -> set[str]:
    return {part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}


def helper_sources(names: set[str]) -> list[str]:
    """Source of helper functions and of those that they call, without annotations, sorted by name."""
    sources = known_sources()
    wanted, found = set(names), set[str]()
    while wanted - found:
        name = (wanted - found).pop()
        found.add(name)
        wanted |= {n.id for n in ast.walk(sources[name]) if isinstance(n, ast.Name)} & sources.keys()
    return [ast.unparse(ast.fix_missing_locations(_bare(sources[name]))) for name in sorted(found)]


def _bare(source: ast.FunctionDef) -> ast.FunctionDef:
    copied = ast.parse(ast.unparse(source)).body[0]
    assert isinstance(copied, ast.FunctionDef)
    copied.returns = None
    for argument in copied.args.args:
        argument.annotation = None
    if copied.args.vararg is not None:
        copied.args.vararg.annotation = None
    return copied
