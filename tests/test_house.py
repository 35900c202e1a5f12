"""The house: imports go down through its rooms, never up and never in a circle, and each library has its home."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "layerfix"

ROOMS = (
    "__main__",
    "cli",
    "jobs",
    "commands",
    "report",
    "pytest_plugin",
    "saving_guard",
    "linter",
    "comparison",
    "results",
    "strategies",
    "inference",
    "probe",
    "write",
    "graph",
    "fleet",
    "rng",
    "emit",
    "diagnose",
    "layers",
    "reference",
    "dialects",
    "matching",
    "scavenge",
    "options",
    "blueprint",
    "model",
    "containers",
    "predictions",
    "bytecode",
    "isolation",
    "legacy",
    "disk",
    "searching",
    "arrays",
    "progress",
    "errors",
    "version",
)
"""From the roof to the ground: a room imports only what stands below it, lazy and typing imports included."""


HOMES = {
    "tensorflow": {"graph", "probe", "layers", "saving_guard"},
    "keras": {"graph", "probe", "layers", "pytest_plugin", "saving_guard"},
    "numba": {"rng"},
    "llvmlite": {"rng"},
    "click": {"cli"},
}
"""Which rooms may import a library."""
COPIED = "layerfix.emit.runtime."
"""Files that are copied into what users get, and imported by nobody here."""


def modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = modules()


@cache
def imported(tree: ast.Module, *, typing: bool = True) -> tuple[tuple[str, int], ...]:
    """(module, line) of every import, wherever it stands; without `typing` those that only a type checker sees are left out."""
    return tuple(_imported(tree, typing))


def _imported(tree: ast.Module, typing: bool) -> Iterator[tuple[str, int]]:
    unseen = set() if typing else {id(inner) for node in tree.body if _is_for_typing(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if inner in MODULES else node.module), node.lineno


def _is_for_typing(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def room(module: str) -> str | None:
    """The room of a module; None for the package's own face."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room(module) for module in MODULES} - {None} == set(ROOMS)


def test_no_import_goes_up() -> None:
    upward = []
    for module, tree in MODULES.items():
        for target, line in imported(tree):
            above, below = room(module), room(target) if target.startswith("layerfix") else None
            if above is not None and below is not None and ROOMS.index(above) > ROOMS.index(below):
                upward.append(f"{module}:{line} imports {target}")
    assert len(MODULES) > 300
    assert upward == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    below: dict[str, set[str]] = defaultdict(set)
    for module, tree in MODULES.items():
        below[module] = {target for target, _ in imported(tree) if target in MODULES and target != module}
    while True:
        grounded = {module for module, targets in below.items() if not targets}
        if not grounded:
            break
        below = {module: targets - grounded for module, targets in below.items() if module not in grounded}
    assert sorted(below) == []


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_library_is_imported_at_home_only(library: str) -> None:
    ours = {module: tree for module, tree in MODULES.items() if not module.startswith(COPIED)}
    users = {room(module) for module, tree in ours.items() for target, _ in imported(tree, typing=False) if target.split(".")[0] == library}
    assert users
    assert users <= HOMES[library]


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{module}:{node.lineno}"
        for module, tree in MODULES.items()
        if room(module) not in {"cli", "__main__"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_no_module_bears_the_name_of_a_public_function() -> None:
    import layerfix

    functions = set(layerfix.__all__) - {"__version__"}
    assert functions >= {"audit", "diff", "migrate", "repair", "seeds", "verify"}
    assert not functions & set(ROOMS)


TESTS = [
    (path.relative_to(PACKAGE.parent), node)
    for path in sorted((PACKAGE.parent / "tests").rglob("test_*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
]
_REPEATING = {"enumerate", "product", "range", "reversed", "sorted", "zip"}


def asserts(node: ast.stmt) -> bool:
    """Whether it is certain that this statement asserts something when it runs, over whatever it loops."""
    match node:
        case ast.Assert():
            return True
        case ast.With(items=items, body=body):
            return any(_expects(item.context_expr) for item in items) or any(map(asserts, body))
        case ast.Expr(value=ast.Call() as call):
            return _expects(call)
        case ast.For(iter=over, body=body):
            return _never_empty(over) and any(map(asserts, body))
        case ast.If(body=body, orelse=other):
            return any(map(asserts, body)) and any(map(asserts, other))
        case ast.Try(body=body, finalbody=last):
            return any(map(asserts, [*body, *last]))
    return False


def _expects(node: ast.expr) -> bool:
    name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return name.startswith(("assert_", "_assert_", "np.testing.assert_")) or name in {
        "pytest.raises",
        "pytest.warns",
        "jsonschema.validate",
    }


def _never_empty(over: ast.expr) -> bool:
    match over:
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return bool(elements)
        case ast.Dict(keys=keys):
            return bool(keys)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _REPEATING:
            return all(isinstance(argument, ast.Constant) or _never_empty(argument) for argument in arguments)
    return False


def test_no_test_can_pass_on_nothing() -> None:
    assert len(TESTS) > 900
    assert [f"{path}:{node.lineno}" for path, node in TESTS if not any(map(asserts, node.body))] == []


@pytest.mark.parametrize(
    "source",
    [
        "value = 1",
        "for row in rows():\n    assert row",
        "if rows:\n    assert rows[0]",
        "for row in []:\n    assert row",
        "with open('x') as file:\n    file.read()",
    ],
)
def test_what_may_assert_nothing_is_told_from_what_does(source: str) -> None:
    doubtful = ast.parse(source).body
    assert not any(map(asserts, doubtful))
    assert any(map(asserts, [*doubtful, *ast.parse("assert True").body]))


def test_no_two_files_of_tests_have_one_name() -> None:
    names = Counter(path.name for path in (PACKAGE.parent / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_the_page_of_the_house_names_every_room() -> None:
    rows = (line.split("|")[1] for line in (PACKAGE.parent / "ARCHITECTURE.md").read_text().splitlines() if line.startswith("| `"))
    told = {word.strip("`/").removesuffix(".py") for row in rows for word in row.split() if word.startswith("`")}
    assert {*ROOMS} - told == {"__main__"}
