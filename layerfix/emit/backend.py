"""Which functions of legacy `keras.backend` an emitted file can bring along, and their source."""

from __future__ import annotations

import ast
from functools import cache

from layerfix.emit.pieces import emitted

_PREFIX = "_K_"
_STATELESS = ("backend", "backend_layers")
_FILES = (*_STATELESS, "backend_state")
SAME = frozenset(
    [
        "abs", "all", "any", "cast", "cos", "exp", "floor", "log", "logsumexp", "max", "mean", "min",
        "power", "prod", "round", "shape", "sigmoid", "sign", "sin", "softmax", "softplus", "softsign", "square", "squeeze", "stack",
        "std", "sum", "tan", "tanh", "var", "elu", "transpose",
    ]
)  # fmt: skip
"""Functions that `keras.ops` has under the same name with the same arguments."""
ALIKE = frozenset(
    [
        "equal", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum", "not_equal", "one_hot", "ones_like",
        "reshape", "stop_gradient", "tile", "zeros_like",
    ]
)  # fmt: skip
"""Those that it has with the same arguments by place, under other names of their own: `K.reshape(x, shape=...)`."""


def known(name: str) -> bool:
    """Whether an emitted file can bring the function along."""
    return name in SAME or name in _written()


def is_stateless(name: str) -> bool:
    """Whether it can be brought along and neither keeps variables, draws random numbers nor asks for the phase."""
    return name in SAME or name in _written(_STATELESS)


def source(names: frozenset[str]) -> str:
    """Definitions of the functions, each under its name with `_K_` before it, and the class `_Backend` that gathers them."""
    written = _written()
    wanted = sorted(_with_needed(names))
    lines = ["class _Backend:", '    """Of Keras 2\'s backend, what this file uses."""', ""]
    lines += [f"    {name} = staticmethod(ops.{name})" for name in wanted if name in SAME]
    lines += [f"    {name} = staticmethod({_PREFIX}{name})" for name in wanted if name in written]
    return functions(names) + "\n".join(lines) + "\n\n\n"


def functions(names: frozenset[str]) -> str:
    """Definitions of the functions that `keras.ops` does not have, and of those that they call, each with `_K_` before its name."""
    written = _written()
    return "".join(f"{written[name]}\n\n\n" for name in sorted(_with_needed(names)) if name in written)


@cache
def _written(files: tuple[str, ...] = _FILES) -> dict[str, str]:
    """The source of each function of the runtime's backend, by its legacy name."""
    text = "".join(map(emitted, files))
    lines = text.splitlines()
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {node.name.removeprefix(_PREFIX): "\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in functions}


def _with_needed(names: frozenset[str]) -> frozenset[str]:
    """The functions, and those that they call."""
    written = _written()
    found, waiting = set[str](), set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        used = {node.id for node in ast.walk(ast.parse(written.get(name, ""))) if isinstance(node, ast.Name)}
        waiting |= {other.removeprefix(_PREFIX) for other in used if other.startswith(_PREFIX)} - found
    return frozenset(found)
