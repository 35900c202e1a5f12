"""What the names in a source file mean: full dotted names of Keras, whatever way they were imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import libcst as cst

from layerfix.legacy.stock import MODELS, STATELESS, WEIGHTED, WRAPPERS

_ROOTS = (
    "tensorflow.python.keras._impl.keras", "tensorflow.contrib.keras.python.keras", "tensorflow.contrib.keras",
    "tensorflow.python.keras", "tensorflow.keras", "tf_keras", "keras",
)  # fmt: skip
_LAYER_HOMES = frozenset(["engine", "legacy", "layers", "models", "_internal"])
STAR = STATELESS | WEIGHTED.keys() | WRAPPERS | MODELS | {"Layer", "Wrapper", "Input", "InputSpec"}
"""What a star import of Keras' layers brings."""
_ELSEWHERE = frozenset(["K", "initializers", "activations", "regularizers", "constraints", "interfaces"])


def dotted(node: cst.CSTNode | None) -> str:
    """`a.b.c` as text; "" for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr.value}" if inner else ""
    return ""


def canonical(name: str) -> str:
    """A dotted name of any Keras as one of `keras`, layers as `keras.layers.X`; other names as they are.

    "keras.engine.topology.Layer", "tensorflow.keras.layers.Layer" and "keras.layers.Layer" are all "keras.layers.Layer".
    """
    root = next((root for root in _ROOTS if name == root or name.startswith(root + ".")), None)
    if root is None:
        return name
    parts = name[len(root) + 1 :].split(".") if name != root else []
    if not parts:
        return "keras"
    if parts[0] == "backend" and len(parts) > 1 and parts[1] == "tensorflow_backend":
        parts.pop(1)
    if parts[0] in _LAYER_HOMES and len(parts) > 1:
        last = parts[-1]
        elsewhere = next((part for part in parts[1:-1] if part in _ELSEWHERE - {"K"}), None)
        if elsewhere is not None:  # "from keras.layers import initializers"
            return f"keras.{elsewhere}.{last}"
        if last in _ELSEWHERE:
            return "keras.backend" if last == "K" else f"keras.{last}"
        if last[0].isupper() or (parts[0] == "layers" and len(parts) == 2 and last in _MERGES) or parts[-2] == "merge":
            return f"keras.layers.{last}"
    if parts in (["Layer"], ["Model"], ["Sequential"], ["Input"]):
        return f"keras.layers.{parts[0]}"
    return ".".join(["keras", *parts])


_MERGES = frozenset(["add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot", "merge"])


@dataclass
class Imports:
    """The names that a module's imports bind, anywhere in it, by local name."""

    bound: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, module: cst.Module, starred: Iterable[str] = ()) -> Imports:
        """`starred` names the layer classes that a star import from a module of Keras brings, where the module has no class so named."""
        found = cls()
        collector = _Collector(found.bound)
        module.visit(collector)
        if collector.layers_from:
            brought = set(starred) - collector.classes - found.bound.keys()
            found.bound.update((name, f"{collector.layers_from}.{name}") for name in sorted(brought))
        return found

    def resolve(self, node: cst.CSTNode | None) -> str:
        """The canonical name of an expression, or "" where it is no imported one."""
        name = dotted(node)
        first, _, rest = name.partition(".")
        if first not in self.bound:
            return ""
        return canonical(f"{self.bound[first]}.{rest}" if rest else self.bound[first])


class _Collector(cst.CSTVisitor):
    def __init__(self, bound: dict[str, str]) -> None:
        self.bound = bound
        self.classes: set[str] = set()
        self.layers_from = ""

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.classes.add(node.name.value)

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            full = dotted(alias.name)
            if alias.asname is not None:
                self.bound[dotted(alias.asname.name)] = full
            else:
                self.bound[full.partition(".")[0]] = full.partition(".")[0]

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar) and is_layer_class(canonical(f"{dotted(node.module)}.Dense")):
            self.layers_from = dotted(node.module)
        for local, full in imported(node):
            self.bound[local] = full


def imported(node: cst.ImportFrom) -> Iterator[tuple[str, str]]:
    """(local name, full name) of each name that a `from` import binds; nothing for relative and star imports."""
    if node.relative or isinstance(node.names, cst.ImportStar):
        return
    for alias in node.names:
        name = dotted(alias.name)
        yield (dotted(alias.asname.name) if alias.asname else name), f"{dotted(node.module)}.{name}"


def is_layer_class(name: str) -> bool:
    """Whether a canonical name is that of a layer class."""
    last = name.rpartition(".")[2]
    return name.startswith("keras.layers.") and last[:1].isupper() and last not in {"InputSpec", "Input", "Layer", "Model"}


Flavour = Literal["keras3", "keras2"]
