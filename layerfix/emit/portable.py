"""Whether one legacy layer class does what Keras 3 does by itself, and what it lacks there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import libcst as cst

from layerfix.emit import backend
from layerfix.emit.names import Imports, dotted, is_layer_class
from layerfix.emit.today import RESERVED

BACKEND = "keras.backend"
_BY_HAND = frozenset(
    [
        "trainable_weights", "_trainable_weights", "non_trainable_weights", "_non_trainable_weights",
        "weights", "add_update", "add_variable", "add_loss", "set_weights", "updates", "compute_mask",
        "from_config", "_keras_shape", "setattr", "getattr", "exec", "eval", "globals", "__dict__",
    ]
)  # fmt: skip
"""Names of a class that keeps its list of weights by hand, or reaches where this check can't follow."""
_WEIGHT = frozenset(["name", "shape", "initializer", "trainable", "regularizer", "constraint", "dtype"])
"""Keywords of `add_weight` that mean the same in Keras 2 and 3."""
_HOLDERS = frozenset(
    [
        "Dense", "Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv1D", "SeparableConv2D",
        "DepthwiseConv2D", "BatchNormalization", "Embedding", "PReLU",
    ]
)  # fmt: skip
_IDLE = frozenset(
    [
        *(f"{kind}Pooling{n}D" for kind in ("Average", "Max", "GlobalAverage", "GlobalMax") for n in (1, 2, 3)),
        *(f"{kind}{n}D" for kind in ("UpSampling", "ZeroPadding", "Cropping") for n in (1, 2, 3)),
        "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot", "Activation",
        "Flatten", "Reshape", "Permute", "RepeatVector", "Softmax", "ELU",
    ]
)  # fmt: skip
"""Layers without weights whose arguments mean the same in Keras 2 and 3, defaults aside (emit/today.py)."""
_OTHERWISE = frozenset(
    [
        "alpha", "implementation", "input_length", "input_dim", "input_shape", "batch_input_shape",
        "weights", "mode", "data_format",
    ]
)  # fmt: skip
"""Keywords of stock layers that today's have under another name, or that would need a second look."""
_METHODS = frozenset(["__init__", "build", "call", "compute_output_shape", "get_config"])


class NotPortableError(Exception):
    """The source needs the runtime; the message is the reason, as the end of a sentence."""


def check_module(module: cst.Module, imports: Imports) -> None:
    """Look at all that a source defines.

    Raises:
        NotPortableError: where Keras 3 would not treat a layer class in it as the runtime does.
    """
    names = {item.name.value for item in module.body if isinstance(item, cst.ClassDef)}
    for item in module.body:
        if isinstance(item, cst.ClassDef):
            _check_class(item, imports)
        if not isinstance(item, cst.SimpleStatementLine):
            item.visit(_Check(imports, names))


def _check_class(node: cst.ClassDef, imports: Imports) -> None:
    """A class of the form that is ported: nothing but methods of a layer, and directly a Layer."""
    name = node.name.value
    bases = [imports.resolve(base.value) for base in node.bases]
    if bases != ["keras.layers.Layer"] or node.decorators or node.keywords:
        raise NotPortableError(f"{name} is no plain class that derives from Layer alone")
    for item in node.body.body:
        is_method = isinstance(item, cst.FunctionDef) and item.name.value in _METHODS and not item.decorators
        if not is_method and not _is_docstring(item):
            held = item.name.value if isinstance(item, cst.FunctionDef) else "an attribute of the class"
            raise NotPortableError(f"{name} has {held} beside the usual methods of a layer")


def completed(node: cst.ClassDef, original: cst.ClassDef) -> cst.ClassDef:
    """The class with the file's order of weights and a config that holds all its arguments.

    Raises:
        NotPortableError: where an argument of its constructor can't be told from its attributes.
    """
    methods = {item.name.value: item for item in original.body.body if isinstance(item, cst.FunctionDef)}
    body = [item for item in node.body.body if not _is_shape_rule(item)]
    own = methods.get("get_config")
    if own is not None:
        text = cst.Module([]).code_for_node(own)
        names = _arguments(methods.get("__init__"))
        left = [name for name in names if f"'{name}'" not in text and f'"{name}"' not in text and f"{name}=" not in text]
        if left:
            raise NotPortableError(f"get_config of {node.name.value} leaves out {left[0]}")
    elif arguments := dict(_kept_arguments(methods.get("__init__"))):
        items = ", ".join(f"'{name}': self.{attribute}" for name, attribute in arguments.items())
        lines = f"def get_config(self):\n    return {{**super().get_config(), {items}}}\n"
        body.append(cst.ensure_type(cst.parse_statement(lines), cst.FunctionDef).with_changes(leading_lines=[cst.EmptyLine(indent=False)]))
    bases = [cst.Arg(cst.Name("_OneList")), *node.bases]
    return node.with_changes(bases=bases, body=node.body.with_changes(body=body))


def _is_docstring(item: cst.CSTNode) -> bool:
    first = item.body[0] if isinstance(item, cst.SimpleStatementLine) else None
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString)


def _is_shape_rule(item: cst.CSTNode) -> bool:
    """Keras 3 takes the method's word for the shape and leaves the layers inside unbuilt; without it, it runs `call`."""
    return isinstance(item, cst.FunctionDef) and item.name.value == "compute_output_shape"


