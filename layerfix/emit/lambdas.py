"""The file of functions for a checkpoint's Lambda layers: what was read, and stubs for what was not."""

from __future__ import annotations

import ast
import builtins
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from layerfix.bytecode.errors import Unreadable
from layerfix.bytecode.reading import Reading
from layerfix.bytecode.tree import decoded
from layerfix.dialects.lambdas import python_name
from layerfix.emit.expressions import Writer, is_name
from layerfix.emit.known import helper_sources, known_sources

_MODULES = {"keras": "import keras", "math": "import math", "np": "import numpy as np"}
_OPS = ("ops", "random")
_PART = re.compile(r"value_\d+")
_PRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class ReadLambda:
    """One Lambda layer.

    Attributes:
        layer: its path in the model.
        function: the name that its function gets.
        pythons: versions of Python that its bytecode may be of.
        original: what it computes, with the names that the file holds.
        source: the function for today's Keras, or a stub to fill in.
        problem: why it was not read, or "".
        listing: its instructions.
        unsafe: names in its code that reach beyond arithmetic.
    """

    layer: str
    function: str
    pythons: tuple[str, ...]
    original: str
    source: str
    problem: str
    listing: str
    unsafe: tuple[str, ...]


def read_lambda(layer: str, reading: Reading | str, tensorflow: int | None) -> tuple[ReadLambda, set[str]]:
    """A Lambda layer's record with its source, and the helpers that the source calls.

    Args:
        layer: its path.
        reading: of its code, or why the code is none.
        tensorflow: 1, 2, or None where the file does not tell.
    """
    name = python_name(layer.rsplit("/", 1)[-1])
    if isinstance(reading, str):
        return ReadLambda(layer, name, (), "", _stub(name, layer, ("x",), reading, ""), reading, "", ()), set()
    arguments = _named(reading.arguments)
    writer = Writer(arguments[0], tensorflow)
    problem, body, original = reading.problem, None, ""
    if reading.expression is not None:
        value = decoded(reading.expression)
        original = _original(value, arguments[0])
        try:
            body = writer.body(value)
        except Unreadable as error:
            problem = str(error)
    listing = reading.listing
    source = _defined(name, arguments, body, original) if body is not None else _stub(name, layer, arguments, problem, listing)
    record = ReadLambda(layer, name, reading.pythons, original, source, "" if body is not None else problem, listing, reading.unsafe)
    return record, writer.helpers if body is not None else set()


def _original(value: object, argument: str) -> str:
    body = Writer(argument, None, original=True).body(value)
    text = "; ".join(ast.unparse(ast.fix_missing_locations(statement)) for statement in body)
    return _escaped(text.replace("return ", ""))


def _escaped(text: str) -> str:
    """Text of a file in a comment of ours: one line, and nothing but printable characters."""
    return _PRINTABLE.sub("?", text)


def _named(arguments: Iterable[str]) -> tuple[str, ...]:
    """A function's arguments; one that is no name of Python, the second of a name, or the name of what the body uses gets another."""
    found: list[str] = []
    for place, argument in enumerate(arguments):
        free = is_name(argument) and argument not in found and not _is_used(argument)
        found.append(argument if free else f"x_{place}")
    return tuple(found) or ("x",)


def _is_used(name: str) -> bool:
    """Whether a body may use a name for something else: modules, functions of Python, helpers, and parts that it computes once."""
    return name in {*_MODULES, *_OPS, *dir(builtins)} or name in known_sources() or _PART.fullmatch(name) is not None


def _signature(name: str, arguments: Iterable[str]) -> str:
    first, *rest = arguments
    return f"def {name}({', '.join([first, *(f'{other}=None' for other in rest)])}):"


def _defined(name: str, arguments: Iterable[str], body: list[ast.stmt], original: str) -> str:
    lines = [ast.unparse(ast.fix_missing_locations(statement)) for statement in body]
    indented = "\n".join(f"    {line}" for text in lines for line in text.splitlines())
    return f"{_signature(name, arguments)}\n    # as saved: {original}\n{indented}\n"


def _stub(name: str, layer: str, arguments: Iterable[str], problem: str, listing: str) -> str:
    """A function to fill in, with what is known of it."""
    shown = [f"    #     {_escaped(line)}" for line in listing.splitlines()[:200]]
    lines = [
        _signature(name, arguments),
        f"    # Layer {_escaped(layer)!r} could not be read: {_escaped(problem)}.",
        *(["    # Its instructions:", *shown] if shown else []),
        f'    raise NotImplementedError("write here what {name} computes, with keras.ops")',
    ]
    return "\n".join(lines) + "\n"


def document(lambdas: Iterable[ReadLambda], helpers: set[str], source: str) -> str:
    """The whole file."""
    by_name: dict[str, dict[str, str]] = {}
    for read in lambdas:
        by_name.setdefault(read.function, {}).setdefault(read.source, read.layer)
    functions = [*helper_sources(helpers), *itertools.starmap(_one, by_name.items())]
    text = "\n\n\n".join(part.rstrip() for part in functions) + "\n"
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    imports = [line for name, line in _MODULES.items() if name in used]
    operations = [name for name in _OPS if name in used or name == "ops"]
    head = '"""Functions of Lambda layers, read from their bytecode by layerfix; nothing was run."""'
    return "\n".join([head, f"# The file: {_escaped(source)}", "", *imports, f"from keras import {', '.join(operations)}", "", "", text])


def _one(name: str, layers: Mapping[str, str]) -> str:
    """The function of that name; what is given with `--layers` is found by it, so that two layers of one name need one meaning."""
    if len(layers) == 1:
        return next(iter(layers))
    return _stub(name, " and ".join(layers.values()), ("x",), "layers of this name compute different things", "")
