"""Runs the rules over one file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from layerfix.emit.assemble import parse
from layerfix.emit.names import STAR, Imports, canonical, dotted, is_layer_class
from layerfix.linter.completion import completion
from layerfix.linter.facts import Body, LayerClass, Surroundings, handed_class
from layerfix.linter.rules import FIXABLE, RULES, has_weights, is_modern_only
from layerfix.results.lint import LintFinding

_Raw = tuple[str, str, cst.CSTNode]


def check(path: Path, source: str | None = None) -> list[LintFinding]:
    """All findings of one file, or of what it is going to hold."""
    wrapper = MetadataWrapper(parse(path) if source is None else cst.parse_module(source))
    positions = wrapper.resolve(PositionProvider)
    arguments = {node for layer in layer_classes(wrapper.module) if completion(layer) for node in layer.arguments.values()}
    found = []
    for code, what, node in raw_findings(wrapper.module):
        start = positions[node].start
        fixable = code in FIXABLE and (code != "LFL006" or node in arguments)
        found.append(LintFinding(code, str(path), start.line, start.column + 1, RULES[code].format(what=what), fixable))
    return found


def raw_findings(module: cst.Module) -> Iterator[_Raw]:
    """(code, subject, node) of each finding."""
    imports = Imports.of(module, STAR)
    for layer in layer_classes(module):
        yield from _of_class(layer)
    for call in _calls(module):
        if imports.resolve(call.func) == "keras.layers.Lambda" and call.args:
            yield from (("LFL005", name, call) for name in _layers_in(call.args[0].value, imports, module))


def layer_classes(module: cst.Module) -> list[LayerClass]:
    """The classes of a module that derive from Layer, with what they do."""
    imports = Imports.of(module, STAR)
    classes = _classes(module)
    own: dict[str, cst.ClassDef] = {}
    of_stock: set[str] = set()
    for node in classes:
        bases = [imports.resolve(base.value) for base in node.bases]
        if any(base in of_stock for base in map(_base_name, node.bases)) or any(map(_is_stock_base, bases)):
            of_stock.add(node.name.value)
        if any(_is_stock_base(base) or base == "keras.layers.Layer" for base in bases) or any(dotted(b.value) in own for b in node.bases):
            own[node.name.value] = node
    modern = is_modern_only({canonical(full) for full in imports.bound.values()}) or _uses_ops(module, imports)
    around = _surroundings(module, imports, classes, own)
    found: dict[str, LayerClass] = {}
    for name, node in own.items():
        layer = found[name] = LayerClass(node, modern, config_passes_all=name in of_stock)
        node.body.visit(Body(layer, imports, around))
        for parent in (found[base] for base in map(_base_name, node.bases) if base in found):
            layer.adopts_in_helper |= _patches(parent.node)
            layer.config |= parent.config
            layer.config_passes_all |= parent.config_passes_all
        layer.adopts_in_helper |= _patches(node)
    return list(found.values())


def _surroundings(module: cst.Module, imports: Imports, classes: list[cst.ClassDef], own: dict[str, cst.ClassDef]) -> Surroundings:
    functions = {node.name.value: node for node in module.body if isinstance(node, cst.FunctionDef)}
    adopters = {name for name, node in functions.items() if "_weights" in module.code_for_node(node)}
    makers = {name: made for name, node in functions.items() if name not in adopters for made in _made_in(node, imports, own)[:1]}
    for _ in functions:  # through functions that call such functions
        makers = {
            name: makers[called]
            for name, node in functions.items() if name not in adopters
            for called in [name, *(dotted(call.func) for call in _calls(node))] if called in makers
        }  # fmt: skip
    holders = {node.name.value for node in classes if node.name.value not in own and _made_in(node, imports, {})}
    return Surroundings(frozenset(own), frozenset(holders), frozenset(adopters), makers, _handed(module, imports))


def _handed(module: cst.Module, imports: Imports) -> dict[str, str]:
    """Names at the top of a module that stand for layer classes."""
    assigned = [
        statement
        for line in module.body if isinstance(line, cst.SimpleStatementLine)
        for statement in line.body if isinstance(statement, cst.Assign)
    ]  # fmt: skip
    found = {dotted(assign.targets[0].target): handed_class(assign.value, imports) for assign in assigned}
    return {name: made for name, made in found.items() if made}


def _classes(module: cst.Module) -> list[cst.ClassDef]:
    """All classes, those made in functions included."""
    found: list[cst.ClassDef] = []

    class Visitor(cst.CSTVisitor):
        def visit_ClassDef(self, node: cst.ClassDef) -> None:
            found.append(node)

    module.visit(Visitor())
    return found


def _base_name(base: cst.Arg) -> str:
    return dotted(base.value)


def _is_stock_base(name: str) -> bool:
    """Whether a base is a stock layer, whose own config and weights take care of themselves; models track by other ways."""
    return is_layer_class(name) and not name.endswith((".Sequential", ".Network", ".Container"))


def _of_class(layer: LayerClass) -> Iterator[_Raw]:
    built = dict(reversed(layer.built))
    adopted = {name: step for name, step, _ in layer.adopted}
    for sublayer in layer.sublayers:
        if sublayer.method == "call":
            yield "LFL001", sublayer.class_name, sublayer.node
        elif not layer.modern and sublayer.attribute not in adopted and not layer.adopts_in_helper:
            yield "LFL003", sublayer.class_name, sublayer.node
    for name, step, node in layer.adopted:
        if name not in built or built[name] > step:
            yield "LFL009", f"`self.{name}`", node
    yield from (("LFL002", f"what `{name}` makes", node) for name, node in layer.holders)
    yield from (("LFL004", name, node) for name, node in layer.reserved)
    yield from (("LFL007", "", node) for node in layer.late_weights)
    if not layer.adopts_in_helper:
        yield from (("LFL010", f"`self.{name}`", node) for name, node in layer.bare if name not in layer.listed)
    if layer.modern and "build" in layer.methods and "compute_output_shape" in layer.methods:
        for sublayer in layer.sublayers:
            if (
                sublayer.method in {"__init__", "build"}
                and sublayer.attribute
                and not sublayer.contained
                and sublayer.attribute not in built
            ):
                yield "LFL008", f"`self.{sublayer.attribute}`", sublayer.node
    if not layer.config_passes_all:
        arguments: dict[str, cst.CSTNode] = {**layer.arguments, **layer.popped}
        yield from (("LFL006", name, node) for name, node in arguments.items() if name not in layer.config)


def _patches(node: cst.ClassDef) -> bool:
    """Whether a class tracks by itself: its own `__setattr__` or weight properties."""
    names = {item.name.value for item in node.body.body if isinstance(item, cst.FunctionDef)}
    return bool(names & {"__setattr__", "trainable_weights", "weights"})


def _made_in(node: cst.CSTNode, imports: Imports, own: dict[str, cst.ClassDef]) -> list[str]:
    """The layers with weights that a function or class makes, its own classes among them."""
    calls = [dotted(call.func) for call in _calls(node) if dotted(call.func) in own]
    stock = [imports.resolve(call.func) for call in _calls(node)]
    return [last for name in stock if is_layer_class(name) for last in [name.rpartition(".")[2]] if has_weights(last)] + calls


def _uses_ops(module: cst.Module, imports: Imports) -> bool:
    return any(imports.resolve(call.func).startswith(("keras.ops.", "keras.saving.", "keras.random.")) for call in _calls(module))


def _calls(node: cst.CSTNode) -> list[cst.Call]:
    found: list[cst.Call] = []

    class Visitor(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> None:
            found.append(node)

    node.visit(Visitor())
    return found


def _layers_in(function: cst.CSTNode, imports: Imports, module: cst.Module) -> list[str]:
    """Layers with weights that a Lambda's function makes, or uses from outside of it."""
    if isinstance(function, cst.Name):
        named = [node for node in module.body if isinstance(node, cst.FunctionDef) and node.name.value == function.value]
        if not named:
            return []
        function = named[0].body
    made_outside = _assigned_layers(module, imports)
    found = []
    for call in _calls(function):
        name = imports.resolve(call.func)
        last = name.rpartition(".")[2]
        if is_layer_class(name) and has_weights(last):
            found.append(last)
        elif dotted(call.func) in made_outside:
            found.append(f"`{dotted(call.func)}`")
    return found


def _assigned_layers(module: cst.Module, imports: Imports) -> set[str]:
    found: set[str] = set()

    class Visitor(cst.CSTVisitor):
        def visit_Assign(self, node: cst.Assign) -> None:
            value = node.value
            if (
                isinstance(value, cst.Call)
                and is_layer_class(imports.resolve(value.func))
                and has_weights(dotted(value.func).rpartition(".")[2])
            ):
                found.update(dotted(target.target) for target in node.targets if dotted(target.target))

    module.visit(Visitor())
    return found
