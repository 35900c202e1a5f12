"""The house: imports go down through its rooms, never up and never in a circle, and each library has its home."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
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
    "containers",
    "predictions",
    "bytecode",
    "isolation",
    "legacy",
    "disk",
    "searching",
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


def imported(tree: ast.Module, *, typing: bool = True) -> Iterator[tuple[str, int]]:
    """(module, line) of every import, wherever it stands; without `typing` those that only a type checker sees are left out."""
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
