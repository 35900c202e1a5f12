"""Constructor arguments that a legacy config lost: which, their defaults, and the values worth trying. Reads source, runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.containers import config
from layerfix.containers.config import LayerNode
from layerfix.containers.wrapped import expanded
from layerfix.diagnose.candidates import BY_WORD, Parameter, candidates, sizes_shown
from layerfix.errors import LayersError
from layerfix.layers import corrected
from layerfix.legacy.packages import plain_class
from layerfix.legacy.stock import is_stock

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint

_GIVEN_BY_KERAS = frozenset({"self", "name", "trainable", "dtype", "input_shape", "batch_input_shape", "weights"})
_OF_KEYWORDS = _GIVEN_BY_KERAS | {"input_dim", "input_length", "batch_size", "input_dtype"}


@dataclass(frozen=True, slots=True)
class LostArgument:
    """A constructor argument that the saved config does not hold.

    Attributes:
        layer: path of the layer in the config.
        class_name: its class.
        name: of the argument.
        default: what a reload silently takes; None where the argument has no default (`required`).
        candidates: values worth trying, the default first, then by plausibility.
        required: whether the constructor insists on it.
    """

    layer: str
    class_name: str
    name: str
    default: Any
    candidates: tuple[Any, ...]
    required: bool = False


def lost_arguments(checkpoint: Checkpoint, layers: Sequence[Path] = ()) -> tuple[LostArgument, ...]:
    """Arguments of the custom layers that are in no config of the file.

    Args:
        checkpoint: as read; without a config nothing is known to be lost.
        layers: the user's source files; shipped classes are known without.

    Raises:
        LayersError: where a source file cannot be read or parsed.
    """
    if checkpoint.config is None:
        return ()
    known = _signatures(layers)
    nodes = list(config.walk(expanded(config.tree(checkpoint.config))))
    found = []
    for node in nodes:
        class_name, settings = _custom(node, known)
        for parameter in known.get(class_name, ()):
            if parameter.name not in settings and parameter.name not in _GIVEN_BY_KERAS:
                tried = candidates(parameter, sizes_shown(checkpoint, node, nodes))
                found.append(LostArgument(node.path, class_name, parameter.name, parameter.default, tried, parameter.required))
    return tuple(found)


def _custom(node: LayerNode, known: Mapping[str, object]) -> tuple[str, Mapping[str, Any]]:
    """Class and config of a layer, or of the one that a wrapper holds."""
    inner = node.config.get("layer")
    if node.class_name not in known and isinstance(inner, Mapping) and plain_class(inner.get("class_name")) in known:
        return plain_class(inner["class_name"]), inner.get("config") or {}
    return node.class_name, node.config


def _signatures(layers: Sequence[Path]) -> dict[str, tuple[Parameter, ...]]:
    shipped = {
        name: tuple(Parameter(argument, values[0], False, tuple(values)) for argument, values in entry.arguments.items())
        for name, entry in corrected().items()
    }
    return shipped | {name: found for path in layers for name, found in _source_signatures(Path(path)).items()}


def _source_signatures(path: Path) -> dict[str, tuple[Parameter, ...]]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, ValueError, SyntaxError, RecursionError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise LayersError(f"cannot be read as Python 3: {told}.", where=str(path)) from error
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    constants = {
        target.id: node.value
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    families = {name: _family(node, classes) for name, node in classes.items()}
    return {name: tuple(_parameters(_constructor(family), ast.Module(family, []), constants)) for name, family in families.items()}


def _family(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], depth: int = 0) -> list[ast.stmt]:
    """A class and those of the file that it inherits from, nearest first: what is done with an argument may stand in any of them."""
    bases = [classes[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    return [node, *(one for base in bases if depth < 8 for one in _family(base, classes, depth + 1))]


def _constructor(family: Sequence[ast.stmt]) -> ast.FunctionDef | None:
    """The `__init__` of a class, its own or inherited inside the file."""
    items = (item for node in family if isinstance(node, ast.ClassDef) for item in node.body)
    return next((item for item in items if isinstance(item, ast.FunctionDef) and item.name == "__init__"), None)


def _parameters(init: ast.FunctionDef | None, owner: ast.AST, constants: Mapping[str, ast.expr]) -> Iterator[Parameter]:
    if init is None:
        return
    positional = init.args.args
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(init.args.defaults)) + list(init.args.defaults)
    pairs = list(zip(positional, defaults, strict=True)) + list(zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True))
    named = {argument.arg: (default, default is None) for argument, default in pairs}
    for name, (default, required) in {**dict(_taken_from_keywords(init)), **named}.items():
        if name in _GIVEN_BY_KERAS:
            continue
        options = tuple(dict.fromkeys([*_options(name, owner, constants), *_words_by_use(name, owner)]))
        if len(options) == 1:
            options += tuple(word for word in _layer_words(owner) if word not in options)
        yield Parameter(name, _literal(default, constants), required, options)


def _taken_from_keywords(init: ast.FunctionDef) -> Iterator[tuple[str, tuple[ast.expr | None, bool]]]:
    """(name, (default, whether required)) of arguments without a place: `kwargs.pop("name", default)`, `kwargs.get("name", default)`.

    Where all of them are kept, or handed on to a layer inside, its initializers may have been among them.
    """
    keywords = init.args.kwarg.arg if init.args.kwarg else ""
    for node in ast.walk(init):
        if _hands_on(node, keywords):
            yield from ((name, (None, False)) for name in ("kernel_initializer", "bias_initializer"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"pop", "get"} and node.args:
            name = _literal(node.args[0], {})
            if _is_named(node.func.value, keywords) and isinstance(name, str) and name not in _OF_KEYWORDS:
                default = node.args[1] if len(node.args) > 1 else None
                yield name, (default, default is None and node.func.attr == "pop")


def _hands_on(node: ast.AST, keywords: str) -> bool:
    """Whether all keywords go anywhere but to the `__init__` of a base."""
    if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"):
        return any(item.arg is None and _is_named(item.value, keywords) for item in node.keywords)
    return isinstance(node, ast.Assign) and _is_named(node.value, keywords)


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _literal(node: ast.expr | None, constants: Mapping[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name) and node.id in constants:
        node = constants[node.id]
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return None


def _options(name: str, owner: ast.AST, constants: Mapping[str, ast.expr]) -> Iterator[Any]:
    """Values that the source compares an argument with: `x == "mean"`, `x in ("a", "b")`, `{"a": ...}[x]`."""
    for node in ast.walk(owner):
        if isinstance(node, ast.Compare) and any(_is_argument(side, name) for side in (node.left, *node.comparators)):
            for side in (node.left, *node.comparators):
                yield from _values(side, name, constants)
        elif isinstance(node, ast.Subscript) and _is_argument(node.slice, name):
            table = constants.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            if isinstance(table, ast.Dict):
                yield from (key.value for key in table.keys if isinstance(key, ast.Constant))


def _words_by_use(name: str, owner: ast.AST) -> Iterator[str]:
    """Names that fit where the source hands an argument on: `activations.get(x)`, `getattr(K, x)`, `Dense(8, activation=x)`."""
    for node in ast.walk(owner):
        if not isinstance(node, ast.Call):
            continue
        named = [keyword.arg or "" for keyword in node.keywords if _is_argument(keyword.value, name)]
        if any(_is_argument(argument, name) for argument in node.args):
            named.append("activation" if _is_named(node.func, "getattr") else ast.unparse(node.func))
        for word, values in BY_WORD.items():
            if word != "padding" and any(word in each for each in named):
                yield from values


def _layer_words(owner: ast.AST) -> Iterator[str]:
    """ "conv" for a Conv1D in the source: the other side of `if kind == "dense"` takes any other word, and this is the likeliest."""
    names = {node.id for node in ast.walk(owner) if isinstance(node, ast.Name)} | {
        n.attr for n in ast.walk(owner) if isinstance(n, ast.Attribute)
    }
    yield from sorted({name.rstrip("123D").lower() for name in names if is_stock(name)})


def _is_argument(node: ast.expr, name: str) -> bool:
    own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return (isinstance(node, ast.Name) and node.id == name) or (own and isinstance(node, ast.Attribute) and node.attr.lstrip("_") == name)


def _values(node: ast.expr, name: str, constants: Mapping[str, ast.expr]) -> Iterator[Any]:
    value = None if _is_argument(node, name) else _literal(node, constants)
    for item in value if isinstance(value, list | tuple | set | dict) else [value]:
        if isinstance(item, str):
            yield item
