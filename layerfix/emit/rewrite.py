"""The changes to the user's code: its imports, its base classes, and how it names what Keras 3 has elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from layerfix.emit import backend
from layerfix.emit.names import STAR, Flavour, Imports, canonical, dotted, imported, is_layer_class
from layerfix.emit.today import BROUGHT, DEFAULTS, RESERVED
from layerfix.emit.uses import BACKEND, Uses
from layerfix.errors import UsageError
from layerfix.legacy.aliases import ALIASES, KERAS1_ALIASES

_TODAY = {**ALIASES, "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
_CUDNN = {"CuDNNLSTM": "", "CuDNNGRU": "reset_after=True"}


class Rewrite(cst.CSTTransformer):
    """One file's changes.

    Attributes:
        used_backend: functions of keras.backend that the file uses.
        brought: layers in use that Keras 3 does not have and an emitted file brings along.
        uses_tensorflow: whether it calls TensorFlow by itself, and so by names of TensorFlow 1.
        layer_classes: layer classes that it defines, in order.
    """

    def __init__(self, imports: Imports, flavour: Flavour, where: str) -> None:
        self.imports, self.flavour, self.where = imports, flavour, where
        self.used_backend: set[str] = set()
        self.layer_classes: list[str] = []
        self.shadowed: set[str] = set()
        self.uses_tensorflow = False
        self.brought: set[str] = set()

    def _refuse_keras1(self) -> None:
        for name in self.imports.bound.values():
            last = name.rpartition(".")[2]
            if last in KERAS1_ALIASES and is_layer_class(canonical(name)):
                raise UsageError(
                    f"{last} is a layer of Keras 1, whose arguments have other names today.",
                    where=self.where,
                    hint=f"Write {KERAS1_ALIASES[last]} in the source, or emit with --for keras2.",
                )

    def visit_Module(self, node: cst.Module) -> None:
        uses = Uses(self.imports)
        node.visit(uses)
        self.layer_classes = uses.layer_classes
        self.shadowed = {
            name for name, full in self.imports.bound.items() if is_layer_class(canonical(full)) and name not in uses.otherwise
        }
        self.reserved = uses.assigned & RESERVED if self.flavour == "keras3" else set[str]()
        self.used = uses.names
        self.values = uses.values
        self.used_backend = set(uses.backend)
        if self.flavour == "keras3":
            self._refuse_keras1()
        unknown = sorted(name for name in uses.backend if not backend.known(name))
        if self.flavour == "keras3" and unknown:
            raise UsageError(
                f"K.{unknown[0]} has no equal here for Keras 3.",
                where=self.where,
                hint="Replace it in the source, or emit with --for keras2.",
            )

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        """Imports of Keras, and behind them what stands in for their names."""
        first = original_node.body[0]
        if not isinstance(first, cst.ImportFrom | cst.Import) or len(original_node.body) != 1:
            return updated_node
        lines = self._import_from(first) if isinstance(first, cst.ImportFrom) else self._import(first)
        if lines is None:
            return updated_node
        statements = [cst.ensure_type(cst.parse_statement(line), cst.SimpleStatementLine) for line in lines]
        if not statements:
            return cst.FlattenSentinel([])
        kept = statements[0].with_changes(leading_lines=original_node.leading_lines, trailing_whitespace=original_node.trailing_whitespace)
        # An import that stays as it is keeps the user's own layout.
        if lines[0] == cst.Module([]).code_for_node(first):
            kept = updated_node
        return cst.FlattenSentinel([kept, *statements[1:]])

    def _import_from(self, node: cst.ImportFrom) -> list[str] | None:
        if isinstance(node.names, cst.ImportStar):
            return self._import_star(node)
        names = [(local, full) for local, full in imported(node)]
        if not names or not any(canonical(full).startswith("keras.") for _, full in names):
            return None
        lines, behind = [], []
        for local, full in names:
            name = canonical(full)
            if name == "keras.layers.Layer":
                behind.append(f"{local} = _legacy_layer()")
            elif name == BACKEND:
                behind.append(f"{local} = _Backend()")
            elif name.startswith(f"{BACKEND}.") and self.flavour == "keras3":
                behind.append(f"{local} = _Backend.{name.rpartition('.')[2]}")
            else:
                lines.append((name, local, full))
                if local in self.shadowed:
                    behind.append(f"{local} = {self._tracked(local, name)}")
        if self.flavour == "keras2" and len(lines) == len(names) and dotted(node.module).startswith("keras"):
            return [cst.Module([]).code_for_node(node), *behind]
        return [*self._imports(lines), *behind]

    def _import_star(self, node: cst.ImportFrom) -> list[str] | None:
        """All of Keras' layers, of which those in use are to be tracked; one that was imported before is now another."""
        home = dotted(node.module)
        if not is_layer_class(canonical(f"{home}.Dense")):
            return None
        names = [(local, f"keras.layers.{local}") for local in sorted(self.used & STAR)]
        names = [(local, name) for local, name in names if canonical(self.imports.bound.get(local, "")) == name]
        lines = [f"from {home if self.flavour == 'keras2' else 'keras.layers'} import *"]
        lines += [f"{local} = _legacy_layer()" for local, name in names if name == "keras.layers.Layer"]
        return lines + [f"{local} = {self._tracked(local, name)}" for local, name in names if local in self.shadowed]

    def _imports(self, names: Sequence[tuple[str, str, str]]) -> list[str]:
        """One import statement for each module."""
        by_module: dict[str, list[str]] = {}
        for name, local, full in names:
            old_home = full.startswith("keras.") and self.flavour == "keras2"
            module, _, last = (full if old_home else name).rpartition(".")
            last = _TODAY.get(last, last) if self.flavour == "keras3" else last
            if last in BROUGHT and self.flavour == "keras3":
                continue
            by_module.setdefault(module, []).append(last if last == local else f"{last} as {local}")
            if module == "keras.layers" and last in {"Model", "Sequential"}:
                by_module[module].pop()
                by_module.setdefault("keras.models", []).append(last if last == local else f"{last} as {local}")
        return [f"from {module} import {', '.join(items)}" for module, items in by_module.items() if items]

    def _import(self, node: cst.Import) -> list[str] | None:
        lines = []
        for alias in node.names:
            name, local = canonical(dotted(alias.name)), dotted(alias.asname.name) if alias.asname else ""
            if name == "tensorflow" and self.flavour == "keras3" and len(node.names) == 1:
                self.uses_tensorflow = True
                return [cst.Module([]).code_for_node(node), f"{local or name} = _TensorFlow1()"]
            if name.partition(".")[0] != "keras":
                return None
            if name == BACKEND and local:
                lines.append(f"{local} = _Backend()")
            else:
                name = "keras.layers" if self.flavour == "keras3" and name.split(".")[1:2] in (["engine"], ["layers"]) else name
                lines.append(f"import {name} as {local}" if local else f"import {name if self.flavour == 'keras2' else 'keras'}")
        return lines

    def _tracked(self, expression: str, name: str, how: str = "_tracked") -> str:
        last = name.rpartition(".")[2]
        if last in BROUGHT and self.flavour == "keras3":
            self.brought.add(last)
            expression = last
        defaults = _CUDNN.get(last, DEFAULTS.get(_TODAY.get(last, last), "")) if self.flavour == "keras3" else ""
        return f"{how}({expression}{', ' if defaults else ''}{defaults})"

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        name = self.imports.resolve(original_node.func)
        if is_layer_class(name) and dotted(original_node.func) not in self.shadowed:
            expression = cst.Module([]).code_for_node(updated_node.func)
            return updated_node.with_changes(func=cst.parse_expression(self._tracked(expression, name)))
        return updated_node

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        bases = []
        for old, new in zip(original_node.bases, updated_node.bases, strict=True):
            name = self.imports.resolve(old.value)
            direct = isinstance(old.value, cst.Name) and name == "keras.layers.Layer"
            if (is_layer_class(name) and not name.endswith("Sequential")) or (name == "keras.layers.Layer" and not direct):
                stock = cst.Module([]).code_for_node(new.value)
                base = "_legacy_layer()" if name == "keras.layers.Layer" else self._tracked(stock, name, "_tracking")
                new = new.with_changes(value=cst.parse_expression(base))
            bases.append(new)
        return updated_node.with_changes(bases=bases)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """A layer class that is handed on, to be called elsewhere: `cls = LSTM`."""
        if original_node not in self.values or original_node.value in self.shadowed:
            return updated_node
        return cst.parse_expression(self._tracked(original_node.value, self.imports.resolve(original_node)))

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        if isinstance(original_node.value, cst.Name) and original_node.value.value == "self" and original_node.attr.value in self.reserved:
            return updated_node.with_changes(attr=cst.Name(f"legacy_{original_node.attr.value.lstrip('_')}"))
        attribute = original_node.attr.value
        of_another = dotted(original_node.value) != "self" and not isinstance(original_node.value, cst.Call)
        if self.flavour == "keras3" and of_another and attribute in {"_trainable_weights", "_non_trainable_weights"}:
            return updated_node.with_changes(attr=cst.Name(attribute.lstrip("_")))
        if self.imports.resolve(original_node) == BACKEND:
            return cst.parse_expression("_Backend()")
        return updated_node
