"""Expressions of Lambda layers as Python source, for a person to review and for `--layers`."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from layerfix.bytecode.errors import Unreadable
from layerfix.bytecode.tree import Call, Choice, Cut, Input, Item, Member, nodes, parts

_KNOWN = Path(__file__).parents[1] / "graph" / "known"
_BINARY: Mapping[str, ast.operator] = {
    "add": ast.Add(), "sub": ast.Sub(), "mul": ast.Mult(), "truediv": ast.Div(), "div": ast.Div(), "floordiv": ast.FloorDiv(),
    "mod": ast.Mod(), "pow": ast.Pow(), "matmul": ast.MatMult(), "and": ast.BitAnd(), "or": ast.BitOr(),
}  # fmt: skip
_COMPARED: Mapping[str, ast.cmpop] = {
    "lt": ast.Lt(), "le": ast.LtE(), "gt": ast.Gt(), "ge": ast.GtE(), "eq": ast.Eq(), "ne": ast.NotEq(),
}  # fmt: skip
_UNARY: Mapping[str, ast.unaryop] = {"neg": ast.USub(), "pos": ast.UAdd(), "invert": ast.Invert(), "not": ast.Not()}
_AS_DEFAULT = frozenset({"keepdims", "axis"})
"""Keywords of `keras.ops` that are left out where they are False or None."""


def is_name(text: str) -> bool:
    """Whether a text is a name of Python that can be bound."""
    return text.isidentifier() and not keyword.iskeyword(text)


@cache
def known_sources() -> Mapping[str, ast.FunctionDef]:
    """By name, the functions of `layerfix.graph.known`: read as text, so that no Keras is imported."""
    found: dict[str, ast.FunctionDef] = {}
    for file in sorted(_KNOWN.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return found


class Writer:
    """Writes one function's body.

    Args:
        argument: name of the function's tensor.
        tensorflow: 1, 2, or None where the file does not tell.
        original: whether calls keep the names that they had.
    """

    def __init__(self, argument: str, tensorflow: int | None, *, original: bool = False) -> None:
        self.argument, self.tensorflow, self.original = argument, tensorflow, original
        self.helpers: set[str] = set()
        self.named: dict[int, str] = {}

    def body(self, value: Any) -> list[ast.stmt]:
        """Statements that compute and return a value; parts that are used more than once get a name.

        Raises:
            Unreadable: for a function that is not known.
        """
        statements: list[ast.stmt] = []
        for node in _shared(value):
            made = self.expression(node)
            name = f"value_{len(self.named) + 1}"
            statements.append(ast.Assign([ast.Name(name)], made))
            self.named[id(node)] = name
        return [*statements, ast.Return(self.expression(value))]

    def expression(self, value: Any) -> ast.expr:
        if id(value) in self.named:
            return ast.Name(self.named[id(value)])
        if isinstance(value, (list, tuple)):
            made = [self.expression(part) for part in value]
            return ast.List(made) if isinstance(value, list) else ast.Tuple(made)
        if isinstance(value, dict):
            return ast.Dict([ast.Constant(key) for key in value], [self.expression(part) for part in value.values()])
        if isinstance(value, Input):
            name = ast.Name(self.argument)
            return name if value.index is None else ast.Subscript(name, ast.Constant(value.index))
        if isinstance(value, Item):
            return ast.Subscript(self.expression(value.value), self.index(value.index))
        if isinstance(value, Member):
            return self.member(value)
        if isinstance(value, Choice):
            return ast.IfExp(*map(self.expression, (value.test, value.then, value.other)))
        if isinstance(value, Call):
            return self.call(value)
        if isinstance(value, float) and (value != value or abs(value) == float("inf")):
            return ast.Call(ast.Name("float"), [ast.Constant(str(value))], [])
        return ast.Constant(value)

    def index(self, value: Any) -> ast.expr:
        if isinstance(value, Cut):
            return ast.Slice(*(None if part is None else self.expression(part) for part in (value.start, value.stop, value.step)))
        return ast.Tuple([self.index(part) for part in value]) if isinstance(value, tuple) else self.expression(value)

    def only_names(self, *names: str) -> None:
        """What stands for a name is one: those of a file are a stranger's text, and would be written as they are.

        Raises:
            Unreadable: where it is not, in what is written to be run.
        """
        for name in names:
            if not self.original and not is_name(name):
                raise Unreadable(f"{name!r} is no name that Python takes")

    def member(self, value: Member) -> ast.expr:
        inner = self.expression(value.value)
        self.only_names(value.name)
        if value.name == "value" and not self.original:
            return inner
        if value.name in {"ndims", "rank"} and not self.original:
            return ast.Call(ast.Name("len"), [inner], [])
        return ast.Attribute(inner, "shape" if value.name == "_keras_shape" and not self.original else value.name)

    def call(self, value: Call) -> ast.expr:
        kind, _, name = value.function.partition(".")
        if kind == "operator":
            return self.operator(name, value.arguments)
        arguments = [self.expression(argument) for argument in value.arguments]
        keywords = {key: self.expression(argument) for key, argument in value.keywords if self.original or key != "name"}
        if self.original or kind == "ops":
            self.only_names(*value.function.split("."), *keywords)
            return ast.Call(_dotted(value.function), arguments, [ast.keyword(key, v) for key, v in keywords.items()])
        if "keep_dims" in keywords:
            keywords["keepdims"] = keywords.pop("keep_dims")
        if value.function in {"K.reshape", "tf.reshape"} and len(arguments) == 2:
            return ast.Call(_dotted("ops.reshape"), arguments, [])
        return self.known(value.function, arguments, keywords)

    def operator(self, name: str, operands: Sequence[Any]) -> ast.expr:
        made = [self.operand(operand) for operand in operands]
        if name in _UNARY:
            return ast.UnaryOp(_UNARY[name], made[0])
        if name in _COMPARED:
            return ast.Compare(made[0], [_COMPARED[name]], [made[1]])
        if name not in _BINARY:
            raise Unreadable(f"the operator {name} is not followed")
        return ast.BinOp(made[0], _BINARY[name], made[1])

    def operand(self, value: Any) -> ast.expr:
        """One side of an operator, where a list of numbers stands for an array."""
        made = self.expression(value)
        return ast.Call(_dotted("ops.array"), [made], []) if isinstance(value, (list, tuple)) and not self.original else made

    def known(self, function: str, arguments: Sequence[ast.expr], keywords: Mapping[str, ast.expr]) -> ast.expr:
        plain = function.replace(".", "_")
        if function.startswith("python."):
            plain_call = _dotted("ops.absolute" if plain == "python_abs" else function[7:])
            return ast.Call(plain_call, list(arguments), [])
        sources = known_sources()
        name = next((own for own in (f"{plain}__tf{self.tensorflow}", plain) if own in sources), plain)
        if name not in sources:
            both = any(f"{plain}__tf{number}" in sources for number in (1, 2))
            why = (
                "had another meaning in TensorFlow 1 than in 2, and the file does not tell which"
                if both
                else "is not among the known functions"
            )
            raise Unreadable(f"{function} {why}")
        given = bound(sources[name], function, arguments, keywords)
        simple = _inlined(sources[name], given)
        if simple is not None:
            self.helpers |= _called(simple) & sources.keys()
            return simple
        self.helpers.add(name)
        return ast.Call(ast.Name(name), list(arguments), [ast.keyword(key, value) for key, value in keywords.items()])


def _shared(value: Any) -> list[Any]:
    """Calls that are used more than once, parts before wholes; those within a choice stay there, since one way may fail."""
    uses: dict[int, int] = {}
    inside: set[int] = set()
    everything = list(nodes(value))
    for node in everything:
        for part in parts(node):
            uses[id(part)] = uses.get(id(part), 0) + 1
        if isinstance(node, Choice):
            inside |= {id(part) for way in (node.then, node.other) for part in nodes(way)}
    return [node for node in everything if isinstance(node, Call) and uses.get(id(node), 0) > 1 and id(node) not in inside]


def _dotted(name: str) -> ast.expr:
    first, *rest = name.split(".")
    made: ast.expr = ast.Name(first)
    for part in rest:
        made = ast.Attribute(made, part)
    return made


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


def _inlined(source: ast.FunctionDef, given: Mapping[str, ast.expr]) -> ast.expr | None:
    """A known function's one expression with its arguments put in; None where it takes more than one expression."""
    body = source.body[1:] if ast.get_docstring(source) else source.body
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None or source.args.vararg is not None:
        return None
    used = [node.id for node in ast.walk(body[0].value) if isinstance(node, ast.Name)]
    simple = (ast.Name, ast.Constant)
    if any(used.count(name) > 1 and not isinstance(value, simple) for name, value in given.items()):
        return None
    copied = ast.parse(ast.unparse(body[0].value), mode="eval").body
    made = _Substituted(given).visit(copied)
    return made if isinstance(made, ast.expr) else None


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
        number = ast.literal_eval(tested) if isinstance(tested, ast.Constant | ast.UnaryOp) else tested
        return node if isinstance(number, ast.expr) else node.body if number is None else node.orelse

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        node.keywords = [word for word in node.keywords if not _is_default(word)]
        return node


def _is_default(word: ast.keyword) -> bool:
    absent = isinstance(word.value, ast.Constant) and word.value.value in (None, False) and not isinstance(word.value.value, int | float)
    false = isinstance(word.value, ast.Constant) and word.value.value is False
    return word.arg in _AS_DEFAULT and (absent or false)


def _called(node: ast.AST) -> set[str]:
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
