"""How the searches use the machine: how many threads, and whether compiled code serves, and from where."""

from __future__ import annotations

import os
import stat
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

# Not installed; no folder where it may keep its cache; or its internals, which the compiled searches use, moved with a release.
UNCOMPILED = (ImportError, RuntimeError, AttributeError, TypeError, NotImplementedError)
"""What numba raises where it cannot serve: plain numpy does then, slower and equal."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def by_all_cores(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
    """What `work` makes of each piece, in order; pieces that have not begun are dropped where nobody waits for them any more."""
    with ThreadPoolExecutor(cores()) as pool:
        futures = [pool.submit(work, piece) for piece in pieces]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def numba_wanted() -> bool:
    """False where LAYERFIX_NO_NUMBA asks for plain numpy."""
    return not os.environ.get("LAYERFIX_NO_NUMBA")


@contextmanager
def compiling() -> Iterator[None]:
    """While it lasts, modules that compile with numba may be imported: the current folder has no say in it.

    numba reads `.numba_config.yaml` from the current folder (numba/core/config.py), and that may name the folder of its cache, whose
    entries are pickles. Without a YAML parser it does not; and the cache's place is stated.

    Raises:
        ImportError: where numba is not installed.
    """
    parser = sys.modules.get("yaml")
    if "numba" not in sys.modules:
        sys.modules["yaml"] = None  # type: ignore[assignment]  # so that `import yaml` fails
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells of the missing parser
            from numba.core import config
    finally:
        if sys.modules.get("yaml", 0) is None:
            del sys.modules["yaml"]
        if parser is not None:
            sys.modules["yaml"] = parser
    config._config_fname = os.devnull  # it is looked for again at every compilation
    before, folder = config.CACHE_DIR, cache_folder()
    config.CACHE_DIR = "" if folder is None else str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


def cache_folder() -> Path | None:
    """The folder of compiled code: NUMBA_CACHE_DIR where that is an absolute path, or one of the user's own that nobody else may write to.

    None where there is none such; numba then keeps it beside the source.
    """
    stated = os.environ.get("NUMBA_CACHE_DIR", "")
    if os.path.isabs(stated):
        return Path(stated)
    base = os.environ.get("XDG_CACHE_HOME", "")
    with suppress(OSError, RuntimeError):  # no home, or none that can be written to
        folder = (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "layerfix" / "numba"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _private(folder) else None
    return None


def _private(folder: Path) -> bool:
    """Whether the folder is this user's and closed to others; it is closed where it can be."""
    if os.name != "posix":
        return True
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        return False
    folder.chmod(0o700)
    return True
