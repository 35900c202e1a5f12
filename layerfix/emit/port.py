"""A user's layer classes in the words of today's Keras, as a person would port them, where they are
simple enough for it.

A class qualifies that derives from `Layer`, keeps each layer it holds in an attribute of its own,
and uses of the backend only functions without state. Keras 3 tracks such layers by itself, so that
nothing of the tracking runtime is needed. What is doubtful does not qualify: the runtime serves
any class. That the written file loads and predicts the same with it is for the caller to try.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import libcst as cst

from layerfix.emit import backend
from layerfix.emit.assemble import parse, split
from layerfix.emit.names import Imports, canonical, dotted, imported
from layerfix.emit.pieces import emitted
from layerfix.emit.portable import BACKEND, NotPortableError, check_module, completed
from layerfix.emit.today import DEFAULTS

_SAME_WORDS = {name: name for name in backend.SAME | backend.ALIKE} | {"permute_dimensions": "transpose"}
"""Functions of Keras 2's backend, and what `keras.ops` calls those with the same arguments by place."""
_BY_PLACE = backend.ALIKE | {"permute_dimensions"}
"""Of those, the ones whose arguments have other names today."""


def ported(sources: Sequence[Path]) -> str:
    """The files as one that needs nothing but Keras 3.

    Raises:
        NotPortableError: where they need the runtime (`layerfix.emit.emit`); it tells what for.
        UsageError: where a file cannot be read or is no Python 3.
    """
    return _ported([parse(path) for path in sources], [path.name for path in sources])


def _ported(modules: Sequence[cst.Module], files: Sequence[str]) -> str:
    heads, bodies, layers, used, brought = [], [], list[str](), set[str](), set[str]()
    for module in modules:
        imports = Imports.of(module)
        mine = [one.name.value for one in module.body if isinstance(one, cst.ClassDef)]
        check_module(module, imports)
        rewrite = _Today(imports, mine)
        head, body = split(module.visit(rewrite))
        heads.append(head)
        bodies.append(body.lstrip("\n"))
        layers += mine
        used |= rewrite.functions
        brought |= rewrite.brought
    ours = "import keras\n" + "from keras import ops\n" * bool(used)
    said = f"# Ported from {', '.join(files)} by layerfix. Keras 3 tracks, saves and loads what these layers hold.\n"
    known = "".join(f"keras.saving.get_custom_objects()['{name}'] = {name}\n" for name in layers)
    functions = backend.functions(frozenset(brought | (used - _SAME_WORDS.keys())))
    return "".join((*heads[:1], said, ours, "\n\n", emitted("one_list"), functions, *bodies, "\n\n", known))


def _is_backend(node: cst.Import) -> bool:
    """`import keras.backend as K`, whose every use is rewritten."""
    return all(canonical(dotted(alias.name)) == BACKEND and alias.asname is not None for alias in node.names)


class _Today(cst.CSTTransformer):
    """One file's changes: imports, functions of the backend, defaults that changed, the config."""

    def __init__(self, imports: Imports, layers: Sequence[str]) -> None:
        self.imports, self.layers = imports, layers
        self.functions: set[str] = set()
        self.brought: set[str] = set()

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        first = original_node.body[0]
        if isinstance(first, cst.Import):
            if _is_backend(first):
                return cst.RemoveFromParent()
            if any(canonical(dotted(alias.name)).partition(".")[0] == "keras" for alias in first.names):
                raise NotPortableError("it imports Keras as a whole")
        elif isinstance(first, cst.ImportFrom):
            line = self._import_from(first)
            if line == "":
                return cst.RemoveFromParent()
            if line is not None:
                statement = cst.ensure_type(cst.parse_statement(line), cst.SimpleStatementLine)
                return updated_node.with_changes(body=statement.body)
        return updated_node

    def _import_from(self, node: cst.ImportFrom) -> str | None:
        """The import as today's Keras has it: None where it stays, "" where nothing is left of it."""
        names = list(imported(node))
        if not any(canonical(full).startswith("keras.") for _, full in names):
            if node.relative or "keras" in dotted(node.module) or "tensorflow" in dotted(node.module):
                raise NotPortableError(f"it imports from {'.' * len(node.relative)}{dotted(node.module)}")
            return None
        by_module: dict[str, list[str]] = {}
        for local, full in names:
            home, _, last = canonical(full).rpartition(".")
            if canonical(full) == BACKEND:
                continue
            if home not in ("keras", "keras.layers"):
                raise NotPortableError(f"it imports {full}")
            by_module.setdefault(home, []).append(last if last == local else f"{last} as {local}")
        return "; ".join(f"from {home} import {', '.join(found)}" for home, found in by_module.items())

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        name = self.imports.resolve(original_node)
        if not name.startswith(f"{BACKEND}."):
            return updated_node
        function = name.removeprefix(f"{BACKEND}.")
        self.functions.add(function)
        if function in _SAME_WORDS:
            return cst.parse_expression(f"ops.{_SAME_WORDS[function]}")
        return cst.Name(f"_K_{function}")

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """A default that today's class has otherwise is written out; a function keeps its arguments' old names where it gets them."""
        name = self.imports.resolve(original_node.func)
        function = name.removeprefix(f"{BACKEND}.")
        if name != function and function in _BY_PLACE and any(argument.keyword is not None for argument in original_node.args):
            self.brought.add(function)
            return updated_node.with_changes(func=cst.Name(f"_K_{function}"))
        default = DEFAULTS.get(name.removeprefix("keras.layers.")) if name.startswith("keras.layers.") else None
        if default is None or any(a.keyword is None or dotted(a.keyword) in default for a in original_node.args):
            return updated_node
        keyword, _, value = default.partition("=")
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        argument = cst.Arg(cst.parse_expression(value), cst.Name(keyword), equal=equal)
        return updated_node.with_changes(args=[argument, *updated_node.args])

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        if original_node.name.value not in self.layers:
            return updated_node
        return completed(updated_node, original_node)
