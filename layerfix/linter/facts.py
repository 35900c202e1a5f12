"""What one layer class does, as far as its source shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from layerfix.emit.names import Imports, dotted, is_layer_class
from layerfix.linter.rules import RESERVED, has_weights

_CONTAINERS = (cst.List, cst.Dict, cst.Tuple, cst.ListComp, cst.DictComp)

_LISTS = frozenset(
    f"self.{kind}" for kind in ("_trainable_weights", "_non_trainable_weights", "trainable_weights", "non_trainable_weights")
)
_BARE = frozenset(
    f"keras.backend.{name}" for name in ("variable", "zeros", "ones", "eye", "random_uniform_variable", "random_normal_variable")
)
_OF_EVERY_LAYER = frozenset({"name", "trainable", "dtype", "weights", "input_shape", "batch_input_shape", "input_dim", "input_length"})


@dataclass
class Sublayer:
    """A layer that a class makes: where, its class, the attribute that holds it ("" for none), whether in a container or a holder."""

    node: cst.CSTNode
    class_name: str
    method: str
    attribute: str = ""
    contained: bool = False


@dataclass
class LayerClass:
    """One class that derives from Layer."""

    node: cst.ClassDef
    modern: bool
    arguments: dict[str, cst.Param] = field(default_factory=dict)
    popped: dict[str, cst.CSTNode] = field(default_factory=dict)
    methods: set[str] = field(default_factory=set)
    sublayers: list[Sublayer] = field(default_factory=list)
    config: set[str] = field(default_factory=set)
    config_passes_all: bool = False
    built: list[tuple[str, int]] = field(default_factory=list)
    adopted: list[tuple[str, int, cst.CSTNode]] = field(default_factory=list)
    adopts_in_helper: bool = False
    reserved: list[tuple[str, cst.CSTNode]] = field(default_factory=list)
    bare: list[tuple[str, cst.CSTNode]] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    late_weights: list[cst.CSTNode] = field(default_factory=list)
    holders: list[tuple[str, cst.CSTNode]] = field(default_factory=list)


@dataclass(frozen=True)
class Surroundings:
    """What the module around a class has.

    Attributes:
        own_layers: its layer classes.
        holders: its plain classes that make layers.
        adopters: its functions that hand on weights.
        makers: its functions that make layers, with the class of one.
        handed: its names that stand for layer classes, or for collections of them.
    """

    own_layers: frozenset[str]
    holders: frozenset[str]
    adopters: frozenset[str]
    makers: dict[str, str]
    handed: dict[str, str]


def handed_class(value: cst.CSTNode | None, imports: Imports) -> str:
    """The layer class that an expression gives as it is, alone, as one of two, or in a collection; "" for none with weights."""
    if isinstance(value, cst.IfExp):
        return handed_class(value.body, imports) or handed_class(value.orelse, imports)
    if isinstance(value, cst.Dict | cst.List | cst.Tuple):
        return next(filter(None, (handed_class(element.value, imports) for element in value.elements)), "")
    name = imports.resolve(value) if isinstance(value, cst.Name | cst.Attribute) else ""
    last = name.rpartition(".")[2]
    return last if is_layer_class(name) and has_weights(last) else ""


class Body(cst.CSTVisitor):
    """Fills a `LayerClass` from its body."""

    def __init__(self, found: LayerClass, imports: Imports, around: Surroundings) -> None:
        self.found, self.imports, self.around = found, imports, around
        self.handed = dict(around.handed)
        self.late = only_called_late(found.node)
        self.methods: list[str] = []
        self.targets: list[tuple[str, bool]] = []
        self.step = 0

    def made_class(self, node: cst.Call) -> str:
        """The class of the layer that a call makes, or ""."""
        name = self.imports.resolve(node.func)
        local = dotted(node.func)
        if is_layer_class(name):
            last = name.rpartition(".")[2]
            return last if has_weights(last) else ""
        if local in self.around.makers:
            return f"{self.around.makers[local]} (by `{local}`)"
        of = node.func.value if isinstance(node.func, cst.Subscript) else node.func
        handed = self.handed.get(dotted(of), "") or handed_class(of if of is not node.func else None, self.imports)
        return handed or (local if local in self.around.own_layers else "")

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if not self.methods:
            self.found.methods.add(node.name.value)
            if node.name.value == "__init__":
                parameters = [*node.params.params[1:], *node.params.kwonly_params]
                self.found.arguments = {item.name.value: item for item in parameters if item.name.value not in _OF_EVERY_LAYER}
        self.methods.append(node.name.value)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self.methods.pop()

    def visit_Assign(self, node: cst.Assign) -> None:
        target = node.targets[0].target
        value = node.value.value if isinstance(node.value, cst.Subscript) else node.value
        handed = handed_class(value, self.imports) or self.handed.get(dotted(value), "")
        if handed:
            self.handed[dotted(target)] = handed
        inner = target.value if isinstance(target, cst.Subscript) else target
        name = dotted(inner).removeprefix("self.") if dotted(inner).startswith("self.") else ""
        self.targets.append(
            (name, isinstance(target, cst.Subscript) or isinstance(node.value, _CONTAINERS) or _is_container_call(node.value))
        )
        if name in RESERVED and isinstance(target, cst.Attribute):
            self.found.reserved.append((name, node))
        if f"self.{name}" in _LISTS:
            self._adopts(node.value)

    def leave_Assign(self, original_node: cst.Assign) -> None:
        self.targets.pop()

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if dotted(node.target) in _LISTS:
            self._adopts(node.value)

    def _adopts(self, value: cst.CSTNode) -> None:
        self.step += 1
        names = _self_attributes(value)
        self.found.listed |= _names_of_self(value)
        self.found.adopted += [(name, self.step, value) for name in names]
        if not names and "weights" in cst.Module([]).code_for_node(value):
            self.found.adopts_in_helper = True

    def visit_Call(self, node: cst.Call) -> None:
        self.step += 1
        method = self.methods[0] if self.methods else ""
        method = "call" if method in self.late else method  # a helper that `call` alone uses runs when it does
        function = dotted(node.func)
        if function in self.around.adopters and any(dotted(argument.value) == "self" for argument in node.args):
            self.found.adopts_in_helper = True
        if method == "__init__" and function == "kwargs.pop" and node.args and isinstance(node.args[0].value, cst.SimpleString):
            name = str(node.args[0].value.evaluated_value)
            self.found.popped |= {} if name in _OF_EVERY_LAYER else {name: node}
        kind = self.made_class(node)
        if kind:
            attribute, contained = self.targets[-1] if self.targets else ("", False)
            self.found.sublayers.append(Sublayer(node, kind, method, attribute, contained))
        elif function in self.around.holders and self.targets and self.targets[-1][0]:
            self.found.holders.append((function, node))
        if function.startswith("self.") and function.endswith(".build"):
            self.found.built.append((function.split(".")[1], self.step))
        if function.rpartition(".")[0] in _LISTS and function.endswith((".extend", ".append")) and node.args:
            self._adopts(node.args[0].value)
        is_bare = self.imports.resolve(node.func) in _BARE
        if method == "call" and (function == "self.add_weight" or is_bare):
            self.found.late_weights.append(node)
        elif is_bare and self.targets and self.targets[-1][0]:
            self.found.bare.append((self.targets[-1][0], node))
        if method == "get_config" and node.func is not None:
            self.found.config |= {argument.keyword.value for argument in node.args if argument.keyword is not None}

    def visit_For(self, node: cst.For) -> None:
        text = cst.Module([]).code_for_node(node)
        if "_trainable_weights" in text:
            self.found.adopts_in_helper = True

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        if self.methods[:1] == ["get_config"]:
            self.found.config.add(str(node.evaluated_value))

    def visit_Attribute(self, node: cst.Attribute) -> None:
        if self.methods[:1] == ["get_config"] and node.attr.value in {"__dict__", "_arguments"}:
            self.found.config_passes_all = True


def _is_container_call(value: cst.CSTNode) -> bool:
    return isinstance(value, cst.Call) and dotted(value.func) in {"list", "tuple", "dict", "OrderedDict", "collections.OrderedDict"}


def _names_of_self(value: cst.CSTNode) -> set[str]:
    """X of each `self.X` in an expression."""
    found: set[str] = set()

    class Visitor(cst.CSTVisitor):
        def visit_Attribute(self, node: cst.Attribute) -> None:
            if dotted(node.value) == "self":
                found.add(node.attr.value)

    value.visit(Visitor())
    return found


def _self_attributes(value: cst.CSTNode) -> list[str]:
    found: list[str] = []

    class Visitor(cst.CSTVisitor):
        def visit_Attribute(self, node: cst.Attribute) -> None:
            name = dotted(node)
            if name.startswith("self.") and name.endswith("weights") and name.count(".") == 2:
                found.append(name.split(".")[1])

    value.visit(Visitor())
    return found


def only_called_late(node: cst.ClassDef) -> set[str]:
    """Methods that `call` uses, itself or through others, and `__init__` and `build` do not."""
    used = {item.name.value: _self_calls(item) for item in node.body.body if isinstance(item, cst.FunctionDef)}
    return _reached(used, ["call"]) - _reached(used, ["__init__", "build"])


def _reached(used: dict[str, set[str]], start: list[str]) -> set[str]:
    found: set[str] = set()
    while start:
        new = used.get(start.pop(), set()) & used.keys() - found
        found |= new
        start += sorted(new)
    return found


def _self_calls(node: cst.CSTNode) -> set[str]:
    found: set[str] = set()

    class Visitor(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> None:
            if dotted(node.func).startswith("self."):
                found.add(dotted(node.func).removeprefix("self."))

    node.visit(Visitor())
    return found
