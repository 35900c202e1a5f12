"""The safe rewrites: missing config entries, reserved names."""

from __future__ import annotations

from pathlib import Path

import libcst as cst

from layerfix.emit.assemble import parse
from layerfix.emit.names import dotted
from layerfix.linter.check import layer_classes
from layerfix.linter.completion import completed, completion
from layerfix.linter.facts import LayerClass


def fixed(path: Path) -> str:
    """The file's source, fixed where that is safe."""
    module = parse(path)
    layers = {layer.node.name.value: layer for layer in layer_classes(module)}
    return module.visit(_Fix(layers)).code


class _Fix(cst.CSTTransformer):
    def __init__(self, layers: dict[str, LayerClass]) -> None:
        self.layers = layers
        self.renames: list[set[str]] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        layer = self.layers.get(node.name.value)
        self.renames.append({name for name, _ in layer.reserved} if layer else set())

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self.renames.pop()
        layer = self.layers.get(original_node.name.value)
        what = completion(layer) if layer else None
        return completed(updated_node, what) if what else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        names = self.renames[-1] if self.renames else set()
        if dotted(original_node.value) == "self" and original_node.attr.value in names:
            return updated_node.with_changes(attr=cst.Name(f"own{original_node.attr.value}"))
        return updated_node
