"""Which files a user's source means by its imports: those beside it, and those of the package that it lies in."""

from __future__ import annotations

from pathlib import Path


def place_of(source: Path, name: str, level: int) -> Path | None:
    """Where a module that a source imports lies, as a path without suffix; None where no file of the user's is meant.

    Args:
        source: the file that imports.
        name: as in `import NAME` or `from ..NAME import x`; "" for `from . import x`.
        level: how many dots come before it. Relative imports are always of the user's own files.
    """
    parts = [part for part in name.split(".") if part]
    if level:
        return source.absolute().parents[level - 1].joinpath(*parts)
    beside = source.absolute().parent
    places = (folder.joinpath(*parts) for folder in dict.fromkeys([beside, _around(beside)]))
    return next((place for place in places if file_of(place) is not None), None)


def file_of(place: Path) -> Path | None:
    """The file of a module, or of a package that has one."""
    module, package = place.parent / f"{place.name}.py", place / "__init__.py"
    return module if module.is_file() else package if package.is_file() else None


def _around(folder: Path) -> Path:
    """The folder in which the package lies that a folder belongs to; the folder itself where it is none."""
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder
