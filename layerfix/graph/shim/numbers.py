"""Numbers that stand in the user's source, and the source with some of them changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from layerfix.graph.shim.neighbours import file_of, place_of

Place = tuple[str, int, int]
"""File, line, column."""
Changed = Mapping[Place, float]
"""Numbers to stand in place of what the source says."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that somebody may have tuned: written with a fraction.

    Attributes:
        place: where it stands.
        value: what is written.
        inside: the class or function around it, "" at the top of the file.
    """

    place: Place
    value: float
    inside: str

    def __str__(self) -> str:
        where = f"{Path(self.place[0]).name}, line {self.place[1]}"
        return f"{self.value!r} ({f'{self.inside}, ' if self.inside else ''}{where})"


def numbers(paths: Sequence[Path]) -> list[Number]:
    """Those of the files and of what they import from beside themselves, in order.

    Whole numbers count things, and nobody tunes them by a few per cent.
    """
    found: list[Number] = []
    pending, seen = [Path(path) for path in paths], set[Path]()
    while pending:
        path = pending.pop(0)
        if path not in seen:
            seen.add(path)
            tree = ast.parse(path.read_text(encoding="utf-8-sig"), str(path))
            found += _numbers(tree, str(path), "")
            pending += _beside(tree, path)
    return found


def changed(tree: ast.Module, path: Path, others: Changed) -> None:
    """Put other numbers into the tree of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and (place := (str(path), node.lineno, node.col_offset)) in others:
            node.value = others[place]


def _beside(tree: ast.Module, path: Path) -> Iterator[Path]:
    """The user's own files that this one imports."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        level = node.level if isinstance(node, ast.ImportFrom) else 0
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [module, *(f"{module}.{name}" for name in names)]
        places = (place_of(path, name, level) for name in names)
        yield from (file for place in places if place is not None and (file := file_of(place)) is not None)


def _numbers(node: ast.AST, path: str, inside: str) -> Iterator[Number]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, float) and not child.value.is_integer():
            yield Number((path, child.lineno, child.col_offset), child.value, inside)
        named = child.name if isinstance(child, ast.ClassDef | ast.FunctionDef) else ""
        yield from _numbers(child, path, ".".join(filter(None, (inside, named))))
