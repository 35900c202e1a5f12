"""The defect in source code: layer classes whose weights a save would lose, found without running them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import astuple
from pathlib import Path
from typing import Any

from layerfix.errors import UsageError
from layerfix.isolation.child import Child, ChildError
from layerfix.isolation.limits import Limits
from layerfix.results.lint import LintFinding

LIMITS = Limits(seconds=20, cpu=20, memory=1 << 30)
"""For one file: the parser recurses where the source nests, and some rules compare every class with every other."""
UNREADABLE = "LFL000"
"""The code of the one finding of a file that could not be checked."""


def lint(paths: Sequence[Path], *, fix: bool = False, in_process: bool = False) -> tuple[LintFinding, ...]:
    """Findings in Python files and in all `*.py` of folders, sorted by place. A file that cannot be checked is one finding, `UNREADABLE`.

    Args:
        fix: rewrite the files where that is safe; what is left is returned.
        in_process: parse the files in this process, not in a child with limits: source can be written to crash a parser, or to keep it
            busy for hours.

    Raises:
        UsageError: for a file or folder that does not exist.
    """
    from layerfix.commands.answers import answered

    files = _files(paths)
    with nullcontext() if in_process else Child(LIMITS) as child:

        def ask(path: Path) -> dict[str, Any]:
            task = {"do": "lint", "path": str(path), "fix": fix}
            return answered(str(path), lambda: lint_answer(path, fix=fix)) if child is None else dict(child.ask(task))

        found = [finding for path in files for finding in _findings(path, ask)]
    return tuple(sorted(found, key=lambda finding: (finding.path, finding.line, finding.column, finding.code)))


def _findings(path: Path, ask: Callable[[Path], dict[str, Any]]) -> list[LintFinding]:
    try:
        answer = ask(path)
    except ChildError as error:
        answer = {"state": "failed", "problem": f"checking it {error}."}
    if answer["state"] != "ok":
        problem = str(answer["problem"]).removeprefix(f"{path}: ")
        return [LintFinding(UNREADABLE, str(path), 1, 1, f"could not be checked: {problem}", False)]
    if answer["source"] is not None:
        path.write_text(answer["source"], encoding="utf-8", newline="")
    return [LintFinding(*told) for told in answer["findings"]]


def lint_answer(path: Path, *, fix: bool) -> dict[str, Any]:
    """The findings of a file as plain values, and its source where `fix` changes that.

    Raises:
        UsageError: for a file that cannot be read or is no Python 3.
    """
    from layerfix.linter.check import check
    from layerfix.linter.fixes import fixed

    source = fixed(path) if fix else None
    changed = source is not None and source.encode() != path.read_bytes()
    found = check(path, source if changed else None)
    return {"findings": [astuple(finding) for finding in found], "source": source if changed else None}


def fix(path: Path) -> str:
    """The file's source with its safe fixes applied; the file itself stays as it is."""
    from layerfix.linter.fixes import fixed

    return fixed(Path(path))


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise UsageError("does not exist.", where=str(path), hint="Name a Python file or a folder.")
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return list(dict.fromkeys(found))
