"""Runs the user's source: the only code that layerfix ever executes on a user's behalf, given with `--layers`.

Its imports of Keras and TensorFlow are served by `modules`, through an `__import__` that only this source sees.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from layerfix.errors import LayerfixError, LayersError
from layerfix.graph.shim import modules
from layerfix.graph.shim.base import LegacyLayer
from layerfix.graph.shim.explain import describe, placed
from layerfix.graph.shim.neighbours import file_of, place_of
from layerfix.graph.shim.numbers import Changed, changed
from layerfix.legacy.recurrent import OLDEST, RecurrentDefaults

_LEGACY_NAMES = frozenset(
    [
        "name", "trainable", "built", "input_spec", "supports_masking", "stateful", "uses_learning_phase", "trainable_weights",
        "non_trainable_weights", "weights", "losses", "updates", "constraints", "regularizers", "activity_regularizer",
        "dtype", "call", "build",
        "get_config", "from_config", "compute_output_shape", "compute_mask", "add_weight", "add_loss", "add_update",
        "add_variable", "get_weights",
        "set_weights", "count_params", "input", "output", "input_shape", "output_shape",
    ]
)  # fmt: skip


def load_layers(
    paths: Sequence[Path], *, plain: bool = False, recurrent: RecurrentDefaults = OLDEST, others: Changed | None = None
) -> dict[str, Any]:
    """Classes and functions that the files define, by name; a later file wins.

    Args:
        paths: source files.
        plain: whether they get Keras as it is, as the user will import them.
        recurrent: defaults of recurrent layers in the release that wrote the file that they are for.
        others: numbers to stand in place of what the files say.

    Raises:
        LayersError: where a file cannot be read, is Python 2, or fails while it is imported, naming the line.
    """
    found: dict[str, Any] = {}
    for path in paths:
        source = Source(Path(path), plain=plain, recurrent=recurrent, others=others)
        namespace = source.run()
        homes = {namespace["__name__"], *(module.__name__ for module in source.siblings.values())}
        own = {name: value for name, value in namespace.items() if getattr(value, "__module__", None) in homes}
        for name, value in own.items():
            if isinstance(value, types.FunctionType) and value.__name__ == "<lambda>":
                value.__name__ = value.__qualname__ = name  # today's Keras writes a nameless function as code, and refuses to read that
        found |= {name: value for name, value in own.items() if isinstance(value, type | types.FunctionType) and not name.startswith("__")}
    return found


class Source:
    """One file of user source, and the modules beside it that it imports."""

    def __init__(
        self,
        path: Path,
        loaded: dict[str, types.ModuleType] | None = None,
        *,
        plain: bool = False,
        recurrent: RecurrentDefaults = OLDEST,
        others: Changed | None = None,
    ) -> None:
        self.path, self.plain, self.recurrent, self._others = path, plain, recurrent, others or {}
        self.siblings = {} if loaded is None else loaded

    def run(self) -> dict[str, Any]:
        """The namespace after the file has run."""
        tree = self._parse()
        importer = _real_import if _is_modern(tree) and not self.plain else self._import
        module = types.ModuleType(self.path.stem)
        module.__file__ = str(self.path)
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": importer}
        code = compile(tree, str(self.path), "exec")
        try:
            exec(code, module.__dict__)
        except LayerfixError as error:
            raise placed(error, str(self.path), self.path) from error.__cause__
        except Exception as error:
            raise self._failed(error) from error
        return module.__dict__

    def _parse(self) -> ast.Module:
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise LayersError(f"cannot be read: {error}.", where=str(self.path)) from error
        linecache.cache[str(self.path)] = (len(text), None, text.splitlines(keepends=True), str(self.path))
        try:
            tree = ast.parse(text, str(self.path))
        except SyntaxError as error:
            raise self._not_python_3(text, error) from error
        except (ValueError, RecursionError) as error:
            raise LayersError(f"is no Python source: {error}.", where=str(self.path)) from error
        changed(tree, self.path, self._others)
        if not self.plain:
            _Renamed(_reserved(tree)).visit(tree)
        return ast.fix_missing_locations(tree)

    def _not_python_3(self, text: str, error: SyntaxError) -> LayersError:
        line = (error.text or "").strip()
        python_2 = (
            line.startswith(("print ", "exec ", "raise "))
            or "except" in line
            or "<>" in line
            or "`" in line
            or "Missing parentheses" in str(error.msg)
        )
        if python_2:
            return LayersError(
                f"line {error.lineno} is Python 2: {line!r}.",
                where=str(self.path),
                hint="Convert the file first, for instance with 2to3 -w.",
            )
        return LayersError(
            f"line {error.lineno} is no valid Python: {error.msg}.", where=str(self.path), hint="Give a file that Python 3 can read."
        )

    def _failed(self, error: Exception) -> LayersError:
        return LayersError(f"fails while it is imported: {describe(error, self.path)}", where=str(self.path))

    def _import(self, name: str, globals_: Any = None, locals_: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        """`__import__` for this source: Keras and TensorFlow from `modules`, the user's own files by `neighbours`, all else as it is."""
        top = name.partition(".")[0]
        legacy = top in {"keras", "tensorflow", "tf_keras"}
        place = None if legacy and name != top and not level else place_of(self.path, name, level)
        if place is not None and (level or not (legacy and place.is_dir())):
            return self._neighbour(place, name, tuple(fromlist or ()))
        if self.plain or not legacy:
            return builtins.__import__(name, globals_, locals_, fromlist or (), level)
        module = modules.find(name, self.recurrent)
        if module is None:
            return builtins.__import__(name, globals_, locals_, fromlist or (), level)
        return module if fromlist or name == top else modules.find(top, self.recurrent)

    def _neighbour(self, place: Path, name: str, wanted: Sequence[str]) -> types.ModuleType:
        """What an import of a file of the user's binds: the module, with those of its parts that are files themselves; for
        `import a.b` the outermost, with the inner ones in it."""
        parts = {part: place / part for part in wanted if file_of(place / part) is not None}
        only_parts = parts and len(parts) == len(wanted)
        module = types.ModuleType(place.name) if only_parts else self._loaded(place, name)
        for part, inner in parts.items():
            if not hasattr(module, part):
                setattr(module, part, self._loaded(inner, part))
        for outer in [] if wanted else reversed(name.split(".")[:-1]):
            module, inside = types.ModuleType(outer), module
            setattr(module, inside.__name__, inside)
        return module

    def _loaded(self, place: Path, name: str) -> types.ModuleType:
        path = file_of(place)
        if path is None:
            raise LayersError(
                f"imports {name or place.name!r} from beside itself, and {place}.py is not there.",
                where=str(self.path),
                hint="Put the file there or merge it in.",
            )
        if str(path) not in self.siblings:
            module = types.ModuleType(place.name)
            self.siblings[str(path)] = module
            module.__dict__.update(Source(path, self.siblings, plain=self.plain, recurrent=self.recurrent, others=self._others).run())
        return self.siblings[str(path)]