def _arguments(init: cst.FunctionDef | None) -> list[str]:
    """The arguments of a constructor."""
    if init is None:
        return []
    parameters = init.params
    if parameters.star_arg is not cst.MaybeSentinel.DEFAULT or parameters.posonly_params or parameters.kwonly_params:
        raise NotPortableError("a constructor takes arguments in another way than by name")
    return [parameter.name.value for parameter in parameters.params[1:]]


def _kept_arguments(init: cst.FunctionDef | None) -> Iterator[tuple[str, str]]:
    """(argument, attribute) of each argument of the constructor."""
    kept = dict(_assigned(init)) if init is not None else {}
    stores = _Stores()
    if init is not None:
        init.visit(stores)
    for name in _arguments(init):
        if name not in kept or stores.counts[name] or stores.counts[f"self.{kept[name]}"] > 1:
            raise NotPortableError(f"a constructor keeps its argument {name} in no attribute as it was given")
        yield name, kept[name]


def _assigned(init: cst.FunctionDef) -> Iterator[tuple[str, str]]:
    """`self.attribute = argument`, as it is, anywhere at the top of the constructor."""
    for line in init.body.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(statement, cst.Assign) and isinstance(statement.value, cst.Name) and len(statement.targets) == 1:
                target = dotted(statement.targets[0].target)
                if target.startswith("self."):
                    yield statement.value.value, target.removeprefix("self.")


class _Stores(cst.CSTVisitor):
    """How often a constructor stores in each name, "n" or "self.n"."""

    def __init__(self) -> None:
        self.counts = Counter[str]()

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self.counts[dotted(node.target)] += 1

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self.counts[dotted(node.target)] += 1


class _Check(cst.CSTVisitor):
    """Walks a class or function; raises NotPortableError at the first thing that Keras 3 would do otherwise."""

    def __init__(self, imports: Imports, classes: Collection[str]) -> None:
        self.imports, self.classes = imports, classes
        self.method = ""
        self.depth = 0
        self.allowed: set[cst.CSTNode] = set()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.allowed |= {node.name, *(base.value for base in node.bases)}

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.depth += 1
        if self.depth == 1:
            self.method = node.name.value
        else:
            raise NotPortableError(f"{node.name.value} is a function inside another")

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self.depth -= 1

    def visit_Lambda(self, node: cst.Lambda) -> None:
        raise NotPortableError("it has a lambda")

    def visit_For(self, node: cst.For) -> None:
        if self.method in ("__init__", "build"):
            raise NotPortableError(f"{self.method} has a loop")

    def visit_Assign(self, node: cst.Assign) -> None:
        """A layer with weights may stand as the value of `self.name = ...` alone."""
        target = dotted(node.targets[0].target) if len(node.targets) == 1 else ""
        if target.startswith("self."):
            if target.removeprefix("self.") in RESERVED:
                raise NotPortableError(f"Keras 3 keeps the name {target} for itself")
            if self.method in ("__init__", "build") and isinstance(node.value, cst.Call):
                self.allowed.add(node.value)

    def visit_Call(self, node: cst.Call) -> None:
        name = self.imports.resolve(node.func)
        if dotted(node.func) == "self.add_weight":
            if any(argument.keyword is None or argument.keyword.value not in _WEIGHT for argument in node.args):
                raise NotPortableError("add_weight is called otherwise than with Keras 3's keywords")
        elif dotted(node.func) == "super":
            self.allowed.update(argument.value for argument in node.args)
        elif is_layer_class(name):
            last = name.rpartition(".")[2]
            if last not in _IDLE and not (last in _HOLDERS and node in self.allowed):
                raise NotPortableError(f"{last} is made elsewhere than in an attribute, or is not among the layers that are ported")
            if any(argument.star or (argument.keyword is not None and argument.keyword.value in _OTHERWISE) for argument in node.args):
                raise NotPortableError(f"{last} gets an argument that Keras 3 may take otherwise")
            self.allowed.add(node.func)

    def visit_Name(self, node: cst.Name) -> None:
        name = self.imports.resolve(node)
        if node.value in _BY_HAND or node.value in ("ops", "keras"):
            raise NotPortableError(f"it speaks of {node.value}")
        if node.value in self.classes and node not in self.allowed:  # one that holds another
            raise NotPortableError(f"it uses its own class {node.value}")
        if is_layer_class(name) and node not in self.allowed:
            raise NotPortableError(f"it hands the class {node.value} on")

    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = self.imports.resolve(node)
        if node.attr.value in _BY_HAND:
            raise NotPortableError(f"it speaks of {node.attr.value}")
        if is_layer_class(name) and node not in self.allowed:
            raise NotPortableError(f"it hands the class {node.attr.value} on")
        if name.startswith(f"{BACKEND}.") and not backend.is_stateless(name.removeprefix(f"{BACKEND}.")):
            raise NotPortableError(f"K.{name.removeprefix(f'{BACKEND}.')} keeps state or has no equal")

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        """Its slope is another today."""
        if "hard_sigmoid" in node.value:
            raise NotPortableError("hard_sigmoid is another function in Keras 3")
