"""Expressions of Lambda layers as Python source, for a person to review and for `--layers`."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping, Sequence
from typing import Any

from layerfix.bytecode.errors import Unreadable
from layerfix.bytecode.tree import Call, Choice, Cut, Input, Item, Member, nodes, parts
from layerfix.emit.known import bound, called_names, inlined, known_sources

_BINARY: Mapping[str, ast.operator] = {
    "add": ast.Add(), "sub": ast.Sub(), "mul": ast.Mult(), "truediv": ast.Div(), "div": ast.Div(), "floordiv": ast.FloorDiv(),
    "mod": ast.Mod(), "pow": ast.Pow(), "matmul": ast.MatMult(), "and": ast.BitAnd(), "or": ast.BitOr(),
}  # fmt: skip
_COMPARED: Mapping[str, ast.cmpop] = {
    "lt": ast.Lt(), "le": ast.LtE(), "gt": ast.Gt(), "ge": ast.GtE(), "eq": ast.Eq(), "ne": ast.NotEq(),
}  # fmt: skip
_UNARY: Mapping[str, ast.unaryop] = {"neg": ast.USub(), "pos": ast.UAdd(), "invert": ast.Invert(), "not": ast.Not()}


def is_name(text: str) -> bool:
    """Whether a text is a name of Python that can be bound."""
    return text.isidentifier() and not keyword.iskeyword(text)


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

    def body(self, value: object) -> list[ast.stmt]:
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

    def index(self, value: object) -> ast.expr:
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

    def operator(self, name: str, operands: Sequence[object]) -> ast.expr:
        made = [self.operand(operand) for operand in operands]
        if name in _UNARY:
            return ast.UnaryOp(_UNARY[name], made[0])
        if name in _COMPARED:
            return ast.Compare(made[0], [_COMPARED[name]], [made[1]])
        if name not in _BINARY:
            raise Unreadable(f"the operator {name} is not followed")
        if name == "div" and not self.original and all(map(_is_whole, operands)):
            name = "floordiv"  # Python 2 divided whole numbers so
        return ast.BinOp(made[0], _BINARY[name], made[1])

    def operand(self, value: object) -> ast.expr:
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
        simple = inlined(sources[name], given)
        if simple is not None:
            self.helpers |= called_names(simple) & sources.keys()
            return simple
        self.helpers.add(name)
        return ast.Call(ast.Name(name), list(arguments), [ast.keyword(key, value) for key, value in keywords.items()])


_SIZES = frozenset({"K.int_shape", "K.shape", "tf.shape"})
_COUNTS = frozenset({"K.ndim", "tf.rank", "python.len", "python.int"})
_OF_WHOLES = frozenset({"add", "sub", "mul", "div", "floordiv", "mod", "neg", "pos"})


def _is_whole(value: object) -> bool:
    """Whether a value is a whole number of Python: a size, a count, or what is computed of such."""
    if isinstance(value, Item):
        sizes = value.value
        return (isinstance(sizes, Member) and sizes.name in {"shape", "_keras_shape"}) or (
            isinstance(sizes, Call) and sizes.function in _SIZES
        )
    if isinstance(value, Member):
        return value.name in {"ndims", "rank"} or (value.name == "value" and _is_whole(value.value))
    if isinstance(value, Call):
        kind, _, name = value.function.partition(".")
        return value.function in _COUNTS or (kind == "operator" and name in _OF_WHOLES and all(map(_is_whole, value.arguments)))
    return type(value) is int


def _shared(value: object) -> list[Any]:
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