_real_import = builtins.__import__


def _is_modern(tree: ast.Module) -> bool:
    """Whether the source is written for Keras 3 and needs no stand-ins."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "keras"
            and {"ops", "saving", "random", "KerasTensor"} & {a.name for a in node.names}
        ):
            return True
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            if any(name.startswith(("keras.ops", "keras.saving", "keras.src", "keras.random")) for name in names):
                return True
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"ops", "saving"}
            and isinstance(node.value, ast.Name)
            and node.value.id == "keras"
        ):
            return True
    return False


def _reserved(tree: ast.Module) -> frozenset[str]:
    """Attributes that the source sets on itself and that today's Layer uses for its own ends, which legacy Layer did not."""
    assigned = {
        node.attr for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name) and node.value.id == "self"
    }  # fmt: skip
    ours = set(dir(keras.layers.Layer(name="probe"))) | {"events", "memory", "traced", "adopted", "arguments"}
    legacy = _LEGACY_NAMES | {"_trainable_weights", "_non_trainable_weights", "_losses", "_updates", "_constraints"}
    return frozenset(assigned & ours - legacy)


class _Renamed(ast.NodeTransformer):
    """Gives such attributes another name throughout the file."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr in self.names and isinstance(node.value, ast.Name) and node.value.id == "self":
            node.attr = f"legacy_{node.attr.lstrip('_')}"
        return node


def is_legacy(cls: object) -> bool:
    """Whether a class came through the shim."""
    return isinstance(cls, type) and issubclass(cls, LegacyLayer)
