"""Constructor arguments that a legacy config lost: which, their defaults, and the values worth trying. Reads source, runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.containers import config
from layerfix.containers.config import LayerNode, plain_class
from layerfix.containers.wrapped import expanded
from layerfix.errors import LayersError
from layerfix.layers import corrected
from layerfix.legacy.stock import is_stock

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint

_GIVEN_BY_KERAS = frozenset({"self", "name", "trainable", "dtype", "input_shape", "batch_input_shape", "weights"})
_OF_KEYWORDS = _GIVEN_BY_KERAS | {"input_dim", "input_length", "batch_size", "input_dtype"}
_BY_WORD = {
    "activation": ("relu", "tanh", "sigmoid", "linear", "elu", "softmax", "selu", "softplus", "softsign", "hard_sigmoid"),
    "initializer": ("glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "zeros", "ones", "orthogonal", "lecun_uniform"),
    "padding": ("same", "valid", "causal"),
}
_SMALL = tuple(range(1, 9))
_COMMON = (8, 16, 32, 64, 128, 256, 4, 12, 24, 48, 10, 20, 50, 100)
LIMIT = 20
"""Candidates per argument at most."""


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


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    default: Any
    required: bool
    options: tuple[Any, ...]


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
                sizes = _sizes(checkpoint, node, nodes)
                candidates = _candidates(parameter, sizes)
                found.append(LostArgument(node.path, class_name, parameter.name, parameter.default, candidates, parameter.required))
    return tuple(found)


def _custom(node: LayerNode, known: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Class and config of a layer, or of the one that a wrapper holds."""
    inner = node.config.get("layer")
    if node.class_name not in known and isinstance(inner, Mapping) and plain_class(inner.get("class_name")) in known:
        return plain_class(inner["class_name"]), inner.get("config") or {}
    return node.class_name, node.config


def _signatures(layers: Sequence[Path]) -> dict[str, tuple[_Parameter, ...]]:
    shipped = {
        name: tuple(_Parameter(argument, values[0], False, tuple(values)) for argument, values in entry.arguments.items())
        for name, entry in corrected().items()
    }
    return shipped | {name: found for path in layers for name, found in _source_signatures(Path(path)).items()}


def _source_signatures(path: Path) -> dict[str, tuple[_Parameter, ...]]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, ValueError, SyntaxError, RecursionError) as error:
        raise LayersError(f"cannot be read as Python 3: {error}.", where=str(path)) from error
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    constants = {
        target.id: node.value
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    return {name: tuple(_parameters(_constructor(node, classes), node, constants)) for name, node in classes.items()}


def _constructor(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], depth: int = 0) -> ast.FunctionDef | None:
    """The `__init__` of a class, its own or inherited inside the file."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return item
    bases = [classes[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    return next((found for base in bases if depth < 8 for found in [_constructor(base, classes, depth + 1)] if found), None)


def _parameters(init: ast.FunctionDef | None, owner: ast.ClassDef, constants: Mapping[str, ast.expr]) -> Iterator[_Parameter]:
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
        yield _Parameter(name, _literal(default, constants), required, options)


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


def _options(name: str, owner: ast.ClassDef, constants: Mapping[str, ast.expr]) -> Iterator[Any]:
    """Values that the source compares an argument with: `x == "mean"`, `x in ("a", "b")`, `{"a": ...}[x]`."""
    for node in ast.walk(owner):
        if isinstance(node, ast.Compare) and any(_is_argument(side, name) for side in (node.left, *node.comparators)):
            for side in (node.left, *node.comparators):
                yield from _values(side, name, constants)
        elif isinstance(node, ast.Subscript) and _is_argument(node.slice, name):
            table = constants.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            if isinstance(table, ast.Dict):
                yield from (key.value for key in table.keys if isinstance(key, ast.Constant))


def _words_by_use(name: str, owner: ast.ClassDef) -> Iterator[str]:
    """Names that fit where the source hands an argument on: `activations.get(x)`, `getattr(K, x)`, `Dense(8, activation=x)`."""
    for node in ast.walk(owner):
        if not isinstance(node, ast.Call):
            continue
        named = [keyword.arg or "" for keyword in node.keywords if _is_argument(keyword.value, name)]
        if any(_is_argument(argument, name) for argument in node.args):
            named.append("activation" if _is_named(node.func, "getattr") else ast.unparse(node.func))
        for word, values in _BY_WORD.items():
            if word != "padding" and any(word in each for each in named):
                yield from values


def _layer_words(owner: ast.ClassDef) -> Iterator[str]:
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


def _sizes(checkpoint: Checkpoint, node: LayerNode, nodes: Sequence[LayerNode]) -> list[int]:
    """Sizes that the file shows, those nearest to the layer first: its own weights, its neighbours', then all others'."""
    consumers = {other.name for other in nodes if any(node.name in call for call in other.inbound)}
    sources = {source for call in node.inbound for source in call}
    near = [*(w for w in checkpoint.weights if node.name in w.name.split("/")), *_reached(checkpoint, nodes, sources, up=True)]
    near += _reached(checkpoint, nodes, consumers, up=False)
    sizes = [size for weight in near for size in reversed(weight.shape)]
    sizes += [size for weight in checkpoint.weights for size in reversed(weight.shape[-2:])]
    return [size for size in dict.fromkeys(sizes) if 1 <= size <= 4096]


def _reached(checkpoint: Checkpoint, nodes: Sequence[LayerNode], names: set[str], *, up: bool) -> Iterator[Any]:
    """Weights of the nearest layers with any, above or below."""
    seen: set[str] = set()
    while names - seen:
        name = sorted(names - seen)[0]
        seen.add(name)
        weights = [weight for weight in checkpoint.weights if name in weight.name.split("/") or weight.owner == name]
        if weights:
            yield from weights
        elif up:
            names = names | {source for other in nodes if other.name == name for call in other.inbound for source in call}
        else:
            names = names | {other.name for other in nodes if any(name in call for call in other.inbound)}


def _candidates(parameter: _Parameter, sizes: Sequence[int]) -> tuple[Any, ...]:
    default = parameter.default
    found: list[Any] = [] if parameter.required else [default]
    if isinstance(default, bool):
        found.append(not default)
    elif isinstance(default, str) or parameter.options:
        words = next((values for word, values in _BY_WORD.items() if word in parameter.name), ())
        named = [*parameter.options, *(words if not parameter.options else ())]
        found += [word for word in named if default is not None or word != "linear"]  # which is what None stands for
    elif isinstance(default, int) or (default is None and parameter.required):
        found += _integers(default, sizes)
    elif isinstance(default, tuple | list) and default and all(isinstance(size, int) for size in default):
        found += [type(default)([size] * len(default)) for size in (1, 2, 3, 5, 7)]
    unique: list[Any] = []
    for value in found:
        if not any(type(value) is type(other) and value == other for other in unique):
            unique.append(value)
    return tuple(unique[:LIMIT])


def _integers(default: int | None, sizes: Sequence[int]) -> list[int]:
    """Small counts for a small default, sizes in the file for a large one, and some of the other kind."""
    if default is not None and default <= 8:
        around = sorted(_SMALL, key=lambda size: (abs(size - default), size))
        halves = (size // 2 for size in sizes if size % 2 == 0)  # what a Bidirectional joins
        return [*[*around, *(size for size in (*sizes, *halves) if size > 8)][: LIMIT - 4], 16, 32, 64]
    related = [] if default is None else [default // 2, default * 2, default // 4, default * 4]
    return [*sizes[: LIMIT - 8], *related, *_COMMON]
