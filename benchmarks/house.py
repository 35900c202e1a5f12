"""The house in numbers: sizes, long functions, typing, comments, tests per line of source.

    python benchmarks/house.py [ROOT]

`ROOT` is a checkout; by default this one. Circles and arrows up are none: tests/test_house.py holds that.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

LONG_FUNCTION, LONG_FILE, MANY = 40, 250, 5
COPIED = "runtime"
"""Sources that are copied into what users get, in the words of older Pythons."""


def main(root: Path) -> None:
    files = sorted((root / "layerfix").rglob("*.py"))
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
    lines = {path: _lines(path) for path in files}
    functions = [
        (path, node)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and COPIED not in path.parts
    ]
    lengths = sorted((node.end_lineno or node.lineno) - node.lineno + 1 for _, node in functions)
    words = Counter(word for tree in trees.values() for word in _names(tree))
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    comments = sum(_comments(path) for path in files)
    print(f"files {len(files)}, lines {sum(lines.values()):,}")
    print(f"files above {LONG_FILE} lines: {sum(number > LONG_FILE for number in lines.values())}")
    print(f"functions {len(lengths):,}: median {lengths[len(lengths) // 2]} lines")
    print(f"above {LONG_FUNCTION} lines of code: {sum(_code(node) > LONG_FUNCTION for _, node in functions)}")
    print(f"above {MANY} parameters: {sum(_parameters(node) > MANY for _, node in functions)}")
    print(f"Any {words['Any']:,}, type: ignore {text.count('type: ignore')}")
    print(f"lazy imports {sum(map(_lazy, trees.values()))}")
    print(f"comments: one line in {sum(lines.values()) // max(1, comments)}")
    for room in sorted(path for path in (root / "layerfix").iterdir() if path.is_dir()):
        source = sum(number for path, number in lines.items() if room in path.parents)
        tests = sum(map(_lines, (root / "tests" / room.name).rglob("test_*.py")))
        if source:
            print(f"  {room.name:12} {source:6,} lines, {tests:6,} of tests: {tests / source:.2f}")


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _code(node: ast.FunctionDef) -> int:
    """Its lines without the docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body
    return (node.end_lineno or node.lineno) - body[0].lineno + 1


def _parameters(node: ast.FunctionDef) -> int:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(one.arg not in ("self", "cls") for one in every)


def _names(tree: ast.Module) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _lazy(tree: ast.Module) -> int:
    """Imports inside functions."""
    inside = (inner for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for inner in ast.walk(node))
    return len({inner for inner in inside if isinstance(inner, ast.Import | ast.ImportFrom)})


def _comments(path: Path) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return sum(token.type == tokenize.COMMENT and not token.string.startswith(("# type:", "# noqa", "# fmt")) for token in tokens)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
