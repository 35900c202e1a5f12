"""How a file uses the names that it imports: which it calls, hands on, derives from, and which functions of the backend it speaks of."""

from __future__ import annotations

import libcst as cst

from layerfix.emit.names import Imports, canonical, dotted, imported, is_layer_class

BACKEND = "keras.backend"
_JUDGE = frozenset({"super", "isinstance", "issubclass"})
"""Functions that take a class for what it is, and never make a layer with it."""


class Uses(cst.CSTVisitor):
    """How a file uses the names it imports."""

    def __init__(self, imports: Imports) -> None:
        self.imports = imports
        self.otherwise: set[str] = set()
        self.names: set[str] = set()
        self.values: set[cst.CSTNode] = set()
        self.judging = 0
        self.backend: set[str] = set()
        self.assigned: set[str] = set()
        self.layer_classes: list[str] = []
        self.called: set[cst.CSTNode] = set()

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        for _, full in imported(node):
            name = canonical(full)
            if name.startswith(f"{BACKEND}."):
                self.backend.add(name.rpartition(".")[2])
        return False

    def visit_Call(self, node: cst.Call) -> None:
        self.called.add(node.func)
        if isinstance(node.func, cst.IfExp):  # (LSTM if gated else GRU)(units)
            self._hands_on(node.func)
        self.judging += dotted(node.func) in _JUDGE
        for argument in node.args:
            self._hands_on(argument.value)

    def leave_Call(self, original_node: cst.Call) -> None:
        self.judging -= dotted(original_node.func) in _JUDGE

    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)
        if node not in self.called and node.value in self.imports.bound:
            self.otherwise.add(node.value)

    def visit_Assign(self, node: cst.Assign) -> None:
        self._hands_on(node.value)

    def visit_Return(self, node: cst.Return) -> None:
        self._hands_on(node.value)

    def visit_DictElement(self, node: cst.DictElement) -> None:
        self._hands_on(node.value)

    def visit_Element(self, node: cst.Element) -> None:
        self._hands_on(node.value)

    def _hands_on(self, value: cst.CSTNode | None) -> None:
        """Notes the layer classes that an expression gives as they are."""
        if self.judging:
            return
        if isinstance(value, cst.IfExp):
            self._hands_on(value.body)
            self._hands_on(value.orelse)
        elif isinstance(value, cst.BooleanOperation):
            self._hands_on(value.left)
            self._hands_on(value.right)
        elif isinstance(value, cst.Name) and is_layer_class(self.imports.resolve(value)):
            self.values.add(value)

    def visit_Attribute(self, node: cst.Attribute) -> bool | None:
        name = self.imports.resolve(node)
        if name.startswith(f"{BACKEND}.") and name.count(".") == 2:
            self.backend.add(name.rpartition(".")[2])
        return None

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        target = node.target
        if isinstance(target, cst.Attribute) and dotted(target.value) == "self":
            self.assigned.add(target.attr.value)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        for base in node.bases:
            name = self.imports.resolve(base.value)
            if name == "keras.layers.Layer" or is_layer_class(name) or dotted(base.value) in self.layer_classes:
                self.layer_classes.append(node.name.value)
                break
