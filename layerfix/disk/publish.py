"""Publishing an output: written under a sibling name, synced, renamed into place. Old or new is whole at every moment."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from layerfix.disk.seen import Seen, seen
from layerfix.disk.temporaries import reserved, sweep
from layerfix.errors import WriteError

WEIGHTS = (".weights.h5", ".safetensors")
"""Suffixes of outputs that hold weights alone."""
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EXDEV})
_NO_MODES = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
_WORDS = {
    errno.ENOSPC: ("there is no space left on the disk.", "Free some, or write elsewhere with -o."),
    errno.EDQUOT: ("the disk quota is used up.", "Free some space, or write elsewhere with -o."),
    errno.EROFS: ("the file system is read-only.", "Write elsewhere with -o."),
    errno.EACCES: ("permission denied.", "Check the folder's permissions, or write elsewhere with -o."),
    errno.EPERM: ("the operation is not permitted there.", "Check the folder's permissions, or write elsewhere with -o."),
    errno.ENOENT: ("its folder does not exist.", "Create the folder first."),
    errno.ENOTDIR: ("a part of its path is no folder.", "Check the path."),
    errno.ENAMETOOLONG: ("its name is too long.", "Choose a shorter name with -o."),
    errno.EIO: ("the disk reported an input/output error.", "Check the disk, or write elsewhere with -o."),
}


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one output of a command goes.

    Attributes:
        path: its final name.
        inputs: the files that were read, which it must not be.
        force: whether it may replace what is there.
    """

    path: Path
    inputs: Seen
    force: bool = False

    def publish(self) -> AbstractContextManager[Path]:
        """As `publish`."""
        return publish(self.path, force=self.force, inputs=self.inputs)

    def beside(self, name: str) -> Destination:
        """A second file of the same output, in the same folder."""
        return replace(self, path=self.path.with_name(name))


@contextmanager
def publish(output: Path | str, *, force: bool = False, inputs: Seen | Sequence[Path | str] = ()) -> Iterator[Path]:
    """A sibling file to write to; it takes the output's name only if the block succeeds.

    Args:
        output: the final name.
        force: whether an existing output may be replaced (atomically).
        inputs: files that were read (`seen` before); none of them may be the output, under whatever name, or change meanwhile.

    Yields:
        an empty file in the output's folder, whose name ends with the output's name.

    Raises:
        WriteError: where the output exists, is an input, or cannot be written. Nothing is left then but what was there before.
        OSError: of the block, about a file in another folder.
    """
    output = Path(output)
    before = inputs if isinstance(inputs, Seen) else seen(inputs)
    _refuse(output, force, tuple(before.files))
    with _explained(output):
        sweep(output.parent)
        with reserved(output) as place:
            yield place.path
            _permit(place.path, _mode(output, place.mode, tuple(before.files)))
            _sync(place.path)
            before.unchanged()
            _rename(place.path, output, force)
            _settle(output)


@contextmanager
def no_empty_folders(outputs: Iterable[Path]) -> Iterator[None]:
    """Removes at the end what was made for outputs and holds nothing: the folders that were not there before, and are empty."""
    missing = {folder for parent in {output.parent for output in outputs} for folder in (parent, *parent.parents) if not folder.exists()}
    try:
        yield
    finally:
        for folder in sorted(missing, key=lambda folder: len(folder.parts), reverse=True):
            with suppress(OSError):
                folder.rmdir()


def refuse_output(output: Path | str, *, force: bool = False, inputs: Sequence[Path | str] = ()) -> None:
    """The checks of `publish` that need no work done yet, to fail early. Raises WriteError."""
    _refuse(Path(output), force, inputs)


def refuse_twice(outputs: Iterable[Path | None]) -> None:
    """Raises WriteError where one file is named for two outputs: the second would replace the first, or find it there."""
    told: list[Path] = []
    for output in outputs:
        if output is None:
            continue
        if any(_same(output, other) for other in told):
            raise WriteError("is named for two outputs.", where=str(output), hint="Give each a name of its own.")
        told.append(output)


