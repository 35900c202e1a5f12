"""The defect in source code: layer classes whose weights a save would lose, found without running them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from layerfix.results.lint import LintFinding


def lint(paths: Sequence[Path], *, fix: bool = False) -> tuple[LintFinding, ...]:
    """Findings in Python files and in all `*.py` of folders, sorted by place.

    Args:
        fix: rewrite the files where that is safe; what is left is returned.

    Raises:
        UsageError: for a file that is missing or no Python 3.
    """
    from layerfix.linter.check import check
    from layerfix.linter.fixes import fixed

    found: list[LintFinding] = []
    for path in _files(paths):
        if fix:
            source = fixed(path)
            if source != path.read_text(encoding="utf-8"):
                path.write_text(source, encoding="utf-8")
        found += check(path)
    return tuple(sorted(found, key=lambda finding: (finding.path, finding.line, finding.column, finding.code)))


def fix(path: Path) -> str:
    """The file's source with its safe fixes applied; the file itself stays as it is."""
    from layerfix.linter.fixes import fixed

    return fixed(Path(path))


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return list(dict.fromkeys(found))
