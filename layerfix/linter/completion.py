"""Completing a `get_config` from `__init__`: what can be added without changing what the class does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst import matchers as m

from layerfix.emit.names import dotted
from layerfix.linter.facts import LayerClass


@dataclass(frozen=True, slots=True)
class Completion:
    """Config entries that a class lacks.

    Attributes:
        entries: argument and the attribute of self that holds it as it was given.
        stored: arguments that nothing holds so far, and the attribute to store each in.
    """

    entries: dict[str, str]
    stored: dict[str, str]


def completion(layer: LayerClass) -> Completion | None:
    """What makes the config whole; None where nothing lacks, or where a change of the source might not be safe.

    Safe is: one `get_config` that ends in its only `return`, or none, and a call of the base's `__init__` at the top of `__init__`, up to
    which no argument in question has been given another value. Arguments popped from `**kwargs` have no name to go by.
    """
    missing = [name for name in layer.arguments if name not in layer.config]
    start, config = _method(layer.node, "__init__"), _method(layer.node, "get_config")
    if not missing or layer.config_passes_all or layer.popped or start is None or (config is not None and _last_return(config) is None):
        return None
    assigned = dict(_assignments(start))
    kept = {name: f"self.{name}" for name in missing if assigned.get(f"self.{name}") == name}
    new = {name: f"self.{name}" if not _uses(layer.node, name) else f"self.given_{name}" for name in missing if name not in kept}
    if new and (_base_call(start) is None or any(name in assigned for name in new)):
        return None
    return Completion(kept | new, new)


def completed(node: cst.ClassDef, what: Completion) -> cst.ClassDef:
    """The class with these entries in its config."""
    body = cst.ensure_type(node.body, cst.IndentedBlock)
    config = _method(node, "get_config")
    statements = [
        _storing(item, what) if _is(item, "__init__") else _returning(item, what) if _is(item, "get_config") else item
        for item in body.body
    ]  # fmt: skip
    if config is None:
        base = f"dict(super({node.name.value}, self).get_config(), {_items(what)})"
        method = cst.ensure_type(cst.parse_statement(f"def get_config(self):\n    return {base}\n"), cst.FunctionDef)
        statements.append(method.with_changes(leading_lines=[cst.EmptyLine(indent=False)]))
    return node.with_changes(body=body.with_changes(body=statements))


def _storing(method: cst.BaseStatement, what: Completion) -> cst.FunctionDef:
    function = cst.ensure_type(method, cst.FunctionDef)
    body = cst.ensure_type(function.body, cst.IndentedBlock)
    at = _base_call(function)
    lines = [cst.parse_statement(f"{attribute} = {name}") for name, attribute in what.stored.items()]
    if at is None or not lines:
        return function
    return function.with_changes(body=body.with_changes(body=[*body.body[: at + 1], *lines, *body.body[at + 1 :]]))


def _returning(method: cst.BaseStatement, what: Completion) -> cst.FunctionDef:
    function = cst.ensure_type(method, cst.FunctionDef)
    body = cst.ensure_type(function.body, cst.IndentedBlock)
    line, given = cst.ensure_type(body.body[-1], cst.SimpleStatementLine), _last_return(function)
    assert given is not None
    value = cst.parse_expression(f"dict({cst.Module([]).code_for_node(given)}, {_items(what)})")
    return function.with_changes(body=body.with_changes(body=[*body.body[:-1], line.with_changes(body=[cst.Return(value)])]))


def _items(what: Completion) -> str:
    return ", ".join(f"{name}={attribute}" for name, attribute in what.entries.items())


def _is(item: cst.CSTNode, name: str) -> bool:
    return isinstance(item, cst.FunctionDef) and item.name.value == name and isinstance(item.body, cst.IndentedBlock)


def _method(node: cst.ClassDef, name: str) -> cst.FunctionDef | None:
    return next((cst.ensure_type(item, cst.FunctionDef) for item in node.body.body if _is(item, name)), None)


def _last_return(method: cst.FunctionDef) -> cst.BaseExpression | None:
    """What the only `return` of a method gives, where that is its last statement."""
    last = method.body.body[-1]
    if len(m.findall(method, m.Return())) == 1 and isinstance(last, cst.SimpleStatementLine):
        statement = last.body[-1]
        return statement.value if isinstance(statement, cst.Return) and len(last.body) == 1 else None
    return None


def _base_call(method: cst.FunctionDef) -> int | None:
    """Which statement of `__init__` calls that of the base."""
    call = m.SimpleStatementLine([m.Expr(m.Call(func=m.Attribute(attr=m.Name("__init__"))))])
    return next((at for at, item in enumerate(method.body.body) if m.matches(item, call)), None)


def _assignments(method: cst.FunctionDef) -> Iterator[tuple[str, str]]:
    """(target, name) of each assignment; name is "" for what is no plain name. Tuples are taken apart."""
    for node in m.findall(method, m.Assign() | m.AugAssign() | m.AnnAssign() | m.For() | m.NamedExpr()):
        targets = [item.target for item in node.targets] if isinstance(node, cst.Assign) else [node.target]  # type: ignore[attr-defined]
        value = node.value if isinstance(node, cst.Assign) else None
        for target in targets:
            if isinstance(target, cst.Tuple | cst.List):
                values = value.elements if isinstance(value, cst.Tuple) and len(value.elements) == len(target.elements) else None
                for at, element in enumerate(target.elements):
                    yield dotted(element.value), dotted(values[at].value) if values else ""
            else:
                yield dotted(target), dotted(value) if value is not None else ""


def _uses(node: cst.ClassDef, name: str) -> bool:
    """Whether a class has an attribute or a method of that name already."""
    attribute = m.Attribute(value=m.Name("self"), attr=m.Name(name))
    return bool(m.findall(node, attribute)) or bool(m.findall(node, m.FunctionDef(name=m.Name(name))))