def _refuse(output: Path, force: bool, inputs: Sequence[Path | str]) -> None:
    for path in map(Path, inputs):
        if _same(output, path):
            message = f"is the input {path} itself; inputs are never changed."
            raise WriteError(message, where=str(output), hint="Choose another name with -o.")
    if output.is_dir():
        raise WriteError("is a folder.", where=str(output), hint="Name a file with -o.")
    if not output.parent.exists():
        raise WriteError("could not be written: its folder does not exist.", where=str(output), hint="Create the folder first.")
    if os.path.lexists(output) and not force:
        raise _exists(output)
    with suppress(OSError):
        if not stat.S_ISREG(output.stat().st_mode):
            raise WriteError("is no regular file, and is not replaced by one.", where=str(output), hint="Choose another name with -o.")


def _exists(output: Path) -> WriteError:
    return WriteError("already exists.", where=str(output), hint="Add --force to replace it, or choose another name with -o.")


def _same(output: Path, path: Path) -> bool:
    """Whether two names lead to one file, through links of any kind."""
    try:
        return os.path.samefile(output, path)
    except OSError:
        return os.path.realpath(output) == os.path.realpath(path)


def _mode(output: Path, fresh: int, inputs: Sequence[Path]) -> int:
    """The permissions of an output: those of what it replaces or else of a new file, and none that an input has not."""
    files = [*inputs, output]
    modes = [stat.S_IMODE(state.st_mode) for state in map(_regular, files) if state is not None]
    mode = 0o777 if _regular(output) is not None else fresh
    for other in modes:
        mode &= other
    return mode


def _regular(path: Path) -> os.stat_result | None:
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return state if stat.S_ISREG(state.st_mode) else None


def _permit(path: Path, mode: int) -> None:
    try:
        path.chmod(mode)
    except OSError as error:
        if error.errno not in _NO_MODES:  # otherwise it stays closed to others
            raise


def _sync(path: Path) -> None:
    """Waits until a file's bytes, or a folder's names, are on the disk."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _settle(output: Path) -> None:
    """Waits until the output's name is on the disk, where the file system can say so."""
    try:
        _sync(output.parent)
    except OSError as error:
        if error.errno in _NO_FOLDER_SYNC:
            return
        message = "is written whole, but its folder could not be brought to the disk; a power cut may still undo it."
        raise WriteError(message, where=str(output), hint="Check the disk.") from error


def _rename(temp: Path, output: Path, force: bool) -> None:
    if force:
        os.replace(temp, output)
        return
    try:
        os.link(temp, output)
    except FileExistsError:
        raise _exists(output) from None
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if os.path.lexists(output):
            raise _exists(output) from None
        os.rename(temp, output)


@contextmanager
def _explained(output: Path) -> Iterator[None]:
    """Puts the operating system's errors, and HDF5's retelling of them, into words; those that name a file elsewhere stay as they are."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        number, named = _number(error), _named(error)
        if (number is None and isinstance(error, RuntimeError)) or (named and not _same(output.parent, named.parent)):
            raise
        words, hint = _WORDS.get(number or 0, (f"{error}.", "Check the disk, or write elsewhere with -o."))
        raise WriteError(f"could not be written: {words}", where=str(output), hint=hint) from error


def _named(error: Exception) -> Path | None:
    """The file that an error is about, where it says so."""
    told = re.search(r"\bname = '([^']+)'", str(error))
    name = told.group(1) if told else getattr(error, "filename", None)
    return Path(os.fsdecode(name)) if isinstance(name, str | bytes | os.PathLike) else None


def _number(error: Exception) -> int | None:
    told = re.search(r"errno = (\d+)", str(error))
    return int(told.group(1)) if told else getattr(error, "errno", None)
